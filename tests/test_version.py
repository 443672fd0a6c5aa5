"""The content version: every change of what the public may see moves it, and nothing else does."""

from threading import Thread

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict

from practices.catalogue import catalogue
from practices.filters import LessonFilter, PracticeFilter, Results
from practices.models import (
    Actor,
    ActorType,
    Country,
    IndexedPractice,
    Lesson,
    Objective,
    Participation,
    Place,
    Practice,
    Publication,
    Region,
    Source,
    Synonym,
    Theme,
    VocabularyWord,
)
from practices.models.version import ContentVersion, content_version
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_objective,
    make_practice,
    make_publication,
    make_region,
    make_theme,
)


@pytest.fixture
def practice(db) -> Practice:
    """One with a row of everything."""
    make_country("PH", region=make_region("035", "Asia"))
    publication = make_publication(publisher=make_actor("publisher"))
    publication.funders.add(make_actor("funder"))
    publication.implementers.add(make_actor("implementer"))
    Synonym.objects.create(words="bonds, loans")
    make_actor("atikha", "civil-society")
    return make_practice(
        slug="one", countries=("PH",), themes=("savings",), objectives=("gcm-20",), actors=("atikha",),
        corridors=("PH-IT",), lessons=("A lesson.",), sources=("A source.",), publication=publication,
    )  # fmt: skip


def slugs() -> list[str]:
    """What a list shows now."""
    filterset = PracticeFilter()
    assert filterset.is_valid()
    return [card.slug for card in filterset.cards(filterset.page(0, None)).values()]


def lessons(filterset: LessonFilter) -> list[str]:
    """The texts of a valid list of lessons, in its order."""
    return [lesson.text for lesson in Results(filterset, Lesson.objects.published().in_bulk)[:20]]


# What moves it ------------------------------------------------------------------------------------------

PUBLIC = [Practice, Place, Participation, Source, Lesson, Actor, ActorType, Publication, Country, Region,
          Theme, Objective, Synonym]  # fmt: skip


@pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
def test_every_save_of_public_content_moves_it(practice, model):
    row, before = model.objects.first(), content_version()
    row.save()
    assert content_version() != before


def test_every_new_row_moves_it(practice):
    makers = [
        make_practice, make_region, make_country, make_theme, make_objective, make_actor, make_publication,
    ]  # fmt: skip
    values = [("New",), ("999", "Moon"), ("XX",), ("new",), ("sdg-1",), ("new",), ("new",)]
    children = [
        lambda: practice.places.create(order=2, country_id="IT"),
        lambda: practice.participations.create(order=2, actor=make_actor("new")),
        lambda: practice.sources.create(order=2, text="New"),
        lambda: practice.lessons.create(order=2, text="New"),
        lambda: practice.corridors.create(origin_id="IT", destination_id="PH"),
        lambda: practice.former_slugs.create(slug="former"),
        lambda: Synonym.objects.create(words="a, b"),
        lambda: ActorType.objects.create(slug="new", name="New", order=9),
    ]
    seen = [content_version()]
    for make, arguments in zip(makers, values, strict=True):
        make(*arguments)
        seen.append(content_version())
    for make in children:
        make()
        seen.append(content_version())
    assert len(set(seen)) == len(seen) == 16


@pytest.mark.parametrize(
    "delete",
    [
        lambda practice: practice.delete(),
        lambda practice: Practice.objects.all().delete(),
        lambda practice: practice.places.get().delete(),
        lambda practice: practice.places.all().delete(),
        lambda practice: practice.participations.get().delete(),
        lambda practice: practice.sources.get().delete(),
        lambda practice: practice.lessons.get().delete(),
        lambda practice: practice.corridors.get().delete(),
        lambda practice: Actor.objects.get(slug="funder").delete(),
        lambda practice: Theme.objects.get().delete(),
        lambda practice: Objective.objects.get().delete(),
        lambda practice: Synonym.objects.get().delete(),
        lambda practice: Synonym.objects.all().delete(),
    ],
)
def test_every_deletion_of_public_content_moves_it(practice, delete):
    before = content_version()
    delete(practice)
    assert content_version() != before


@pytest.mark.parametrize(
    "change",
    [
        lambda practice: practice.themes.add(make_theme("savings"), make_theme("new")),
        lambda practice: practice.themes.remove(make_theme("savings")),
        lambda practice: practice.themes.clear(),
        lambda practice: practice.themes.set([]),
        lambda practice: practice.objectives.add(make_objective("gcm-19")),
        lambda practice: practice.objectives.remove(make_objective("gcm-20")),
        lambda practice: practice.objectives.clear(),
        lambda practice: Theme.objects.get(slug="savings").practices.clear(),
        lambda practice: Objective.objects.get(code="gcm-20").practices.set([]),
        lambda practice: practice.publication.funders.add(make_actor("new")),
        lambda practice: practice.publication.funders.clear(),
        lambda practice: practice.publication.implementers.set([]),
    ],
)
def test_every_link_and_unlinking_moves_it(practice, change):
    make_theme("new"), make_actor("new"), make_objective("gcm-19")
    before = content_version()
    change(practice)
    assert content_version() != before


def test_building_the_index_anew_moves_it(practice):
    before = content_version()
    call_command("rebuild_search", verbosity=0)
    assert content_version() != before


def test_it_never_comes_back(practice):
    seen = []
    for title in ("A", "B", "A", "B"):
        practice.title = title
        practice.save()
        seen.append(content_version())
    assert len(set(seen)) == 4
    assert ContentVersion.objects.count() == 1


# What does not ------------------------------------------------------------------------------------------


def test_an_editor_logging_in_changing_and_leaving_does_not_move_it(practice, client):
    group = Group.objects.get(name="Editors")
    before = content_version()
    editor = make_editor()
    client.force_login(editor)
    client.get("/admin/")
    editor.set_password("another good long password")
    editor.save()
    editor.groups.add(group)
    editor.user_permissions.add(Permission.objects.first())
    editor.groups.clear()
    session = SessionStore()
    session["key"] = "value"
    session.save()
    session.delete()
    client.logout()
    editor.delete()
    assert content_version() == before


def test_what_follows_from_the_content_does_not_move_it(practice):
    before = content_version()
    IndexedPractice.objects.get().save()
    VocabularyWord.objects.first().save()
    VocabularyWord.objects.first().delete()
    assert content_version() == before


def test_reading_does_not_move_it(practice, client):
    before = content_version()
    for address in ("/", "/practices/?q=bonds", "/lessons/", "/api/v1/practices/", "/practices/one/"):
        assert client.get(address).status_code == 200
    assert content_version() == before


def test_it_is_one_query_to_read_and_one_to_keep_a_catalogue(practice, django_assert_num_queries):
    known = catalogue()
    with django_assert_num_queries(1):
        assert catalogue() is known


# Transactions -------------------------------------------------------------------------------------------


class Undone(Exception):
    pass


def undo(change) -> None:
    """A change inside a transaction that reads a list and then fails."""

    def failing() -> None:
        with transaction.atomic():
            change()
            raise Undone

    with pytest.raises(Undone):
        failing()


def test_what_was_rolled_back_leaves_it_and_is_in_no_later_list(practice, client):
    before = content_version()
    during = []

    def publish() -> None:
        make_practice("Zarzuela", slug="undone", lessons=("Zarzuela.",), countries=("AQ",))
        during.append((content_version(), slugs()))

    undo(publish)
    assert during[0][0] != before
    assert sorted(during[0][1]) == ["one", "undone"]
    assert (content_version(), slugs()) == (before, ["one"])
    for address in ("/practices/?q=zarzuela", "/lessons/?q=zarzuela", "/practices/", "/"):
        assert "Zarzuela" not in client.get(address).content.decode()
    assert client.get("/api/v1/practices/").json()["count"] == 1
    assert list(catalogue().everything) == [practice.pk]
    # The next change is a version of its own, and not the one that was rolled back.
    make_practice(slug="two")
    assert content_version() not in {before, during[0][0]}
    assert sorted(slugs()) == ["one", "two"]


def test_a_deletion_that_was_rolled_back_is_in_every_later_list(practice):
    def delete() -> None:
        practice.delete()
        assert slugs() == []

    undo(delete)
    assert slugs() == ["one"]


def test_a_part_that_was_rolled_back_is_in_no_later_list_of_the_same_transaction(practice):
    with transaction.atomic():
        make_practice(slug="kept")
        between = content_version()
        undo(lambda: (make_practice(slug="undone"), slugs()))
        assert (content_version(), sorted(slugs())) == (between, ["kept", "one"])
    assert sorted(slugs()) == ["kept", "one"]


# Other connections --------------------------------------------------------------------------------------


def elsewhere(change) -> None:
    """Does something on a connection of its own, as another process of the server would."""
    failed = []

    def work() -> None:
        try:
            change()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join(30)
    assert failed == []


@pytest.mark.django_db(transaction=True)
def test_a_change_by_another_connection_shows_in_the_very_next_list(client):
    make_practice("First", slug="first", lessons=("Bonds.",))
    listed = "/practices/?q=zarzuela"
    assert (slugs(), client.get("/api/v1" + listed).json()["count"]) == (["first"], 0)
    elsewhere(lambda: make_practice("Zarzuela", slug="second", lessons=("Zarzuela.",), countries=("PH",)))
    assert sorted(slugs()) == ["first", "second"]
    assert client.get("/api/v1" + listed).json()["count"] == 1
    assert "Zarzuela." in client.get("/lessons/").content.decode()
    assert client.get("/api/v1/practices/?country=PH").json()["count"] == 1

    def retract() -> None:
        practice = Practice.objects.get(slug="second")
        practice.status = "draft"
        practice.save()

    elsewhere(retract)
    assert (slugs(), client.get("/api/v1" + listed).json()["count"]) == (["first"], 0)
    assert "Zarzuela" not in client.get("/lessons/").content.decode()
    elsewhere(lambda: Practice.objects.get(slug="first").delete())
    assert slugs() == []


# A catalogue reads its orders and its lessons when they are first asked for: perhaps a moment too late.


@pytest.mark.django_db(transaction=True)
def test_what_is_published_while_a_list_of_lessons_is_made_waits_for_the_next_one():
    make_practice("Bonds", slug="kept", lessons=("Kept.",))
    filterset = LessonFilter()
    assert (filterset.is_valid(), len(filterset.catalogue.places)) == (True, 1)
    elsewhere(lambda: make_practice("Bonds", slug="new", lessons=("New.",)))
    assert lessons(filterset) == ["Kept."]
    filterset = LessonFilter()
    assert (filterset.is_valid(), lessons(filterset)) == (True, ["New.", "Kept."])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("question", ["ordering=title", "q=bonds", "q=bonds&ordering=title"])
def test_what_is_deleted_while_a_list_of_lessons_is_made_is_left_out(question):
    make_practice("Bonds", slug="kept", lessons=("Kept.",))
    gone = make_practice("Bonds", slug="gone", lessons=("Gone.",))
    filterset = LessonFilter(QueryDict(question))
    assert (filterset.is_valid(), filterset.count()) == (True, 2)
    elsewhere(lambda: Practice.objects.get(pk=gone.pk).delete())
    assert lessons(filterset) == ["Kept."]
    filterset = LessonFilter(QueryDict(question))
    assert (filterset.is_valid(), lessons(filterset)) == (True, ["Kept."])


@pytest.mark.django_db(transaction=True)
def test_a_country_and_a_theme_that_are_new_while_a_list_is_made_wait_for_the_next_one():
    practice = make_practice("Bonds", countries=("PH",), themes=("savings",))

    def change() -> None:
        practice.places.create(order=2, country=make_country("IT", "Italy"))
        practice.themes.add(make_theme("new"))

    def named() -> tuple[list[str], list[str]]:
        card = filterset.cards(filterset.page(0, None))[practice.pk]
        return card.countries, [slug for slug, _name in card.themes]

    filterset = PracticeFilter()
    assert filterset.is_valid()
    elsewhere(change)
    assert named() == (["Country PH"], ["/themes/savings/"])
    filterset = PracticeFilter()
    assert filterset.is_valid()
    countries, themes = named()
    assert (countries, sorted(themes)) == (["Country PH", "Italy"], ["/themes/new/", "/themes/savings/"])
