"""Actors with similar names: typing errors, short forms, another order of words."""

from rapidfuzz import fuzz, process, utils

from practices.models import Actor

ALIKE = 84  # of 100; a word more or less, or a slip or two
MAX_DUPLICATES = 5


def near(name: str, acronym: str = "", but: int | None = None) -> list[Actor]:
    """Return at most five actors with a similar name or acronym, the most similar first.

    Leaves out the actor with the key `but`. Two queries.
    """
    actors = {
        key: (other, short)
        for key, other, short in Actor.objects.exclude(pk=but).values_list("pk", "name", "acronym")
    }
    asked = [text for text in (name.strip(), acronym.strip()) if len(text) > 1]
    marks: dict[int, float] = {}
    for text in asked:
        for column, texts in enumerate(zip(*actors.values(), strict=True)):
            alike = name_similarity if column == 0 else fuzz.ratio
            found = process.extract(
                text,
                texts,
                scorer=alike,
                processor=utils.default_process,
                score_cutoff=ALIKE,
                limit=MAX_DUPLICATES,
            )
            for _text, mark, place in found:
                key = list(actors)[place]
                marks[key] = max(mark, marks.get(key, 0))
    best = sorted(marks, key=lambda key: (-marks[key], key))[:MAX_DUPLICATES]
    rows = Actor.objects.in_bulk(best)
    return [rows[key] for key in best if key in rows]


def name_similarity(one: str, other: str, **options: float) -> float:
    """Return the best of three scores: letters, words in any order, and common words of a short form."""
    return max(
        fuzz.ratio(one, other, **options), fuzz.token_sort_ratio(one, other, **options), part(one, other)
    )


def part(one: str, other: str) -> float:
    """Return how well the words of the shorter name, at least two, match the longer one."""
    shorter = min((one.split(), other.split()), key=len)
    return fuzz.token_set_ratio(one, other) * 0.95 if len(shorter) > 1 else 0
