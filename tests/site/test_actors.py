"""The index of actors and their pages."""

import re
from datetime import UTC, datetime

import pytest

from practices.models import Participation
from practices.site import actors as views
from tests.factories import make_actor, make_country, make_practice, make_publication
from tests.html import counted, get, head_links, headings, links, plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def actors() -> None:
    """A city in two practices, a part of it in one, a publisher; and hidden ones in the same places."""
    make_country("PH", "Philippines")
    city = make_actor("naga", "local-authorities", name="City of Naga", country_id="PH", acronym="CGN")
    make_actor("council", "local-authorities", name="Ávila council", parent=city)
    make_actor("press", name="1 Press")
    bonds = make_practice(
        "Bonds", slug="bonds", published_at=datetime(2026, 1, 1, tzinfo=UTC), actors=("naga", "council"),
        corridors=("PH-IT",), countries=("PH",),
        publication=make_publication("book", title="A book", publisher=make_actor("press")),
    )  # fmt: skip
    bonds.participations.filter(order=1).update(role="lead")
    make_practice("Savings", slug="savings", actors=("naga",), corridors=("PH-IT",))
    make_practice("Work", slug="work", actors=("naga",))
    hide("canary", city)


def hide(slug: str, city) -> None:
    """An actor that only drafts name: as a participant, publisher, funder, parent and part."""
    for status in ("draft", "in_review", "archived"):
        whole = make_actor(f"{slug}-whole", name="Canary whole")
        actor = make_actor(
            f"{slug}-{status}".replace("_", "-"), "canary-type", name="Canary office", acronym="CNRY",
            country_id="PH", parent=city,
        )  # fmt: skip
        book = make_publication(f"{slug}-{status}", title="Canary book", publisher=actor)
        book.funders.add(actor)
        book.implementers.add(actor)
        practice = make_practice(
            "Canary practice", status=status, actors=("naga", actor.slug, whole.slug), corridors=("PH-XK",),
            publication=book,
        )  # fmt: skip
        practice.participations.filter(order=1).update(role="funder")
    make_actor("unused", name="Canary without a practice")
    council = make_actor("council")
    council.parent = council.parent or city
    council.save()


def listed(page: str) -> list[tuple[str, str]]:
    """Return the letters, and the actors under each as text."""
    found = re.findall(r'<h3 id="letter-\d+">(.*?)</h3>\s*<ul>(.*?)</ul>', page, re.DOTALL)
    return [
        (letter, plain(row))
        for letter, rows in found
        for row in re.findall(r"<li>(.*?)</li>", rows, re.DOTALL)
    ]


# The index


def test_a_list_offers_actors_in_the_order_of_their_letters_whatever_their_case_and_accents(client):
    names = ["City of Naga", "COOPEALIANZA", "east", "Église", "Zeta"]
    for number, name in enumerate(names):
        make_actor(f"a{number}", name=name)
    make_practice(actors=("a4", "a3", "a2", "a1", "a0"))
    page = get(client, "/practices/")
    assert re.findall(r'name="actor" value="a\d"> <span>(.*?)</span>', page) == names


def test_the_index_names_who_takes_part_from_a_to_z_accents_aside_and_nobody_else(client, actors):
    page = get(client, "/actors/")
    assert listed(page) == [
        ("0–9", "1 Press"),
        ("A", "Ávila council 1 Local authorities"),
        ("C", "City of Naga CGN 3 Local authorities · Philippines"),
    ]
    assert headings(page)[:3] == [(1, "Actors"), (2, "Type"), (2, "3 actors")]
    assert counted(page) == [("All types", "3"), ("Local authorities", "2"), ("Ávila council", "1")]
    assert re.findall(r'<a href="(#[^"]+)">(.*?)</a>', page) == [
        ("#letter-1", "0–9"),
        ("#letter-2", "A"),
        ("#letter-3", "C"),
    ]
    assert "anary" not in page
    assert "CNRY" not in page


def test_the_index_narrows_by_type_and_by_country_and_leads_back(client, actors):
    page = get(client, "/actors/?actor_type=local-authorities&country=ph")
    assert [words for _letter, words in listed(page)] == [
        "City of Naga CGN 3 Local authorities · Philippines"
    ]
    assert re.findall(r'aria-current="true">([^<]+)<', page) == ["Local authorities"]
    assert links(page, "/actors/?") == [
        ("/actors/?country=PH", "All types"),
        ("/actors/?actor_type=local-authorities&country=PH", "Local authorities"),
        ("/actors/?actor_type=local-authorities", "Country: Philippines ×(remove filter)"),
    ]
    assert "<title>Actors: Local authorities: Philippines – " in page
    assert head_links(page) == [
        ("canonical", "http://testserver/actors/?actor_type=local-authorities&country=PH"),
        ("alternate", "/api/v1/actors/?actor_type=local-authorities&country=PH"),
    ]


@pytest.mark.parametrize("query", ["actor_type=none", "country=ZZ", "actor_type=%00"])
def test_a_wrong_value_shows_its_error_and_the_list_without_it(client, actors, query):
    page = get(client, f"/actors/?{query}")
    assert "There is a problem" in page
    assert "is not a valid choice. Accepted:" in page
    assert listed(page) == listed(get(client, "/actors/"))


def test_a_type_that_only_hidden_actors_have_shows_nobody(client, actors):
    page = get(client, "/actors/?actor_type=canary-type")
    assert listed(page) == []
    assert ("/actors/", "Show all actors") in links(page)
    assert "Canary office" not in page


def test_an_empty_index_shows_a_way_on(client, db):
    make_practice(status="draft", actors=("hidden",))
    page = get(client, "/actors/")
    assert "No published practice has an actor yet." in page
    assert ("/practices/", "Show all practices") in links(page)


def test_of_very_many_actors_a_page_shows_one_letter(client, actors, monkeypatch):
    monkeypatch.setattr(views, "ACTORS_PER_PAGE", 2)
    assert [letter for letter, _words in listed(get(client, "/actors/"))] == ["0–9"]
    page = get(client, "/actors/?letter=C")
    assert [letter for letter, _words in listed(page)] == ["C"]
    assert links(page, "?") == [("?letter=0%E2%80%939", "0–9"), ("?letter=A", "A"), ("?letter=C", "C")]
    assert [letter for letter, _words in listed(get(client, "/actors/?letter=Z"))] == ["0–9"]


# An actor


def test_an_actor_has_its_practices_by_role_its_corridors_and_its_parts(client, actors):
    page = get(client, "/actors/naga/")
    assert headings(page) == [
        (1, "City of Naga CGN"),
        (2, "Lead 1"),
        (3, "Bonds"),
        (2, "Partner 2"),
        (3, "Work"),
        (3, "Savings"),
    ]
    assert links(page, "/corridors/") == [("/corridors/PH-IT/", "Philippines →to Country IT")]
    facts = re.search(r'<dl class="who">.*?</dl>', page, re.DOTALL)[0]
    assert [plain(html) for html in re.findall(r"<d[td]>(.*?)</d[td]>", facts, re.DOTALL)] == [
        "Type", "Local authorities", "Country", "Philippines", "Includes", "Ávila council",
        "Corridors of its practices", "Philippines →to Country IT 2",
    ]  # fmt: skip
    assert head_links(page) == [
        ("canonical", "http://testserver/actors/naga/"),
        ("alternate", "/api/v1/practices/?actor=naga"),
    ]
    assert "anary" not in page
    assert "Funder" not in page


def test_a_part_leads_to_its_whole(client, actors):
    page = get(client, "/actors/council/")
    assert '<a href="/actors/naga/"><bdi>CGN</bdi></a></nav>' in page
    assert ("/actors/naga/", "City of Naga (CGN)") in links(page)


def test_an_actor_of_publications_alone_has_a_page_and_no_twin_for_programs(client, actors):
    page = get(client, "/actors/press/")
    assert headings(page) == [(1, "1 Press"), (2, "Publications"), (3, "Published")]
    assert '<cite lang="en" dir="ltr">A book</cite>' in page
    assert head_links(page) == [("canonical", "http://testserver/actors/press/")]


@pytest.mark.parametrize(
    "slug", ["canary-draft", "canary-in-review", "canary-archived", "canary-whole", "unused", "none", "%00"]
)
def test_an_actor_that_nothing_published_names_is_not_found(client, actors, slug):
    response = client.get(f"/actors/{slug}/")
    assert response.status_code == 404
    assert "anary" not in response.content.decode().replace("canary-", "")


def test_an_actor_is_gone_with_its_last_published_practice(client, actors):
    assert client.get("/actors/council/").status_code == 200
    practice = Participation.objects.get(actor__slug="council").practice
    practice.status = "archived"
    practice.save()
    assert client.get("/actors/council/").status_code == 404
    assert client.get("/actors/press/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    for number in range(rows):
        whole = make_actor(f"whole-{number}", f"type-{number}")
        make_actor(f"part-{number}", parent=whole)
        book = make_publication(f"book-{number}", publisher=make_actor("naga"))
        book.funders.add(make_actor("naga"))
        make_practice(
            countries=(f"Q{chr(65 + number)}",), corridors=(f"Q{chr(65 + number)}-IT",), publication=book,
            actors=("naga", f"whole-{number}", f"part-{number}"),
        )  # fmt: skip
    for address in ("/actors/", "/actors/naga/"):
        get(client, address)  # fills the facet index
    with django_assert_num_queries(1):  # the version of the content
        assert len(listed(get(client, "/actors/"))) == 1 + 2 * rows
    # the version; roles; cards; publications it published, funded, implemented
    with django_assert_num_queries(6):
        assert len(headings(get(client, "/actors/naga/"))) == 1 + 1 + rows + 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=nag", ["naga"]),
        ("q=CITY+of", ["naga"]),
        ("q=lgu", ["naga"]),
        ("q=of+nothing", []),
        ("q=", ["atikha", "naga"]),
        ("actor_type=cities", ["naga"]),
        ("actor_type=cities,ngos", ["atikha", "naga"]),
        ("actor_type=cities&actor_type=ngos&q=ati", ["atikha"]),
        ("country=ph", ["naga"]),
        ("country=PH,IT", ["atikha", "naga"]),
    ],
)
def test_the_api_finds_actors_by_words_types_and_countries(client, db, query, expected):
    make_actor("naga", "cities", name="City of Naga", acronym="LGU", country=make_country("PH"))
    make_actor("atikha", "ngos", name="Atikha", country=make_country("IT"))
    make_actor("secret", "ngos", name="City of nothing")
    make_practice(actors=("naga", "atikha"))
    make_practice(actors=("secret",), status="draft")
    rows = client.get(f"/api/v1/actors/?{query}").json()["results"]
    assert [row["slug"] for row in rows] == expected


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("q=a%00", "invalid_text"),
        ("q=" + "x" * 501, "too_long"),
        ("q=a&q=b", "repeated"),
        ("actor_type=nothing", "unknown_value"),
        ("country=PH,ZZ", "unknown_value"),
    ],
)
def test_a_wrong_question_for_actors_is_refused(client, db, query, code):
    make_country("PH")
    assert [error["code"] for error in client.get(f"/api/v1/actors/?{query}").json()["errors"]] == [code]
