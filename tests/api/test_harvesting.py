"""Clients that keep a copy of the collection get every change once, whatever editors publish at that time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from practices.models import ChangeLogEntry, Country, Practice
from practices.search.indexing import batch_reindex
from tests.admin_form import PracticePage
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_objective,
    make_practice,
    make_publication,
)

LIST, REMOVED = "/api/v1/practices/", "/api/v1/removed/"


class Harvester:
    """A copy of the collection, kept as the documentation says."""

    def __init__(self, client, size: int = 2) -> None:
        self.client, self.size = client, size
        self.copy: dict[str, str] = {}
        self.cursors = {LIST: "0", REMOVED: "0"}
        self.read: list[str] = []

    def step(self, address: str) -> bool:
        """One page; whether there is more."""
        query = {"cursor": self.cursors[address], "page_size": self.size}
        answer = self.client.get(address, query).json()
        for row in answer["results"]:
            if address == LIST:
                self.copy[row["slug"]] = row["title"]
                self.read.append(row["slug"])
            else:
                self.copy.pop(row["slug"], None)
        self.cursors[address] = answer["cursor"]
        return answer["next"] is not None

    def go(self) -> None:
        for address in self.cursors:
            while self.step(address):
                pass


def collection() -> dict[str, str]:
    return dict(Practice.objects.published().values_list("slug", "title"))


def publish(slug: str, status: str = "published") -> None:
    practice = Practice.objects.get(slug=slug)
    practice.status = status
    practice.save()


def rename(slug: str, new: str) -> None:
    practice = Practice.objects.get(slug=slug)
    practice.slug = new
    practice.save()


@pytest.mark.django_db
def test_a_harvest_shows_every_practice_once_in_the_order_of_their_changes(client):
    for slug in "abcde":
        make_practice(slug=slug)
    make_practice(slug="draft", status="draft")
    publish("b")
    harvester = Harvester(client)
    harvester.go()
    assert harvester.read == ["a", "c", "d", "e", "b"]
    assert harvester.copy == collection()
    harvester.go()
    assert len(harvester.read) == 5


CHANGES: dict[str, Callable[[], object]] = {
    "published": lambda: publish("draft"),
    "new": lambda: make_practice(slug="new"),
    "changed, read already": lambda: publish("a"),
    "changed, not read yet": lambda: publish("e"),
    "taken back, read already": lambda: publish("b", "archived"),
    "taken back, not read yet": lambda: publish("d", "draft"),
    "deleted": lambda: Practice.objects.get(slug="a").delete(),
    "renamed": lambda: rename("a", "z"),
    "renamed, and its slug taken": lambda: (rename("a", "z"), make_practice("Another", slug="a")),
    "taken back and published again": lambda: (publish("c", "draft"), publish("c")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("pages", [0, 1, 2, 3, 4])
def test_what_changes_during_a_harvest_is_neither_lost_nor_read_twice(client, what, pages):
    for slug in "abcde":
        make_practice(slug=slug)
    make_practice(slug="draft", status="draft")
    harvester = Harvester(client)
    for step in range(pages):
        harvester.step(LIST if step < 3 else REMOVED)
    CHANGES[what]()
    harvester.go()
    harvester.go()
    assert harvester.copy == collection()
    known = {"a", "b", "c", "d", "e"}
    twice = {slug for slug in known if harvester.read.count(slug) > 1}
    changed = set(Practice.objects.filter(change_log_entries__sequence__gt=5).values_list("slug", flat=True))
    assert twice <= changed | {"a"}


@pytest.mark.django_db
@pytest.mark.parametrize("rows", ["places", "corridors", "participations", "lessons", "sources"])
def test_a_change_of_a_row_of_a_practice_is_a_change_of_the_practice(client, rows):
    practice = make_practice(
        slug="a",
        countries=("PH",),
        corridors=("PH-IT",),
        actors=("naga",),
        lessons=("Ask.",),
        sources=("Here.",),
    )
    make_practice(slug="b")
    cursor = client.get(LIST, {"cursor": 0}).json()["cursor"]
    getattr(practice, rows).get().save()
    changed = client.get(LIST, {"cursor": cursor}).json()["results"]
    assert [row["slug"] for row in changed] == ["a"]
    cursor = client.get(LIST, {"cursor": 0}).json()["cursor"]
    getattr(practice, rows).get().delete()
    changed = client.get(LIST, {"cursor": cursor}).json()["results"]
    assert [row["slug"] for row in changed] == ["a"]


DOCUMENTS: dict[str, Callable[[Practice], object]] = {
    "an objective given": lambda row: row.objectives.add(make_objective("gcm-1")),
    "an objective taken": lambda row: row.objectives.clear(),
    "an objective renamed": lambda row: named(row.objectives.get()),
    "an objective deleted": lambda row: row.objectives.get().delete(),
    "a country renamed": lambda row: named(Country.objects.get(code="PH")),
    "an actor’s type": lambda row: slugged(row.participations.get().actor.type),
    "an actor renamed": lambda row: named(row.participations.get().actor),
    "a publisher renamed": lambda row: named(row.publication.publisher),
    "a publication’s title": lambda row: titled(row.publication),
    "a funder given": lambda row: row.publication.funders.add(make_actor("funder")),
    "an implementer renamed": lambda row: named(row.publication.implementers.get()),
    "an implementer deleted": lambda row: row.publication.implementers.get().delete(),
    "a theme renamed": lambda row: named(row.themes.get()),
}


def named(row):
    row.name = "Zarzuela"
    row.save()


def titled(row):
    row.title = "Zarzuela"
    row.save()


def slugged(row):
    row.slug = "zarzuela"
    row.save()


@pytest.mark.django_db
@pytest.mark.parametrize("what", DOCUMENTS)
def test_the_document_kept_for_lists_follows_every_change_at_once(client, what):
    publication = make_publication("book", publisher=make_actor("publisher"))
    publication.implementers.add(make_actor("implementer"))
    make_actor("naga", "cities")
    practice = make_practice(
        slug="a", publication=publication, countries=("PH",), actors=("naga",), themes=("savings",),
        objectives=("gcm-20",),
    )  # fmt: skip
    cursor = client.get(LIST, {"cursor": 0}).json()["cursor"]
    before = client.get(LIST).json()["results"][0]
    DOCUMENTS[what](practice)
    after = client.get(LIST).json()["results"][0]
    whole = client.get(f"{LIST}a/").json()
    assert after != before
    assert after == {field: whole[field] for field in after}
    assert client.get(LIST, {"cursor": cursor}).json()["results"] == [after]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "count"),
    [
        ("0778-10-07T01:53:53.5258-18:10", 1),
        ("2026-01-01T00:00:00+23:59", 1),
        ("0001-01-01T00:00:00+14:00", 1),
        ("9999-12-31T23:59:59-14:00", 0),
    ],
)
def test_a_moment_may_stand_in_any_zone_and_at_either_end_of_time(client, moment, count):
    make_practice(slug="a")
    for address in (LIST, REMOVED):
        response = client.get(address, {"updated_since": moment})
        assert (address, response.status_code) == (address, 200)
    assert client.get(LIST, {"updated_since": moment}).json()["count"] == count


@pytest.mark.django_db
def test_updated_since_begins_at_a_moment(client):
    for number, slug in enumerate("abc"):
        make_practice(slug=slug)
        moment = timezone.now().replace(microsecond=0) - timedelta(days=10 - number)
        ChangeLogEntry.objects.filter(slug=slug).update(changed_at=moment)

    def since(moment: str) -> list[str]:
        return [row["slug"] for row in client.get(LIST, {"updated_since": moment}).json()["results"]]

    moment = ChangeLogEntry.objects.get(slug="b").changed_at
    assert since(moment.strftime("%Y-%m-%d")) == ["b", "c"]
    assert since(moment.isoformat()) == ["b", "c"]
    assert since((moment + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")) == ["c"]
    assert since("9999-12-31") == []
    assert since("0001-01-01") == ["a", "b", "c"]
    first = client.get(LIST, {"updated_since": moment.isoformat(), "page_size": 1}).json()
    assert (first["count"], [row["slug"] for row in first["results"]]) == (2, ["b"])
    assert "updated_since" not in first["next"]
    assert [row["slug"] for row in client.get(first["next"]).json()["results"]] == ["c"]


@pytest.mark.django_db
def test_filters_narrow_a_harvest(client):
    for number, slug in enumerate("abcd"):
        make_practice(slug=slug, kind="practice" if number % 2 else "thinking_point")
    first = client.get(LIST, {"cursor": 0, "kind": "practice", "page_size": 1}).json()
    second = client.get(first["next"]).json()
    found = [row["slug"] for page in (first, second) for row in page["results"]]
    assert (first["count"], second["count"], second["next"], found) == (2, 1, None, ["b", "d"])


# What left the filters -------------------------------------------------------------------------------------


def moved_to_senegal(practice: Practice) -> None:
    place = practice.places.get()
    place.country = make_country("SN")
    place.save()


def without_theme(practice: Practice) -> None:
    practice.themes.clear()


def with_another_period(practice: Practice) -> None:
    practice.period = "1999"
    practice.save()


def with_another_actor(practice: Practice) -> None:
    row = practice.participations.get()
    row.actor = make_actor("other")
    row.save()


def without_its_words(practice: Practice) -> None:
    practice.story = "Nothing of it."
    practice.save()


def renamed_and_moved(practice: Practice) -> None:
    practice.slug = "b"
    practice.save()
    moved_to_senegal(practice)


LEAVES: dict[str, tuple[str, Callable[[Practice], None]]] = {
    "its place": ("country=PH", moved_to_senegal),
    "its theme": ("theme=savings", without_theme),
    "its period": ("from=2010&to=2012", with_another_period),
    "its actor": ("actor=naga", with_another_actor),
    "its words": ("q=seafarers", without_its_words),
    "two of several": ("country=PH&theme=savings&q=seafarers", moved_to_senegal),
    "its place and its slug": ("country=PH", renamed_and_moved),
}


def make_findable(slug: str, **fields) -> Practice:
    """A practice that each filter of LEAVES finds."""
    make_actor("naga", "cities")
    return make_practice(
        **{"slug": slug, "story": "Of seafarers.", "period": "2011", "themes": ("savings",)}
        | {"countries": ("PH",), "actors": ("naga",)}
        | fields
    )


@pytest.mark.django_db
@pytest.mark.parametrize("what", LEAVES)
def test_a_filtered_harvest_names_what_left_the_filter(client, what):
    query, change = LEAVES[what]
    practice = make_findable("a")
    make_findable("stays")
    make_practice(slug="never", story="Else.")
    first = client.get(f"{LIST}?{query}&cursor=0").json()
    assert ([row["slug"] for row in first["results"]], first["left"]) == (["a", "stays"], [])
    change(practice)
    answer = client.get(f"{LIST}?{query}&cursor={first['cursor']}").json()
    practice.refresh_from_db()
    [left] = answer["left"]
    assert (answer["count"], answer["results"], answer["next"]) == (0, [], None)
    assert left == {
        "slug": practice.slug,
        "url": f"http://testserver/practices/{practice.slug}/",
        "api_url": f"http://testserver{LIST}{practice.slug}/",
        "left": True,
        "changed_at": client.get(f"{LIST}{practice.slug}/").json()["changed_at"],
    }
    again = client.get(f"{LIST}?{query}&cursor={answer['cursor']}").json()
    assert (again["results"], again["left"]) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_what_is_not_public_any_longer_is_among_the_removed_and_not_among_those_that_left(client, status):
    practice = make_findable("a")
    make_findable("secret", status="draft")
    query = "country=PH&cursor="
    cursor = client.get(f"{LIST}?{query}0").json()["cursor"]
    moved_to_senegal(practice)
    publish("a", status)
    moved_to_senegal(Practice.objects.get(slug="secret"))
    answer = client.get(f"{LIST}?{query}{cursor}").json()
    assert (answer["results"], answer["left"]) == ([], [])
    assert [row["slug"] for row in client.get(REMOVED, {"cursor": cursor}).json()["results"]] == ["a"]


@pytest.mark.django_db
def test_practices_of_an_actor_that_changes_its_type_leave_together(client):
    actor = make_findable("a").participations.get().actor
    make_findable("b")
    cursor = client.get(f"{LIST}?actor_type=cities&cursor=0").json()["cursor"]
    actor.type = None
    actor.save()
    first = client.get(f"{LIST}?actor_type=cities&cursor={cursor}&page_size=1").json()
    second = client.get(first["next"]).json()
    assert [[row["slug"] for row in page["left"]] for page in (first, second)] == [["a"], ["b"]]
    assert second["next"] is None


@pytest.mark.django_db
def test_without_a_filter_nothing_leaves(client):
    practice = make_findable("a")
    cursor = client.get(LIST, {"cursor": 0}).json()["cursor"]
    moved_to_senegal(practice)
    answer = client.get(LIST, {"cursor": cursor}).json()
    assert ([row["slug"] for row in answer["results"]], answer["left"]) == (["a"], [])


@pytest.mark.django_db
def test_a_harvest_since_a_moment_names_what_left_too(client):
    practice = make_findable("a")
    moved_to_senegal(practice)
    answer = client.get(f"{LIST}?country=PH&updated_since=2020-01-01").json()
    assert [row["slug"] for row in answer["left"]] == ["a"]


class FilteredHarvester(Harvester):
    """A copy of what a filter finds, kept as the documentation says."""

    def step(self, address: str) -> bool:
        query = {"cursor": self.cursors[address], "page_size": self.size}
        answer = self.client.get(address, query | ({"country": "PH"} if address == LIST else {})).json()
        for row in (*answer["results"], *answer.get("left", ())):
            if address == LIST and "title" in row:
                self.copy[row["slug"]] = row["title"]
                self.read.append(row["slug"])
            else:
                self.copy.pop(row["slug"], None)
        assert len(answer["results"]) + len(answer.get("left", ())) <= self.size
        self.cursors[address] = answer["cursor"]
        return answer["next"] is not None


FILTERED_CHANGES: dict[str, Callable[[], object]] = {
    "left, read already": lambda: moved_to_senegal(Practice.objects.get(slug="a")),
    "left, not read yet": lambda: moved_to_senegal(Practice.objects.get(slug="g")),
    "came": lambda: Practice.objects.get(slug="b").places.create(order=2, country=make_country("PH")),
    "left and came back": lambda: (
        moved_to_senegal(Practice.objects.get(slug="a")),
        Practice.objects.get(slug="a").places.create(order=2, country=make_country("PH")),
    ),
    "left and withdrawn": lambda: (
        moved_to_senegal(Practice.objects.get(slug="a")),
        publish("a", "archived"),
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", FILTERED_CHANGES)
@pytest.mark.parametrize("pages", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("size", [1, 2])
def test_a_filtered_copy_is_what_the_filter_finds_whatever_changes_meanwhile(client, what, pages, size):
    for number, slug in enumerate("abcdefg"):
        make_practice(slug=slug, countries=("SN",) if number % 2 else ("PH",))
    harvester = FilteredHarvester(client, size)
    for _page in range(pages):
        harvester.step(LIST)
    FILTERED_CHANGES[what]()
    harvester.go()
    harvester.go()
    assert harvester.copy == dict(
        Practice.objects.published().filter(places__country="PH").values_list("slug", "title")
    )


@pytest.mark.django_db
def test_a_first_filtered_harvest_reads_what_it_finds_and_nothing_else(client):
    """Of those that never fitted it has no copy: they would only be noise."""
    for number, slug in enumerate("abcdefgh"):
        make_practice(slug=slug, countries=("PH",) if number % 2 else ("SN",))
    pages, address = [], f"{LIST}?country=PH&cursor=0&page_size=3"
    while address:
        answer = client.get(address).json()
        pages.append(([row["slug"] for row in answer["results"]], answer["left"]))
        address = answer["next"]
    assert pages == [(["b", "d", "f"], []), (["h"], [])]
    assert answer["cursor"] == "8"


# The moment of a change ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_row_tells_the_moment_that_updated_since_compares(client):
    practice = make_findable("a", lessons=("Ask.",))
    moment = timezone.now() - timedelta(days=10)
    ChangeLogEntry.objects.update(changed_at=moment)
    said = moment.isoformat().replace("+00:00", "Z")
    row = client.get(LIST).json()["results"][0]
    assert row["changed_at"] == said != row["updated_at"]
    assert client.get(f"{LIST}?cursor=0").json()["results"] == [row]
    assert client.get(f"{LIST}a/").json()["changed_at"] == said
    assert client.get(f"{LIST}?fields=slug,changed_at,story").json()["results"][0]["changed_at"] == said
    assert client.get(LIST, {"updated_since": said}).json()["count"] == 1
    after = (moment + timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    assert client.get(LIST, {"updated_since": after}).json()["count"] == 0
    [line] = client.get(f"{LIST}?format=csv").getvalue().decode().splitlines()[1:]
    assert line.endswith(f",{said}")
    assert f'"changed_at":"{said}"' in client.get(f"{LIST}?format=jsonl").getvalue().decode()
    assert f'"changed_at":"{said}"' in client.get(f"{LIST}?format=geojson").getvalue().decode()
    practice.lessons.get().save()
    assert client.get(LIST).json()["results"][0]["changed_at"] > said


@pytest.mark.django_db
@pytest.mark.parametrize("what", DOCUMENTS)
def test_a_change_of_what_a_practice_names_moves_its_changed_at(client, what):
    publication = make_publication("book", publisher=make_actor("publisher"))
    publication.implementers.add(make_actor("implementer"))
    make_actor("naga", "cities")
    practice = make_practice(
        slug="a", publication=publication, countries=("PH",), actors=("naga",), themes=("savings",),
        objectives=("gcm-20",),
    )  # fmt: skip
    make_practice(slug="b")
    before = {row["slug"]: row for row in client.get(LIST).json()["results"]}
    DOCUMENTS[what](practice)
    after = {row["slug"]: row for row in client.get(LIST).json()["results"]}
    assert after["a"]["changed_at"] > before["a"]["changed_at"]
    assert after["b"] == before["b"]


@pytest.mark.django_db
def test_a_lesson_saved_at_the_desk_moves_the_moment_of_its_practice(client):
    practice = make_findable("a", lessons=("Ask first.",), summary="A summary.")
    before = client.get(f"{LIST}a/").json()
    cursor = client.get(LIST, {"cursor": 0}).json()["cursor"]
    editor = Client()
    editor.force_login(make_editor())
    pending = editor.post(f"/admin/practices/practice/{practice.pk}/prepare/")["Location"]
    page = PracticePage(editor, pending)
    page.fill(lessons__0__text="Ask twice.")
    page.data["_step"] = "publish"
    step = page.save()["Location"]
    assert client.get(f"{LIST}a/").json() == before
    editor.post(step, {"comment": "Checked.", "publish_at": ""})
    after = client.get(f"{LIST}a/").json()
    assert after["lessons"][0]["markdown"] == "Ask twice."
    assert after["changed_at"] > before["changed_at"]
    assert [row["slug"] for row in client.get(LIST, {"cursor": cursor}).json()["results"]] == ["a"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("cursor=0&page=2", ["page"]),
        ("updated_since=2026-01-01&ordering=title", ["ordering"]),
        ("cursor=-1", ["cursor"]),
        ("cursor=1-", ["cursor"]),
        ("cursor=-1-1", ["cursor"]),
        ("cursor=0-1-2", ["cursor"]),
        ("cursor=" + "9" * 19, ["cursor"]),
        ("updated_since=yesterday", ["updated_since"]),
        ("updated_since=2026-02-30", ["updated_since"]),
        ("updated_since=2026-01-01T00:00:00", ["updated_since"]),
        ("cursor=0&cursor=1", ["cursor"]),
    ],
)
def test_a_wrong_harvest_is_refused(client, query, fields):
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == fields


@pytest.mark.django_db
@pytest.mark.parametrize("address", [LIST, REMOVED])
def test_a_cursor_of_another_collection_is_gone(client, address):
    make_practice(slug="a")
    for cursor in ("2", "1-2") if address == LIST else ("2",):
        response = client.get(address, {"cursor": cursor})
        assert (response.status_code, response.json()["code"]) == (410, "unknown_cursor")
        assert "cursor=0" in response.json()["detail"]


@pytest.mark.django_db
def test_what_was_public_is_gone_at_its_addresses_and_told_to_harvesters(client):
    for slug in ("archived", "deleted", "first"):
        make_practice(slug=slug, lessons=("Ask.",))
    make_practice(slug="never", status="draft")
    publish("archived", "archived")
    Practice.objects.get(slug="deleted").delete()
    rename("first", "second")
    for slug in ("archived", "deleted"):
        for address in (f"{LIST}{slug}/", f"/api/v1/lessons/{slug}/1/"):
            response = client.get(address)
            assert (address, response.status_code, response.json()["status"]) == (address, 410, 410)
        page = client.get(f"/practices/{slug}/")
        assert (page.status_code, "<h1>This practice has been withdrawn</h1>" in page.content.decode()) == (
            410,
            True,
        )
        assert '<form class="search" action="/practices/" role="search">' in page.content.decode()
    assert client.get(f"{LIST}never/").status_code == 404
    assert client.get("/practices/never/").status_code == 404
    moved = client.get(f"{LIST}first/?fields=slug")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"{LIST}second/?fields=slug")
    assert client.get("/api/v1/lessons/first/1/").headers["Location"] == "/api/v1/lessons/second/1/"
    rows = client.get(REMOVED).json()["results"]
    assert [(row["slug"], row["moved_to"]) for row in rows] == [
        ("archived", None), ("deleted", None), ("first", "second"),
    ]  # fmt: skip
    assert rows[0]["url"] == "http://testserver/practices/archived/"
    assert rows[0]["api_url"] == f"http://testserver{LIST}archived/"


@pytest.mark.django_db
def test_what_is_published_again_is_back(client):
    make_practice(slug="a")
    publish("a", "draft")
    assert client.get(f"{LIST}a/").status_code == 410
    publish("a")
    assert client.get(f"{LIST}a/").status_code == 200
    assert client.get(REMOVED).json()["results"] == []


@pytest.mark.django_db
def test_rebuilding_the_index_tells_harvesters_nothing_new(client):
    for slug in "abc":
        make_practice(slug=slug)
    publish("b", "draft")
    before = list(ChangeLogEntry.objects.order_by("slug").values())
    call_command("rebuild_search", stdout=StringIO())
    assert list(ChangeLogEntry.objects.order_by("slug").values()) == before


@pytest.mark.django_db
def test_rebuilding_the_index_tells_of_what_was_changed_behind_its_back(client):
    for slug in "abc":
        make_practice(slug=slug)
    Practice.objects.filter(slug="a").update(status="archived")
    ChangeLogEntry.objects.filter(slug="b").delete()
    call_command("rebuild_search", stdout=StringIO())
    assert client.get(f"{LIST}a/").status_code == 410
    assert [row["slug"] for row in client.get(LIST, {"cursor": 3}).json()["results"]] == ["b"]


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_told(client):
    make_practice(slug="a")
    cursor = client.get(LIST, {"cursor": 0}).json()["cursor"]

    def undone() -> None:
        with transaction.atomic():
            make_practice(slug="b")
            raise LookupError

    with pytest.raises(LookupError):
        undone()
    answer = client.get(LIST, {"cursor": cursor}).json()
    assert (answer["results"], answer["cursor"]) == ([], cursor)


# Writers beside each other --------------------------------------------------------------------------------


@pytest.fixture
def shared_database(transactional_db, tmp_path) -> Iterator[None]:
    """A database that threads write to as servers do: SQLite's in a file, since the one in memory has locks
    of another kind."""
    if connection.vendor != "sqlite":
        yield
        return
    file, memory = tmp_path / "shared.sqlite3", connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    kept, connection.connection = connection.connection, None
    connection.settings_dict["NAME"] = str(file)  # of every thread's connection
    yield
    connection.close()
    connection.settings_dict["NAME"], connection.connection = memory, kept


def test_whoever_takes_a_lower_number_commits_first(client, shared_database):
    """The first writer holds its transaction open while the second one wants to publish: a harvester that
    reads in between must not pass over the first."""
    make_country("PH")
    written, finish = Event(), Event()
    failures: list[Exception] = []

    def write(slug: str, before_commit: Callable[[], object]) -> None:
        try:
            with transaction.atomic():
                make_practice(slug=slug, countries=("PH",))
                before_commit()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    slow = Thread(target=write, args=("slow", lambda: (written.set(), finish.wait(20))))
    fast = Thread(target=write, args=("fast", lambda: None))
    slow.start()
    assert written.wait(20)
    fast.start()
    harvester = Harvester(client)
    harvester.go()
    assert harvester.copy == {}  # neither is committed
    finish.set()
    slow.join(20)
    fast.join(20)
    harvester.go()
    assert failures == []
    assert harvester.read == ["slow", "fast"]
    logged = ChangeLogEntry.objects.order_by("sequence")
    assert list(logged.values_list("slug", flat=True)) == ["slow", "fast"]


def test_a_harvester_beside_three_writers_ends_with_the_collection(client, shared_database):
    for number in range(6):
        make_practice(f"Title {number}", slug=f"p{number}")
    failures: list[Exception] = []

    def write(writer: int) -> None:
        try:
            for number in range(writer, 6, 3):
                publish(f"p{number}", "draft" if number % 2 else "published")
                with batch_reindex():
                    make_practice(f"Written {writer}", slug=f"w{writer}-{number}")
                    if number % 2:
                        publish(f"p{number}")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    writers = [Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    harvester = Harvester(client)
    while any(writer.is_alive() for writer in writers):
        harvester.go()
    harvester.go()
    assert failures == []
    assert harvester.copy == collection()
    sequences = list(ChangeLogEntry.objects.values_list("sequence", flat=True))
    assert len(set(sequences)) == len(sequences) == 12
