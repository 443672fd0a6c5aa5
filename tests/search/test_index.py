"""The index follows every change of its content, in the same transaction."""

from collections import Counter
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from practices.models import (
    Actor,
    ChangeLogEntry,
    IndexedLesson,
    IndexedPractice,
    Place,
    Practice,
    Theme,
    VocabularyWord,
)
from practices.search import indexing
from practices.search.backends import LESSONS, PRACTICES, Index
from practices.search.indexing import batch_reindex
from practices.search.integrity import full_problem
from tests.databases import own_database
from tests.factories import make_actor, make_country, make_practice, make_theme
from tests.search.helpers import ask, found

pytestmark = pytest.mark.django_db


def rows() -> tuple[list, list, list]:
    """The whole index: what each engine holds, each practice’s words, and the vocabulary."""
    indexed = IndexedPractice.objects.order_by("pk").values_list("pk", "language", "words", *PRACTICES.fields)
    lessons = IndexedLesson.objects.order_by("pk").values_list("pk", *LESSONS.fields)
    vocabulary = VocabularyWord.objects.order_by("language", "word")
    return (
        [inside(PRACTICES), inside(LESSONS)],
        [*indexed, *lessons],
        list(vocabulary.values_list("language", "word", "stem", "practices")),
    )


def inside(index: Index) -> list[tuple]:
    """What an engine's own table holds, whatever the table beside it says: each stem with where it stands."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"CREATE VIRTUAL TABLE temp.inside USING fts5vocab(main, {index.name}, instance)")
            cursor.execute("SELECT doc, term, col, offset FROM temp.inside ORDER BY 1, 2, 3, 4")
            held = cursor.fetchall()
            cursor.execute("DROP TABLE temp.inside")
        else:
            cursor.execute(f"SELECT id, document::text FROM {index.name} ORDER BY 1")
            held = cursor.fetchall()
    return held


NOTHING = ([[], []], [], [])


def rebuild() -> str:
    said = StringIO()
    call_command("rebuild_search", stdout=said)
    return said.getvalue()


def vocabulary() -> dict[str, int]:
    return dict(VocabularyWord.objects.values_list("word", "practices"))


@pytest.mark.slow
def test_the_migration_to_standard_names_keeps_the_index_and_the_change_log(blank):
    with own_database(blank):
        make_practice("Bonds", slug="bonds", lessons=("Savings help.",), countries=("PH",))
        make_practice("Gone", slug="gone").delete()
        before = rows()
        log = list(ChangeLogEntry.objects.order_by("sequence").values())
        call_command("migrate", "practices", "0019", verbosity=0)
        call_command("migrate", verbosity=0)
        assert rows() == before
        assert list(ChangeLogEntry.objects.order_by("sequence").values()) == log
        assert [entry["removed"] for entry in log] == [False, True]
        assert (full_problem(), found("bonds"), found("philippines")) == ("", ["bonds"], ["bonds"])


def change(row: object, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def one() -> Practice:
    return Practice.objects.get(slug="one")


CHANGES = {
    "a new practice": lambda: make_practice("Zarzuela", slug="two"),
    "its title": lambda: change(one(), title="Zarzuela"),
    "its language": lambda: change(one(), language="fr", title="Zarzuela"),
    "a new place": lambda: one().places.create(order=2, country=make_country("PH"), name="Zarzuela"),
    "a place": lambda: change(one().places.get(), name="Zarzuela"),
    "a place’s country": lambda: change(one().places.get(), country=make_country("ZZ", "Zarzuela")),
    "a new corridor": lambda: one().corridors.create(
        origin=make_country("PH"), destination=make_country("ZZ", "Zarzuela")
    ),
    "a corridor": lambda: change(one().corridors.get(), origin=make_country("ZZ", "Zarzuela")),
    "a new participation": lambda: one().participations.create(
        order=2, actor=make_actor("z", name="Zarzuela")
    ),
    "a participation": lambda: change(one().participations.get(), actor=make_actor("z", name="Zarzuela")),
    "a new source": lambda: one().sources.create(order=2, text="Zarzuela"),
    "a source": lambda: change(one().sources.get(), text="Zarzuela"),
    "a new lesson": lambda: one().lessons.create(order=2, text="Zarzuela"),
    "a lesson": lambda: change(one().lessons.get(), text="Zarzuela"),
    "themes added": lambda: one().themes.add(make_theme("z", name="Zarzuela")),
    "themes set": lambda: one().themes.set([make_theme("z", name="Zarzuela")]),
    "a theme given practices": lambda: make_theme("z", name="Zarzuela").practices.add(one()),
    "an actor renamed": lambda: change(Actor.objects.get(slug="actor"), name="Zarzuela"),
    "an actor’s acronym": lambda: change(Actor.objects.get(slug="actor"), acronym="ZARZUELA"),
    "a theme renamed": lambda: change(Theme.objects.get(slug="part"), name="Zarzuela"),
    "a theme above renamed": lambda: change(Theme.objects.get(slug="whole"), name="Zarzuela"),
    "a theme moved": lambda: change(
        Theme.objects.get(slug="part"), parent=make_theme("z", name="Zarzuela")
    ),
}  # fmt: skip


@pytest.fixture
def practice(db) -> Practice:
    """Published, with one row in every searched table."""
    make_theme("part", make_theme("whole", name="Wholetheme"), name="Parttheme")
    made = make_practice(
        "Titleword", slug="one", countries=("MA",), corridors=("MA-FR",), lessons=("Lessonword",),
        sources=("Sourceword",), themes=("part",), actors=("actor",),
    )  # fmt: skip
    made.places.get().delete()
    Place.objects.create(practice=made, order=1, country=make_country("MA"), name="Placeword")
    return made


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_found_at_once(practice, what):
    assert found('"zarzuela"') == []
    CHANGES[what]()
    assert found('"zarzuela"') == ["two" if what == "a new practice" else "one"]
    stepwise = rows()
    rebuild()
    assert rows() == stepwise


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_that_is_rolled_back_leaves_the_index_as_it_was(practice, what):
    before = rows()

    def undone() -> None:
        with transaction.atomic():
            CHANGES[what]()
            assert rows() != before
            raise LookupError

    with pytest.raises(LookupError):
        undone()
    assert rows() == before


LOSSES = {
    "titleword": lambda: change(one(), title="Another"),
    "lessonword": lambda: one().lessons.get().delete(),
    "sourceword": lambda: one().sources.all().delete(),
    "placeword": lambda: one().places.get().delete(),
    "francia": lambda: one().corridors.get().delete(),
    "actor": lambda: one().participations.get().delete(),
    "parttheme": lambda: one().themes.clear(),
    "wholetheme": lambda: one().themes.set([]),
    "wholetheme ": lambda: change(Theme.objects.get(slug="part"), parent=None),
    "parttheme ": lambda: Theme.objects.get(slug="part").practices.clear(),
    "parttheme  ": lambda: Theme.objects.get(slug="part").practices.remove(one()),
    "parttheme   ": lambda: Theme.objects.get(slug="part").delete(),
    "parttheme    ": lambda: Theme.objects.filter(slug="part").delete(),
}


@pytest.mark.parametrize("word", LOSSES)
def test_what_is_taken_out_is_found_no_more(practice, word):
    assert (found(f'"{word}"'), vocabulary()[word.strip()]) == (["one"], 1)
    LOSSES[word]()
    assert (found(f'"{word}"'), word.strip() in vocabulary()) == ([], False)


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_a_practice_is_in_the_index_only_while_it_is_published(practice, status):
    full = rows()
    change(practice, status=status)
    assert rows() == NOTHING
    change(practice, status="published")
    assert rows() == full


@pytest.mark.parametrize(
    "delete",
    [
        lambda: one().delete(),
        lambda: Practice.objects.filter(slug="one").delete(),
        lambda: Practice.objects.all().delete(),
        lambda: [change(one(), status="draft"), one().delete()],
    ],
)
def test_a_deleted_practice_leaves_nothing(practice, delete):
    delete()
    assert rows() == NOTHING


def test_deleting_one_practice_leaves_the_others(practice):
    before = rows()
    make_practice(
        "Titleword too", slug="two", lessons=("L",), sources=("S",), themes=("part",), actors=("actor",)
    )
    Practice.objects.filter(slug="two").delete()
    assert rows() == before


# Nothing unpublished -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_no_word_of_the_unpublished_is_found_or_offered(practice, status):
    before = rows()
    hidden = make_practice(
        "Canaryword", slug="hidden", status=status, summary="Canaryword", story="Canaryword",
        lessons=("Canaryword",), sources=("Canaryword",), countries=("MA",), themes=("part",),
    )  # fmt: skip
    hidden.participations.create(order=1, actor=make_actor("c", name="Canaryword"))
    hidden.themes.add(make_theme("c", name="Canaryword"))
    change(Actor.objects.get(slug="c"), acronym="CW")
    change(Theme.objects.get(slug="c"), name="Canarywords")
    assert rows() == before
    for asked in ("canaryword", "canarywrd", "canary", '"canaryword"', "titleword canarywords canaryword"):
        assert (asked, found(asked), ask(asked).query.corrections) == (asked, [], {})


def test_the_words_of_a_practice_are_forgotten_when_it_is_taken_back():
    practice = make_practice("Canaryword", slug="one")
    assert (found("canary"), ask("canarywrd").query.corrections) == (["one"], {"canarywrd": "canaryword"})
    change(practice, status="draft")
    assert (found("canary"), ask("canarywrd").query.corrections) == ([], {})


# The vocabulary ----------------------------------------------------------------------------------------


def test_the_vocabulary_counts_practices_exactly():
    first = make_practice("Bonds bonds", summary="Bonds", story="for")
    assert vocabulary() == {"bonds": 1, "for": 1}
    second = make_practice("Bonds", summary="", story="in bond")
    assert vocabulary() == {"bonds": 2, "for": 1, "in": 1, "bond": 1}
    first.save()
    first.save()
    assert vocabulary() == {"bonds": 2, "for": 1, "in": 1, "bond": 1}
    change(second, title="Loans")
    assert vocabulary() == {"bonds": 1, "for": 1, "in": 1, "bond": 1, "loans": 1}
    first.delete()
    assert vocabulary() == {"in": 1, "bond": 1, "loans": 1}
    second.delete()
    assert vocabulary() == {}


def test_the_vocabulary_keeps_languages_apart():
    make_practice("Retraites", summary="", story="x", language="fr")
    practice = make_practice("Retraites", summary="", story="x", language="en")
    words_of = VocabularyWord.objects.filter(word="retraites").order_by("language")
    assert list(words_of.values_list("language", "stem", "practices")) == [
        ("en", "retrait", 1),
        ("fr", "retrait", 1),
    ]
    change(practice, language="fr")
    assert list(words_of.values_list("language", "practices")) == [("fr", 2)]


# Many at once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_changes_together_are_indexed_once_at_the_end(practice, monkeypatch, count):
    put = []
    monkeypatch.setattr(indexing, "index_practices", lambda rows: put.extend(row.slug for row in rows))
    with batch_reindex(), batch_reindex():
        for number in range(count):
            change(practice, title=f"Title {number}")
            practice.lessons.create(order=2 + number, text="Another")
        assert put == []
    assert put == ["one"]


def test_what_fails_together_is_not_kept_and_the_next_change_is_indexed_at_once(practice):
    before = rows()

    def fail() -> None:
        with batch_reindex():
            change(practice, title="Zarzuela")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert (rows(), one().title) == (before, "Titleword")
    change(practice, title="Zarzuela")
    assert found("zarzuela") == ["one"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_editors_at_once_may_bring_the_same_new_word():
    first, failed = Barrier(2), []

    def publish(number: int) -> None:
        try:
            with transaction.atomic():
                first.wait(10)
                make_practice("Zarzuela", slug=f"editor-{number}")
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    editors = [Thread(target=publish, args=[number]) for number in (1, 2)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert (failed, vocabulary()["zarzuela"], found("zarzuela")) == ([], 2, ["editor-1", "editor-2"])


def test_a_practice_made_and_deleted_together_leaves_nothing():
    with batch_reindex():
        make_practice("Zarzuela").delete()
    assert rows() == NOTHING


def test_loading_fixtures_fills_the_index_and_loading_or_building_again_changes_nothing(jmdi, fixture_files):
    before = rows()
    published = Practice.objects.published().order_by("pk")
    keys = [row.pk for row in published]
    assert sorted({row[0] for row in before[0][0]}) == keys
    assert [row[0] for row in before[1]][: len(keys)] == keys
    counted = Counter((row[1], word) for row in before[1][: len(keys)] for word in row[2].split())
    assert {(language, word): number for language, word, _stem, number in before[2]} == counted
    call_command("loaddata", *fixture_files, verbosity=0)
    assert rows() == before
    assert (rebuild(), rows()) == ("Indexed 17 practices.\n", before)


def test_building_anew_mends_an_index_that_fell_behind(practice):
    before = rows()
    hidden = make_practice("Canaryword", slug="hidden")
    Practice.objects.filter(pk=hidden.pk).update(status="draft")  # past the signals
    VocabularyWord.objects.filter(word="titleword").update(practices=7)
    IndexedPractice.objects.filter(practice__slug="one").delete()
    assert (rebuild(), rows()) == ("Indexed 1 practices.\n", before)


def test_what_was_taken_back_past_the_signals_is_not_found(practice):
    Practice.objects.update(status="draft")
    assert (found("titleword"), found(""), found("-other")) == ([], [], [])
