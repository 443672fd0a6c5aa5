"""The order of titles and names: as readers expect it, and the same on both engines."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from practices.models import Participation, Practice
from practices.values.text import MAX_KEY_LENGTH, sort_key
from tests.factories import make_actor, make_editor, make_practice
from tests.html import get, headings

pytestmark = pytest.mark.django_db

# In the order that readers expect.
TITLES = [
    "2 towns",
    "10 towns",
    "« Aide » aux villes",
    "apple",
    "Éclair",
    "école",
    "École d’été",
    "Łódź and its towns",
    "Lodz, twice",
    "Øresund",
    "Return from a gender perspective",
    "Return Migration: a plan",
    "Straße",
    "Strasse 2",
    "Zebra",
    "المهاجرات",
]
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def titled() -> None:
    for number, title in enumerate(reversed(TITLES)):
        make_practice(title, slug=f"p-{len(TITLES) - number}", published_at=MOMENT)


def listed_slugs(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/practices/([\w-]+)/', page)


IN_ORDER = [f"p-{number + 1}" for number in range(len(TITLES))]


@pytest.mark.parametrize(
    "address",
    ["/practices/?ordering=title", "/practices/", "/practices/?ordering=period"],
)
def test_titles_stand_in_the_order_that_readers_expect(client, titled, address):
    assert listed_slugs(get(client, address)) == IN_ORDER


@pytest.mark.parametrize("format", ["json", "csv"])
def test_files_and_the_api_have_the_same_order_of_titles(client, titled, format):
    text = b"".join(client.get(f"/api/v1/practices/?ordering=title&format={format}")).decode()
    found = re.findall(r'"slug": ?"(p-\d+)"' if format == "json" else r"^(p-\d+),", text, re.MULTILINE)
    assert list(dict.fromkeys(found)) == IN_ORDER


def test_the_list_at_the_desk_has_the_same_order_of_titles(client, titled):
    client.force_login(make_editor())
    page = get(client, "/admin/practices/practice/?o=1")
    assert [title for title in re.findall(r">([^<>]+)</span></a></th>", page) if title in TITLES] == TITLES


def test_titles_with_the_same_key_stand_by_their_characters(client):
    for title in ("École", "ecole", "Ecole", "ÉCOLE"):
        make_practice(title, published_at=MOMENT)
    page = get(client, "/practices/?ordering=title")
    titles = re.findall(r"<h3><a [^>]*>([^<]+)</a></h3>", page)
    assert titles == ["Ecole", "ecole", "ÉCOLE", "École"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("É. 9", "e 019"),
        ("“Quoted” title", "quoted title"),
        ("Œuvre, Æsir & Þór", "oeuvre aesir thor"),
        ("Đồng bằng", "dong bang"),
        ("ﬁne\u200b\u202etuned", "finetuned"),
        ("٢٠١٣–٢٠١٥", "042013 042015"),
        ("007", "017"),
        ("0", "010"),
        ("  two \t spaces ", "two spaces"),
        ("!!!", "!!!"),
        ("हिन्दी", "हिनदी"),
    ],
)
def test_a_key_has_no_case_accents_or_signs_and_numbers_by_value(text, key):
    assert sort_key(text) == key


def test_a_key_fits_its_column_whatever_the_title():
    for title in ("1 " * 125, "ﷺ" * 250, "9" * 250, "\0" * 250):
        assert len(sort_key(title)) <= MAX_KEY_LENGTH


def test_a_key_follows_each_way_of_saving(tmp_path):
    practice = make_practice("Älter")
    assert Practice.objects.get().title_sort == "alter"
    practice.title = "Öl"
    practice.save()
    assert Practice.objects.get().title_sort == "ol"
    Practice.objects.bulk_create([Practice(title="Über", slug="uber", story="A.")])
    assert Practice.objects.get(slug="uber").title_sort == "uber"
    rows = tmp_path / "rows.json"
    fields = {"title": "Île", "slug": "ile", "story": "A.", "updated_at": "2026-01-01T00:00:00Z"}
    rows.write_text(json.dumps([{"model": "practices.practice", "fields": fields}]), encoding="utf-8")
    call_command("loaddata", rows, verbosity=0)
    assert Practice.objects.get(slug="ile").title_sort == "ile"


@pytest.mark.django_db(transaction=True)
def test_a_migration_sets_the_keys_of_practices_that_exist():
    make_practice("École")
    changed_at = Practice.objects.get().updated_at
    try:
        call_command("migrate", "practices", "0012", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert list(Practice.objects.values_list("title_sort", "updated_at")) == [("ecole", changed_at)]


def test_names_of_actors_and_publications_have_the_same_order(client):
    practice = make_practice("One")
    names = ["2 towns", "10 towns", "apple", "Éclair", "Łódź", "Øresund", "Zebra"]
    for order, name in enumerate(reversed(names), start=1):
        actor = make_actor(f"actor-{order}", name=name)
        Participation.objects.create(practice=practice, actor=actor, order=order)
    page = get(client, "/actors/")
    assert [
        name for name in re.findall(r'<a href="/actors/[^"]+"[^>]*>([^<]+)</a>', page) if name in names
    ] == names
    assert [text for level, text in headings(page) if level == 3] == ["0–9", "A", "E", "L", "O", "Z"]
    api = client.get("/api/v1/actors/").json()["results"]
    assert [row["name"] for row in api if row["name"] in names] == names


@pytest.mark.parametrize(("hours", "heading"), [(0, "Practices"), (1, "Newest")])
def test_home_calls_practices_the_newest_only_if_their_dates_differ(client, hours, heading):
    make_practice("A", slug="a", published_at=MOMENT)
    make_practice("B", slug="b", published_at=MOMENT + timedelta(hours=hours))
    page = get(client, "/")
    assert re.search(r'<h2 id="newest">([^<]+)</h2>', page)[1] == heading
    assert listed_slugs(page) == (["a", "b"] if hours == 0 else ["b", "a"])


def test_the_order_by_date_says_what_orders_equal_dates(client, titled):
    assert "Sort by:</span> <a" in (page := get(client, "/practices/"))
    assert re.findall(r'aria-current="true">([^<]+)<', page) == ["Newest first, then by title"]
