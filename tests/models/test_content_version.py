"""The content version changes with every change of public content, and with nothing else."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from practices.index.facet_index import get_facet_index
from practices.listing.filters import LessonFilter, PracticeFilter, Results
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
from practices.models.content_version import (
    PRIVATE_OR_DERIVED,
    ContentVersion,
    content_version,
    indexed_models,
)
from practices.workflow import transitions
from tests.admin_form import PracticePage
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


def test_the_tables_that_do_not_change_the_version_exist():
    """A model that was renamed only there would change the version with each save."""
    models = apps.get_app_config("practices").get_models(include_auto_created=True)
    names = {model._meta.model_name for model in models}
    assert (indexed_models() | PRIVATE_OR_DERIVED) - names == set()


@pytest.fixture
def practice(db) -> Practice:
    """A practice with a row of every kind."""
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
    """Return what a list shows now."""
    filterset = PracticeFilter(QueryDict())
    assert filterset.is_valid()
    return [card.slug for card in filterset.list_items(filterset.page(0, None)).values()]


def lessons(filterset: LessonFilter) -> list[str]:
    """Return the texts of a valid list of lessons, in its order."""
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
    makers = [make_practice, make_region, make_country, make_theme, make_objective]
    values = [("New",), ("999", "Moon"), ("XX",), ("new",), ("sdg-1",)]
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
    assert len(set(seen)) == len(seen) == 14


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


@pytest.fixture(params=["draft", "in_review", "archived", "change of a public practice"])
def hidden(practice, request) -> Practice:
    """An unpublished practice with a row of every kind."""
    status, replaces = (request.param, None) if " " not in request.param else ("draft", practice)
    made = make_practice(
        "Hidden", slug="hidden", status=status, replaces=replaces, countries=("PH",), themes=("savings",),
        objectives=("gcm-20",), actors=("hidden-actor",), corridors=("PH-IT",), lessons=("A lesson.",),
        sources=("A source.",), publication=make_publication("hidden", publisher=make_actor("hidden-too")),
    )  # fmt: skip
    made.images.create(order=1, file="images/x.png", width=1, height=1, alt="A", credit="B")
    made.former_slugs.create(slug="hidden-before")
    return made


@pytest.mark.parametrize(
    "change",
    [
        lambda hidden: hidden.save(),
        lambda hidden: setattr(hidden, "slug", "hidden-now") or hidden.save(),
        lambda hidden: hidden.places.get().save(),
        lambda hidden: hidden.corridors.get().save(),
        lambda hidden: hidden.participations.get().save(),
        lambda hidden: hidden.sources.get().save(),
        lambda hidden: hidden.lessons.get().save(),
        lambda hidden: hidden.images.get().save(),
        lambda hidden: hidden.former_slugs.get().save(),
        lambda hidden: hidden.lessons.create(order=2, text="New"),
        lambda hidden: hidden.lessons.all().delete(),
        lambda hidden: hidden.places.get().delete(),
        lambda hidden: hidden.themes.clear(),
        lambda hidden: hidden.themes.set(Theme.objects.all()),
        lambda hidden: hidden.objectives.set([]),
        lambda hidden: hidden.delete(),
        lambda hidden: Practice.objects.filter(pk=hidden.pk).delete(),
        lambda hidden: Actor.objects.get(slug="hidden-actor").save(),
        lambda hidden: Actor.objects.get(slug="hidden-too").save(),
        lambda hidden: hidden.publication.save(),
        lambda hidden: hidden.publication.funders.set([Actor.objects.get(slug="hidden-too")]),
    ],
)
def test_no_save_of_what_is_not_public_moves_it(hidden, change):
    before = content_version()
    change(hidden)
    assert content_version() == before


def test_no_new_row_that_nothing_public_names_moves_it(practice):
    before = content_version()
    make_practice("New", slug="new", status="draft", lessons=("New",), themes=("savings",))
    Actor.objects.create(slug="new", name="New").delete()
    make_publication("new").delete()
    assert content_version() == before


@pytest.mark.parametrize(
    "step",
    [
        lambda editor: transitions.take_step("submit", make_practice(status="draft"), editor),
        lambda editor: transitions.take_step("send-back", make_practice(status="in_review"), editor, "Why?"),
        lambda editor: transitions.take_step(
            "publish", make_practice(status="draft"), editor, at=timezone.now() + timedelta(days=1)
        ),
        lambda editor: transitions.take_step("reopen", make_practice(status="archived"), editor),
        lambda editor: transitions.delete_practices([make_practice(status="draft")], editor),
        lambda editor: transitions.prepare_change(Practice.objects.get(slug="one"), editor),
    ],
    ids=["submit", "send back", "schedule", "return to draft", "delete", "prepare a change"],
)
def test_no_step_of_what_is_not_public_moves_it(practice, step):
    editor, before = make_editor(), content_version()
    step(editor)
    assert content_version() == before


def test_the_form_of_a_draft_moves_nothing_and_no_cached_list_or_feed_is_lost(practice, client):
    client.force_login(make_editor())
    draft = make_practice("Hidden", slug="hidden", status="draft", lessons=("A lesson.",))
    feed, before = client.get("/feed/").headers["ETag"], get_facet_index()
    page = PracticePage(client, f"/admin/practices/practice/{draft.pk}/change/")
    page.fill(title="Hidden still", lessons__0__text="Another lesson.")
    assert page.save().status_code == 302
    assert draft.lessons.get().text == "Another lesson."
    assert get_facet_index() is before
    assert client.get("/feed/", headers={"If-None-Match": feed}).status_code == 304


@pytest.mark.parametrize("step", ["archive", "reopen"])
def test_the_step_that_ends_being_public_moves_it(practice, step):
    before = content_version()
    transitions.take_step(step, practice, make_editor())
    assert content_version() != before
    assert slugs() == []


def test_the_step_that_publishes_moves_it(practice):
    draft, before = make_practice("New", slug="new", status="draft"), content_version()
    transitions.take_step("publish", draft, make_editor())
    assert content_version() != before
    assert sorted(slugs()) == ["new", "one"]


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


def test_it_is_one_query_to_read_and_one_to_keep_a_facet_index(practice, django_assert_num_queries):
    facet_index = get_facet_index()
    with django_assert_num_queries(1):
        assert get_facet_index() is facet_index


# Transactions -------------------------------------------------------------------------------------------


class Undone(Exception):
    pass


def undo(change) -> None:
    """Run a change in a transaction that reads a list and then fails."""

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
    assert list(get_facet_index().published) == [practice.pk]
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


def in_a_connection(work) -> None:
    try:
        work()
    finally:
        connection.close()


def elsewhere(change) -> None:
    """Run an action on a separate connection, as another process would."""
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


# A facet index reads its orders and its lessons when they are first asked for: perhaps a moment too late.


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_a_lesson_saved_while_another_connection_publishes_its_practice_is_found():
    draft = make_practice("Bonds", slug="draft", status="draft", lessons=("Old.",))
    editor, publishing, saved = make_editor(), Event(), Event()

    def publish() -> None:
        with transaction.atomic():
            transitions.take_step("publish", draft, editor)
            publishing.set()
            saved.wait(0.5)  # in vain: the other waits for the end of this transaction

    def save() -> None:
        publishing.wait(10)
        with transaction.atomic():
            draft.lessons.create(order=2, text="Zarzuela.")
        saved.set()

    threads = [Thread(target=in_a_connection, args=(work,)) for work in (publish, save)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    filterset = LessonFilter(QueryDict("q=zarzuela"))
    assert (filterset.is_valid(), lessons(filterset)) == (True, ["Zarzuela."])


@pytest.mark.django_db(transaction=True)
def test_what_is_published_while_a_list_of_lessons_is_made_waits_for_the_next_one():
    make_practice("Bonds", slug="kept", lessons=("Kept.",))
    filterset = LessonFilter(QueryDict())
    assert (filterset.is_valid(), len(filterset.facet_index.positions)) == (True, 1)
    elsewhere(lambda: make_practice("Bonds", slug="new", lessons=("New.",)))
    assert lessons(filterset) == ["Kept."]
    filterset = LessonFilter(QueryDict())
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
        card = filterset.list_items(filterset.page(0, None))[practice.pk]
        return card.countries, [slug for slug, _name in card.themes]

    filterset = PracticeFilter(QueryDict())
    assert filterset.is_valid()
    elsewhere(change)
    assert named() == (["Country PH"], ["/themes/savings/"])
    filterset = PracticeFilter(QueryDict())
    assert filterset.is_valid()
    countries, themes = named()
    assert (countries, sorted(themes)) == (["Country PH", "Italy"], ["/themes/new/", "/themes/savings/"])
