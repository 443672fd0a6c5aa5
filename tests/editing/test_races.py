"""Two saves at the same moment, each in a thread with its own connection: no text is lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.utils import load_backend
from django.test import Client

from practices.exchange import imports, sheet
from practices.models import Import, Practice, User
from practices.workflow import transitions
from tests.admin_form import PracticePage, form_of
from tests.databases import own_database
from tests.factories import make_editor, make_practice

NAMES = ("rosa", "juan")


@pytest.fixture
def races(pytestconfig) -> range:
    return range(100 if pytestconfig.getoption("thorough") else 2)


@pytest.fixture
def database(blank, db) -> Iterator[None]:
    """A real database, in a file for SQLite: one in memory has no concurrent transactions."""
    with own_database(blank):
        yield


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Return the result of each job; all start at the same moment."""
    start, settings = Barrier(len(jobs)), dict(connections["default"].settings_dict)

    def run(job: Callable[[], Any]) -> Any:
        mine = load_backend(settings["ENGINE"]).DatabaseWrapper(dict(settings), "default")
        connections["default"] = mine
        try:
            mine.ensure_connection()
            start.wait(timeout=20)
            return job()
        finally:
            mine.close()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def opened(practice: Practice, **texts: str) -> list[PracticePage]:
    """Return the forms of both editors, each with its own text."""
    pages = []
    for name in NAMES:
        client = Client()
        client.force_login(User.objects.get(username=name))
        page = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
        page.fill(**{field: text.format(name) for field, text in texts.items()})
        pages.append(page)
    return pages


@pytest.mark.slow
def test_of_two_who_save_at_once_the_second_sees_both_texts(database, races):
    for name in NAMES:
        make_editor(name)
    for number in races:
        practice = make_practice(status="draft", slug=f"race-{number}", lessons=("First.",))
        pages = opened(practice, story="Story of {}.", lessons__0__text="Lesson of {}.")
        answers = at_once(*(page.save for page in pages))
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        second = next(number for number, answer in enumerate(answers) if answer.status_code == 409)
        mine, theirs = NAMES[second], NAMES[1 - second]
        asked = {
            question.name: [offer.value for offer in question.offers]
            for question in answers[second].context["conflicts"]
        }
        assert asked == {
            "story": [f"Story of {mine}.", f"Story of {theirs}."],
            "lessons-0-text": [f"Lesson of {mine}.", f"Lesson of {theirs}."],
        }
        answers[second].status_code = 200
        chosen = form_of(answers[second], "conflict_form")
        chosen |= {"story": f"Story of {mine}.", "lessons-0-text": f"Lesson of {theirs}."}
        assert pages[second].client.post(pages[second].address, chosen).status_code == 302
        practice.refresh_from_db()
        assert practice.story == f"Story of {mine}."
        assert [row.text for row in practice.lessons.all()] == [f"Lesson of {theirs}."]


def test_of_a_save_and_a_publication_at_once_the_text_is_public_or_comes_back(database, races):
    for name in NAMES:
        make_editor(name)
    for number in races:
        practice = make_practice(status="draft", slug=f"race-{number}")
        page, _other = opened(practice, story="Story of {}.")
        other = User.objects.get(username="juan")
        answer, _step = at_once(page.save, partial(transitions.take_step, "publish", practice, other))
        practice.refresh_from_db()
        assert practice.status == "published"
        if answer.status_code == 302:
            assert practice.story == "Story of rosa."
        else:
            assert (answer.status_code, practice.story) == (403, "A story.")


def test_two_imports_of_the_same_sheet_at_once_both_succeed(database, races):
    data = b"title,story\n" + b"".join(b"Sent twice %d,S\n" % number for number in range(5))
    for name in NAMES:
        make_editor(name)
    for _round in races:
        before = Practice.objects.count()
        people = [User.objects.get(username=name) for name in NAMES]
        tried = [imports.create_import("a.csv", sheet.read_lines(data), person) for person in people]
        jobs = [partial(import_all, *pair) for pair in zip(tried, people, strict=True)]
        assert at_once(*jobs) == [["new"] * 5, ["new"] * 5]
        assert Practice.objects.count() == before + 10


def test_imports_that_wait_for_each_other_are_told_to_try_again(database):
    """Two sheets with the same titles in opposite order: PostgreSQL stops one of them."""
    rows = [b"Title %d,S\n" % number for number in range(6)]
    for name in NAMES:
        make_editor(name)
    people = [User.objects.get(username=name) for name in NAMES]
    sheets = [b"title,story\n" + b"".join(order) for order in (rows, rows[::-1])]
    tried = [
        imports.create_import("a.csv", sheet.read_lines(data), person)
        for data, person in zip(sheets, people, strict=True)
    ]
    answers = at_once(*(partial(import_all, *pair) for pair in zip(tried, people, strict=True)))
    again = "Someone else saved the same rows at the same time. Nothing was changed. Try again."
    done = [answer for answer in answers if answer == ["new"] * 6]
    assert done
    assert [answer for answer in answers if answer not in (["new"] * 6, [again])] == []
    assert Practice.objects.count() == 6 * len(done)


def import_all(tried: Import, person: User) -> list[str]:
    """Return what each row did, or why the import was refused."""
    try:
        return [outcome.action for outcome in imports.run_import(tried, person, apply=True)]
    except ValidationError as error:
        return error.messages


@pytest.mark.slow
def test_a_new_practice_that_is_sent_twice_at_once_is_saved_once_and_the_second_is_told(database, races):
    rosa = make_editor("rosa")
    for number in races:
        pages = []
        for _time in range(2):
            client = Client()
            client.force_login(rosa)
            page = PracticePage(client, "/admin/practices/practice/add/")
            page.fill(title="Bonds", slug=f"bonds-{number}", story="A story.")
            pages.append(page)
        answers = at_once(*(page.save for page in pages))
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        [refused] = [answer for answer in answers if answer.status_code == 200]
        assert "You have already saved this practice." in refused.content.decode()
        assert Practice.objects.filter(slug=f"bonds-{number}").count() == 1
