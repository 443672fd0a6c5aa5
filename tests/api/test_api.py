"""What the API returns: documents, pages, problems, and the number of queries."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from practices.models import ChangeLogEntry, Practice
from practices.search.indexing import batch_reindex
from tests.factories import make_actor, make_country, make_practice, make_publication, make_region, make_theme

pytestmark = pytest.mark.django_db

LIST = "/api/v1/practices/"


def make_full_practice(**fields) -> Practice:
    """A practice with two of each child where order matters, in an order that is not the alphabet's."""
    make_country("PH", "Philippines")
    make_country("IT", "Italy")
    make_actor("naga", "local-authorities", name="City of Naga", acronym="LGU")
    make_actor("atikha", name="Atikha")
    make_theme("savings", make_theme("remittances"), name="Savings")
    practice = make_practice(
        **{
            "title": "Zeal in Naga",
            "kind": "thinking_point",
            "summary": "A *plain* summary.",
            "story": "It **began**.",
            "editors_note": "A note.",
            "period": "2016-02/..",
            "activity": "running",
            "activity_checked_on": date(2026, 2, 1),
            "activity_checked_by": "the desk",
            "countries": ("PH", "IT", "PH"),
            "themes": ("remittances", "savings"),
            "objectives": ("sdg-10.7", "gcm-20"),
            "corridors": ("PH-IT", "IT-PH"),
            "lessons": ("Write it *down*.", "Ask <b>first</b>."),
            "sources": ("*Zebra*", "Ant"),
            "published_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        }
        | fields
    )
    practice.places.filter(order=1).update(name="Naga", latitude="13.622", longitude="123.195")
    practice.participations.create(order=1, actor=make_actor("naga"), role="lead", group="City", note="Paid.")
    practice.participations.create(order=2, actor=make_actor("atikha"), group="City")
    practice.participations.create(order=3, actor=make_actor("naga"), role="funder", group="Money")
    practice.sources.filter(order=1).update(url="https://example.org/z", date="2014-05")
    practice.save()  # what `update()` changed is told to nobody
    return practice


def summary_of(practice: Practice) -> dict:
    """The expected row of the list for `make_full_practice`."""
    practice.refresh_from_db()
    return {
        "slug": practice.slug,
        "url": f"http://testserver/practices/{practice.slug}/",
        "api_url": f"http://testserver/api/v1/practices/{practice.slug}/",
        "title": "Zeal in Naga",
        "kind": "thinking_point",
        "summary": "A *plain* summary.",
        "language": "en",
        "available_languages": ["en"],
        "countries": [{"code": "PH", "name": "Philippines"}, {"code": "IT", "name": "Italy"}],
        "places": [
            {"name": "Naga", "country": "PH", "latitude": 13.622, "longitude": 123.195},
            {"name": "", "country": "IT", "latitude": None, "longitude": None},
            {"name": "", "country": "PH", "latitude": None, "longitude": None},
        ],
        "corridors": [{"origin": "IT", "destination": "PH"}, {"origin": "PH", "destination": "IT"}],
        "period": {
            "text": "since February 2016",
            "edtf": "2016-02/..",
            "start": "2016-02-01",
            "end": None,
            "ongoing": True,
        },
        "activity": "running",
        "activity_checked_on": "2026-02-01",
        "activity_checked_by": "the desk",
        "themes": [{"slug": "remittances", "name": "Remittances"}, {"slug": "savings", "name": "Savings"}],
        "objectives": [
            {"code": "gcm-20", "name": "Objective gcm-20", "assigned_by_editors": True},
            {"code": "sdg-10.7", "name": "Objective sdg-10.7", "assigned_by_editors": False},
        ],
        "actors": [
            {
                "slug": "naga",
                "name": "City of Naga",
                "acronym": "LGU",
                "type": "local-authorities",
                "role": "lead",
                "group": "City",
                "note": "Paid.",
            },
            {
                "slug": "atikha",
                "name": "Atikha",
                "acronym": "",
                "type": None,
                "role": "partner",
                "group": "City",
                "note": "",
            },
            {
                "slug": "naga",
                "name": "City of Naga",
                "acronym": "LGU",
                "type": "local-authorities",
                "role": "funder",
                "group": "Money",
                "note": "",
            },
        ],
        "sources": [
            {"text": "*Zebra*", "url": "https://example.org/z", "date": "2014-05"},
            {"text": "Ant", "url": "", "date": None},
        ],
        "publication": None,
        "published_at": "2026-01-02T03:04:05Z",
        "updated_at": practice.updated_at.isoformat().replace("+00:00", "Z"),
        "changed_at": ChangeLogEntry.objects.get(slug=practice.slug)
        .changed_at.isoformat()
        .replace("+00:00", "Z"),
    }


def test_one_practice_comes_whole_with_every_child_in_its_order(client):
    practice = make_full_practice()
    address = f"http://testserver/practices/{practice.slug}/"
    assert client.get(f"{LIST}{practice.slug}/").json() == summary_of(practice) | {
        "story": {"markdown": "It **began**.", "html": "<p>It <strong>began</strong>.</p>\n"},
        "lessons": [
            {
                "number": 1,
                "order": 1,
                "url": f"{address}#lesson-1",
                "markdown": "Write it *down*.",
                "html": "<p>Write it <em>down</em>.</p>\n",
            },
            {
                "number": 2,
                "order": 2,
                "url": f"{address}#lesson-2",
                "markdown": "Ask <b>first</b>.",
                "html": "<p>Ask &lt;b&gt;first&lt;/b&gt;.</p>\n",
            },
        ],
        "images": [],
        "editors_note": "A note.",
    }


def test_the_list_leaves_out_story_and_lessons(client):
    practice = make_full_practice()
    assert client.get(LIST).json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [summary_of(practice)],
    }


def test_a_practice_without_anything_has_empty_lists_and_nulls(client):
    make_practice(slug="bare", summary="", story="Told.")
    found = client.get(f"{LIST}bare/").json()
    empty = ("countries", "places", "corridors", "themes", "objectives", "actors", "sources", "lessons")
    assert {field: found[field] for field in empty} == {field: [] for field in empty}
    assert (found["period"], found["publication"], found["activity"]) == (None, None, "unknown")
    assert (found["activity_checked_on"], found["activity_checked_by"]) == (None, "")


def test_a_publication_names_its_publisher_funders_and_implementers(client):
    publication = make_publication(
        publisher=make_actor("jmdi", name="The Initiative", acronym="JMDI"),
        url="https://example.org/booklet",
        date="2017",
    )
    publication.funders.set([make_actor("eu", name="Zurich"), make_actor("sdc", name="Bern")])
    publication.implementers.set([make_actor("undp", name="UNDP")])
    make_practice(slug="a", publication=publication)
    assert client.get(f"{LIST}a/").json()["publication"] == {
        "slug": "booklet",
        "title": "A booklet",
        "publisher": {"slug": "jmdi", "name": "The Initiative", "acronym": "JMDI"},
        "funders": [
            {"slug": "sdc", "name": "Bern", "acronym": ""},
            {"slug": "eu", "name": "Zurich", "acronym": ""},
        ],
        "implementers": [{"slug": "undp", "name": "UNDP", "acronym": ""}],
        "url": "https://example.org/booklet",
        "language": "en",
        "date": "2017",
    }


@pytest.mark.parametrize(
    ("period", "by_the_editors"),
    [
        (None, {"gcm-20": True, "sdg-10.7": True}),
        ("/2020", {"gcm-20": True, "sdg-10.7": True}),
        ("2015-09-24", {"gcm-20": True, "sdg-10.7": True}),
        ("2015-09-25", {"gcm-20": True, "sdg-10.7": False}),
        ("2018-12-09", {"gcm-20": True, "sdg-10.7": False}),
        ("2018-12-10", {"gcm-20": False, "sdg-10.7": False}),
    ],
)
def test_an_objective_younger_than_the_practice_is_the_editors_reading(client, period, by_the_editors):
    make_practice(slug="a", period=period, objectives=("gcm-20", "sdg-10.7"))
    objectives = client.get(f"{LIST}a/").json()["objectives"]
    assert {row["code"]: row["assigned_by_editors"] for row in objectives} == by_the_editors


def test_facets_come_when_asked_for_with_exact_counts(client):
    make_practice(countries=("PH",), themes=("savings",))
    make_practice(countries=("PH", "IT"), kind="personal_story")
    make_practice(countries=("IT",), themes=("savings",), status="draft")
    facets = client.get(LIST, {"facets": "1", "country": "IT", "page_size": 1}).json()["facets"]
    assert facets == {
        "country": [
            {"value": "IT", "label": "Country IT", "count": 1, "selected": True},
            {"value": "PH", "label": "Country PH", "count": 2, "selected": False},
        ],
        "theme": [],
        "corridor": [],
        "actor_type": [],
        "actor": [],
        "objective": [],
        "kind": [{"value": "personal_story", "label": "Personal story", "count": 1, "selected": False}],
        "activity": [{"value": "unknown", "label": "Not known", "count": 1, "selected": False}],
        "region": [],
        "language": [{"value": "en", "label": "English", "count": 1, "selected": False}],
    }


def test_facets_count_regions_and_languages_among_what_the_other_parameters_leave(client):
    asia = make_region("142", "Asia")
    make_country("PH", region=make_region("035", "South-eastern Asia", asia))
    make_country("IT", region=make_region("150", "Europe"))
    make_practice(countries=("PH",))
    make_practice(countries=("PH",), language="fr")
    make_practice(countries=("IT",), language="es")
    make_practice(countries=("IT",), language="ar", status="draft")
    facets = client.get(LIST, {"facets": "1", "region": "035"}).json()["facets"]
    counts = {name: {row["value"]: row["count"] for row in facets[name]} for name in ("region", "language")}
    assert counts == {"region": {"035": 2, "142": 2, "150": 1}, "language": {"en": 1, "fr": 1}}
    assert [row["value"] for row in facets["region"] if row["selected"]] == ["035"]


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        *((text, True) for text in ("!!!", "😀", '"', "\ufffd", "-")),
        *((text, False) for text in ("savings", "-savings")),
    ],
)
def test_a_question_that_holds_no_word_says_so(client, text, empty):
    make_practice("Savings")
    for address in (LIST, "/api/v1/lessons/"):
        assert client.get(address, {"q": text}).json()["search"]["empty"] is empty


@pytest.mark.parametrize(
    ("address", "key"),
    [("countries/ph", "PH"), ("countries/Ph", "PH"), ("objectives/SDG-10.7", "sdg-10.7")],
)
def test_codes_in_addresses_may_be_in_any_letters(client, address, key):
    make_practice(countries=("PH",), objectives=("sdg-10.7",))
    document = client.get(f"/api/v1/{address}/").json()
    assert (document["code"], document["api_url"].endswith(f"/{key}/")) == (key, True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=savings", {"corrections": {}, "unknown": [], "exact_count": 1}),
        ("q=savigns", {"corrections": {"savigns": "savings"}, "unknown": [], "exact_count": 1}),
        ("q=savings+piano", {"corrections": {}, "unknown": ["piano"], "exact_count": 0}),
        (
            "q=savings+of+migrants+abroad&page_size=1",
            {"corrections": {}, "unknown": [], "exact_count": 1},
        ),
        (
            "q=savings+of+migrants+abroad&kind=personal_story",
            {"corrections": {}, "unknown": [], "exact_count": 0},
        ),
    ],
)
def test_a_search_tells_how_it_was_understood(client, query, expected):
    make_practice("Savings of migrants abroad")
    make_practice("Migrants abroad", kind="personal_story")
    make_practice("Zarzuela", status="draft")
    answer = client.get(f"{LIST}?{query}").json()
    assert (answer["search"], answer["count"] > 0) == (expected | {"empty": False}, True)


@pytest.mark.parametrize("query", ["", "facets=0"])
def test_facets_do_not_come_unasked(client, query):
    assert list(client.get(f"{LIST}?{query}").json()) == ["count", "next", "previous", "results"]


def test_the_root_says_where_things_are(client):
    names = ("practices", "lessons", "removed", "actors", "countries", "themes", "objectives", "publications")
    addresses = {name: f"http://testserver/api/v1/{name}/" for name in (*names, "schema", "docs")}
    assert client.get("/api/v1/").json() == addresses
    for address in addresses.values():
        assert client.get(address).status_code == 200


def make_related_practices(rows: int) -> None:
    """Rows with every relation, their own publications and actors, so that a missing prefetch shows."""
    with batch_reindex():
        for number in range(rows):
            make_related_practice(number)


def make_related_practice(number: int) -> None:
    publication = make_publication(f"book-{number}", publisher=make_actor(f"publisher-{number}"))
    publication.funders.add(make_actor(f"funder-{number}"))
    publication.implementers.add(make_actor(f"implementer-{number}"))
    make_actor(f"actor-{number}", f"type-{number}")
    make_practice(
            slug=f"row-{number}", countries=("PH", "IT"), themes=(f"theme-{number}",), corridors=("PH-IT",),
            objectives=(f"gcm-{number}",), actors=(f"actor-{number}", "naga"), lessons=("One.", "Two."),
            sources=("Here.", "There."), publication=publication, period=str(1900 + number),
        )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "queries"), [(1, 5), (20, 5), (50, 8), (100, 8)])
def test_a_search_takes_the_same_queries_for_few_rows_and_for_many(
    client, django_assert_num_queries, rows, queries
):
    make_related_practices(rows)
    address = f"{LIST}?q=story&page_size=100"
    client.get(address)  # the first request of a version makes the facet index
    # the version; which words are known; the practices that hold them; their texts; the documents;
    # of more than 20, who may be first: 6 by title, names, summary and lessons, 7 by all; 8 their passages
    with django_assert_num_queries(queries):
        assert len(client.get(address).json()["results"]) == rows


@pytest.mark.slow
@pytest.mark.parametrize("rows", [1, 20, 100])
def test_lists_take_the_same_queries_for_any_number_of_rows(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    for address, queries in {
        LIST: 2,  # the version; the documents, ready in the index
        f"{LIST}?facets=1&page_size=100": 2,  # the same: facets are counted in memory
        f"{LIST}?cursor=0&page_size=100": 2,  # so are changes
        f"{LIST}?updated_since=2020-01-01&page_size=100": 3,  # and which change came first since then
        # the version; the practices with publication, publisher and index; 3 places with countries;
        # 4 corridors with their ends; 5 themes; 6 objectives; 7 participations with actors and their
        # types; 8 sources; 9 funders, 10 implementers of the publications; 11 lessons, 12 images
        f"{LIST}?fields=slug,story&page_size=100": 12,
        "/api/v1/lessons/?page_size=100": 2,  # the version; the lessons with their practices
        "/api/v1/actors/?page_size=100": 1,  # the version: the rest is in memory
        "/api/v1/countries/?page_size=100": 1,
        "/api/v1/publications/?page_size=100": 5,  # how often; with publishers; funders, implementers
        "/api/v1/removed/?page_size=100": 3,  # the version, how many, the slugs; here none
    }.items():
        client.get(address)  # the first request of a version makes the facet index
        with django_assert_num_queries(queries):
            answer = client.get(address).json()
        assert len(answer["results"]) >= min(rows, 20) or address.startswith(("/api/v1/r", "/api/v1/c"))


@pytest.mark.parametrize("rows", [1, 3])
def test_one_practice_takes_the_same_queries_for_any_number_of_children(
    client, django_assert_num_queries, rows
):
    make_related_practices(1)
    practice = Practice.objects.get()
    for number in range(2, rows + 1):
        practice.lessons.create(order=10 + number, text="More.")
        practice.participations.create(order=10 + number, actor=make_actor(f"more-{number}", f"t-{number}"))
        practice.themes.add(make_theme(f"more-{number}"))
        practice.corridors.create(origin=make_country(f"O{number}"), destination=make_country(f"D{number}"))
    client.get(f"{LIST}row-0/")
    # the version; the practice with publication, publisher and index; 8 relations; lessons; images
    with django_assert_num_queries(12):
        assert len(client.get(f"{LIST}row-0/").json()["lessons"]) == rows + 1


@pytest.mark.parametrize("cookie", ["", f"sessionid={'s' * 32}; csrftoken={'c' * 32}"])
def test_the_api_sets_no_cookie_and_varies_by_none(cookie):
    make_practice(slug="a")
    for address in (LIST, f"{LIST}?facets=1", f"{LIST}a/", "/api/v1/", f"{LIST}b/", f"{LIST}?kind=book"):
        response = Client(headers={"cookie": cookie}).get(address)
        assert response.cookies == {}
        assert "cookie" not in response.headers.get("Vary", "").lower()
