"""What the tests of the search ask, as slugs: what is found, and in which order."""

from practices.models import Practice
from practices.models.practice import by_title
from practices.search import Found, find


def ask(text: str) -> Found:
    return find(Practice.objects.published(), text)


def found(text: str) -> list[str]:
    """The slugs of what is found, by the alphabet."""
    return sorted(practice.slug for practice in ask(text).practices)


def ranked(text: str) -> list[str]:
    """The slugs of what is found, the best first, as the site and the API order them."""
    answer = ask(text)
    return [row.slug for row in answer.in_order(answer.practices, "-published_at", by_title(), "pk")]


def terms(text: str) -> list[str]:
    """The terms that a question is read into, as they are searched."""
    return [term.text for term in ask(text).question.terms]
