"""The map, and the pages of countries and corridors."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from pyroaring import BitMap

from practices.index.facet_index import MapPlace
from practices.maps.frame import frame
from practices.maps.map_view import MARKER_DISTANCE, MAX_LINES
from practices.maps.markers import group_markers
from practices.models import Country
from practices.values.projection import HEIGHT, WIDTH, project
from tests.factories import make_actor, make_country, make_practice, make_region, make_theme
from tests.html import counted, get, head_links, headings, links, part, plain

pytestmark = pytest.mark.django_db

POINTS = {"PH": ("Philippines", 13, 122), "IT": ("Italy", 42.8, 12.8), "MA": ("Morocco", 32, -5)}


@pytest.fixture
def practices() -> None:
    """Three published practices in two countries and on two corridors; hidden ones everywhere."""
    asia = make_region("142", "Asia")
    for code, (name, latitude, longitude) in POINTS.items():
        make_country(code, name, asia if code == "PH" else None)
        Country.objects.filter(code=code).update(latitude=latitude, longitude=longitude)
    for status in ("draft", "in_review", "archived"):
        hidden = make_practice(
            f"Canary {status}", status=status, countries=("PH", "XK"), corridors=("PH-IT", "PH-XK"),
            themes=("savings",), actors=("canary",), lessons=("Canary.",),
        )  # fmt: skip
        hidden.places.update(name="Canary town", latitude=10, longitude=120)
    rows = [
        ("Bonds", "PH", ("PH-IT",), ("Batangas", 13.757, 121.058), ("naga", "atikha")),
        ("Savings", "PH", ("PH-IT",), ("Naga City", 13.619, 123.181), ("naga",)),
        ("Oasis", "MA", ("MA-FR",), ("Figuig", 32.109, -1.229), ()),
    ]
    for day, (title, code, corridors, place, actors) in enumerate(rows, start=1):
        practice = make_practice(
            title, slug=title.lower(), published_at=datetime(2026, 1, day, tzinfo=UTC), countries=(code,),
            corridors=corridors, themes=("savings",) if code == "PH" else ("jobs",), actors=actors,
            lessons=(f"{title} one.", f"{title} two."),
        )  # fmt: skip
        practice.places.update(**dict(zip(("name", "latitude", "longitude"), place, strict=True)))


def map_links(page: str, group: str = "") -> list[tuple[str, str]]:
    """Return address and name of each focusable link on the map; of one layer of markers, if requested."""
    drawn = re.search(r'<svg class="map world".*?</svg>', page, re.DOTALL)[0]
    if group:
        drawn = re.search(rf'<g class="marks {group}">.*?</g>', drawn, re.DOTALL)[0]
    else:
        drawn = re.sub(r'<g class="marks.*?</g>', "", drawn, flags=re.DOTALL)
    found = re.findall(r'<a [^>]*?href="([^"]+)"([^>]*)><title>(.*?)</title>', drawn)
    return [(unescape(to), unescape(name)) for to, more, name in found if "tabindex" not in more]


def table(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


# The map


def test_the_map_links_countries_with_practices_and_corridors_those_with_most_first(client, practices):
    page = get(client, "/countries/")
    assert map_links(page) == [
        ("/countries/MA/", "Morocco: 1 practice"),
        ("/countries/PH/", "Philippines: 2 practices"),
        ("/corridors/PH-IT/", "From Philippines to Italy: 2 practices"),
        ("/corridors/MA-FR/", "From Morocco to Country FR: 1 practice"),
    ]
    used = re.findall(r'<use (?:class="(\w+)" )?href="/static/img/world.svg#(\w+)"/>', page)
    assert used == [("land", "world"), ("end", "IT"), ("end", "FR"), ("", "MA"), ("", "PH")]


def test_a_mark_of_one_practice_leads_to_it_and_a_group_to_its_country_which_is_a_stop_already(
    client, practices
):
    page = get(client, "/countries/")
    assert map_links(page, "wide") == [("/practices/oasis/", "Figuig, Morocco: Oasis")]
    group = re.search(r'<g class="marks wide">.*?</g>', page, re.DOTALL)[0]
    assert '<a href="/countries/PH/" tabindex="-1" aria-hidden="true">' in group
    assert "<title>Batangas, Philippines; Naga City, Philippines: 2 practices</title>" in group
    assert re.findall(r"<text[^>]*>(\d+)</text>", group) == ["2"]
    x, y = project(13.757, 121.058)
    assert f'<path class="spot group" d="M{x:.1f} {y:.1f}h.01"/>' in group


def test_the_table_says_the_same_as_the_map(client, practices):
    page = get(client, "/countries/")
    assert table(page) == [
        ["Country", "Here", "Origin", "Destination"],
        ["Country FR", "–0", "–0", "1"],
        ["Italy", "–0", "–0", "2"],
        ["Morocco", "1", "1", "–0"],
        ["Philippines", "2", "2", "–0"],
    ]
    assert counted(re.sub("<span aria-hidden.*?</span>.*?</span>", "→", page)) == [
        ("Philippines → Italy", "2"),
        ("Morocco → Country FR", "1"),
    ]


def test_the_countries_list_their_practices_the_newest_first(client, practices):
    page = get(client, "/countries/")
    assert headings(page)[1:] == [
        (2, "Table of countries"),
        (2, "Corridors 2"),
        (2, "Practices by country"),
        (3, "Morocco 1"),
        (3, "Philippines 2"),
    ]
    listed = page[page.index('id="by-country"') :]
    assert re.findall(r'<a href="(/practices/\w+/)"', listed) == [
        "/practices/oasis/",
        "/practices/savings/",
        "/practices/bonds/",
    ]


def test_a_country_with_many_practices_lists_the_newest_five_and_links_the_rest(client, practices):
    for number in range(4):
        make_practice(f"More {number}", countries=("PH",))
    page = get(client, "/countries/")
    listed = page[page.index("<h3>Philippines <span") :]
    assert len(re.findall(r'<a href="/practices/[\w-]+/"', listed)) == 5
    assert '<a href="/practices/?country=PH">Show all 6 practices<' in listed


def test_a_narrowed_map_shows_its_practices_alone_says_so_and_keeps_its_filters(client, practices):
    page = get(client, "/countries/?theme=savings&country=PH&country=MA&ordering=title")
    assert "<title>Countries: Country: Philippines or Morocco; Theme: Savings – " in page
    assert '<p class="lede">2 practices. Country: Philippines or Morocco; Theme: Savings.</p>' in page
    kept = "theme=savings&ordering=title"
    assert map_links(page) == [
        (f"/practices/?{kept}&country=PH", "Philippines: 2 practices"),
        (
            "/practices/?theme=savings&country=PH&country=MA&ordering=title&corridor=PH-IT",
            "From Philippines to Italy: 2 practices",
        ),
    ]
    assert table(page)[1:] == [["Italy", "–0", "–0", "2"], ["Philippines", "2", "2", "–0"]]
    query = "theme=savings&country=PH&country=MA&ordering=title"
    assert links(page, "/practices/?")[0] == (f"/practices/?{query}", "Show these 2 practices as a list")
    assert links(page, "/countries/") == [
        ("/countries/?theme=savings&country=MA&ordering=title", "Country: Philippines ×(remove filter)"),
        ("/countries/?theme=savings&country=PH&ordering=title", "Country: Morocco ×(remove filter)"),
        ("/countries/?country=PH&country=MA&ordering=title", "Theme: Savings ×(remove filter)"),
        ("/countries/", "Clear all"),
    ]
    assert head_links(page) == [
        ("canonical", f"http://testserver/countries/?{query}"),
        ("alternate", f"/api/v1/practices/?{query}"),
    ]


@pytest.mark.parametrize("query", ["q=bonds", "theme=savings", "corridor=PH-IT", "from=1990", "actor=atikha"])
def test_the_map_shows_as_many_practices_as_the_api_counts(client, practices, query):
    count = client.get(f"/api/v1/practices/?{query}").json()["count"]
    page = get(client, f"/countries/?{query}")
    assert sum(int(row[1]) for row in table(page)[1:] if row[1] != "–0") == count


def test_a_wrong_value_shows_its_error_and_the_map_of_the_other_values(client, practices):
    page = get(client, "/countries/?theme=none&country=PH")
    assert "There is a problem Theme: “none” is not a valid choice." in plain(page)
    same = get(client, "/countries/?country=PH")
    assert links(page) == links(same)
    assert part(page, '<figure class="map-figure"', "</figure>") == part(
        same, '<figure class="map-figure"', "</figure>"
    )


def test_a_map_without_practices_offers_to_take_each_choice_off(client, practices):
    page = get(client, "/countries/?country=PH&theme=jobs")
    empty = part(page, '<div class="empty">', "</div>")
    assert plain(part(empty, "<p>", "<ul>")) == (
        "No practices match all your filters. To get results, remove one of these:"
    )
    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>(?: <span class="count">(\d+))?', empty) == [
        ("/countries/?country=PH", "Without Theme: Jobs", "2"),
        ("/countries/?theme=jobs", "Without Country: Philippines", "1"),
        ("/countries/", "Show the whole map", ""),
    ]


def test_the_map_takes_no_side_in_words(client, practices):
    note = plain(re.search(r"<figcaption>.*?</figcaption>", get(client, "/countries/"), re.DOTALL)[0])
    for word in ("legal status", "do not imply any opinion", "frontiers or boundaries", "Western Sahara"):
        assert word in note


def test_of_very_many_corridors_those_with_most_practices_are_drawn_and_the_page_says_so(client, practices):
    codes = [f"{a}{b}" for a in "QXZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"][: MAX_LINES + 5]
    make_practice(corridors=tuple(f"{code}-IT" for code in codes))
    page = get(client, "/countries/")
    drawn = [to for to, _name in map_links(page) if to.startswith("/corridors/")]
    assert len(drawn) == MAX_LINES
    assert drawn[0] == "/corridors/PH-IT/"
    assert f"The map shows the {MAX_LINES} of {MAX_LINES + 7} corridors with the most practices." in page


@pytest.mark.parametrize("apart", MARKER_DISTANCE.values())
def test_no_two_marks_stand_nearer_than_they_may_and_no_practice_is_lost(apart):
    places = [
        (MapPlace("PH", f"{x} {y}", (x * 7.0, y * 7.0)), BitMap([x * 20 + y]))
        for x in range(20)
        for y in range(20)
    ]
    marks = group_markers(places, apart)
    for mark in marks:
        for other in marks:
            if mark is not other:
                (x, y), (a, b) = mark.point, other.point
                assert (x - a) ** 2 + (y - b) ** 2 >= apart**2
    assert BitMap.union(*(mark.pks for mark in marks)) == BitMap(range(400))
    assert sum(len(mark.places) for mark in marks) == 400


def test_a_number_on_the_map_is_always_that_of_one_country():
    def text(*rows: tuple[str, int]) -> str:
        places = [(MapPlace(code, str(key), (1, 1)), BitMap([key])) for code, key in rows]
        return group_markers(places, 10)[0].text

    assert text(("PH", 1)) == ""
    assert text(("PH", 1), ("PH", 2)) == "2"
    assert text(("CR", 1), ("SV", 2)) == "+"
    assert text(("CR", 1), ("SV", 1)) == ""  # one practice


def test_the_corridors_are_found_at_their_short_address(client):
    answer = client.get("/corridors/")
    assert (answer.status_code, answer["Location"]) == (301, "/countries/#corridors")


def test_a_mark_stands_at_the_town_and_not_at_the_middle_of_its_country():
    whole, town = MapPlace("PH", "", (10, 10)), MapPlace("PH", "Naga", (12, 10))
    [mark] = group_markers([(whole, BitMap([1, 2, 3])), (town, BitMap([1]))], 18)
    assert (mark.point, mark.count) == ((12, 10), 3)


@pytest.mark.parametrize("points", [[(0, 0)], [(1, 438), (999, 2)], [(500, 200), (510, 210)]])
def test_a_cutting_holds_its_points_and_stays_on_the_map(points):
    cut = frame(points)
    assert 0 <= cut.x <= cut.x + cut.width <= WIDTH + 0.01
    assert 0 <= cut.y <= cut.y + cut.height <= HEIGHT + 0.01
    for x, y in points:
        assert cut.x <= x <= cut.x + cut.width
        assert cut.y <= y <= cut.y + cut.height


# A country


def test_a_country_has_what_happens_there_who_left_who_came_and_its_actors(client, practices):
    make_actor("atikha")
    make_actor("canary")
    for slug in ("atikha", "canary", "naga"):
        actor = make_actor(slug)
        actor.country_id = "PH"
        actor.save()
    make_practice("Back", slug="back", corridors=("IT-PH",))
    page = get(client, "/countries/PH/")
    assert headings(page) == [
        (1, "Philippines"),
        (2, "Practices here 2"),
        (3, "Savings"),
        (3, "Bonds"),
        (2, "Practices about emigrants"),
        (3, "Philippines →to Italy 2"),
        (2, "Practices about immigrants"),
        (3, "Italy →to Philippines 1"),
        (2, "Actors based here"),
    ]
    assert counted(page) == [("Naga", "2"), ("Atikha", "1")]
    assert [to for to, _words in links(page, "/corridors/")] == ["/corridors/PH-IT/", "/corridors/IT-PH/"]
    assert ("/practices/back/", "Back") in links(page)
    assert "anary" not in page


def test_a_country_people_only_came_to_says_where_to_read_on(client, practices):
    page = get(client, "/countries/IT/")
    said = "Practices elsewhere concern migrants from or to this country: see the corridor below."
    assert said in page
    assert '<section aria-labelledby="here">' in page
    assert headings(page)[1:] == [
        (2, "Practices here 0"),
        (2, "Practices about immigrants"),
        (3, "Philippines →to Italy 2"),
    ]


def test_a_country_of_which_nothing_is_known_shows_the_way_to_those_that_have_some(client, practices):
    page = get(client, "/countries/XK/")
    assert plain(page[page.index('<div class="empty">') : page.index("</main>")]).startswith(
        "No practices yet. Show countries with practices"
    )


# A corridor


def test_a_corridor_has_its_practices_themes_actors_and_lessons(client, practices):
    page = get(client, "/corridors/PH-IT/")
    assert headings(page) == [
        (1, "Philippines →to Italy"),
        (2, "Practices 2"),
        (3, "Savings"),
        (3, "Bonds"),
        (2, "Lessons from these practices 4"),
        (2, "Themes"),
        (2, "Actors"),
    ]
    assert counted(page) == [("Savings", "2"), ("Naga", "2"), ("Atikha", "1")]
    assert links(page, "/practices/?") == [
        ("/practices/?corridor=PH-IT", "Filter these practices by theme, period or actor"),
        ("/practices/?corridor=PH-IT&theme=savings", "Savings"),
    ]
    quoted = re.findall(r'<blockquote lang="en" dir="ltr">(.*?)</blockquote>', page)
    assert quoted == ["Savings one.", "Savings two.", "Bonds one.", "Bonds two."]
    assert head_links(page) == [
        ("canonical", "http://testserver/corridors/PH-IT/"),
        ("alternate", "/api/v1/practices/?corridor=PH-IT"),
    ]
    x, y = project(13, 122)
    assert f'<path class="line" d="M{x:.1f} {y:.1f}Q' in page
    assert "anary" not in page


def test_a_corridor_links_the_way_back_only_where_there_is_one(client, practices):
    assert "opposite direction" not in get(client, "/corridors/PH-IT/")
    make_practice(corridors=("IT-PH",))
    assert ("/corridors/IT-PH/", "Italy →to Philippines") in links(get(client, "/corridors/PH-IT/"))


def test_a_corridor_without_a_published_practice_is_empty_and_not_for_search_engines(client, practices):
    page = get(client, "/corridors/PH-XK/")
    assert headings(page)[1:] == [(2, "Practices 0")]
    assert '<meta name="robots" content="noindex">' in page
    assert ("/countries/#corridors", "Show corridors with practices") in links(page)
    assert "noindex" not in get(client, "/corridors/PH-IT/")


def test_codes_in_small_letters_lead_to_the_page_for_good(client, practices):
    response = client.get("/corridors/ph-It/")
    assert (response.status_code, response.headers["Location"]) == (301, "/corridors/PH-IT/")


@pytest.mark.parametrize("code", ["PH-PH", "PH-ZZ", "ZZ-PH"])
def test_no_such_corridor(client, practices, code):
    assert client.get(f"/corridors/{code}/").status_code == 404


# What a page costs


def make_rows(rows: int) -> None:
    """Practices with places, corridors, actors and themes, some shared and some not."""
    for number in range(rows):
        own = f"Q{chr(65 + number)}"
        practice = make_practice(
            countries=("PH", own), corridors=("PH-IT", f"{own}-PH"), themes=("savings", f"theme-{number}"),
            actors=("naga", f"actor-{number}"), lessons=("One.", "Two."),
        )  # fmt: skip
        practice.places.update(name="Naga", latitude=13, longitude=120 + number)
        for slug in ("naga", f"actor-{number}"):
            actor = make_actor(slug)
            actor.country_id = "PH"
            actor.save()


# In each, the first query is the version of the content.
COSTS = {
    "/": 3,  # cards of the newest, short lessons
    "/countries/": 2,  # titles
    "/countries/?theme=savings": 2,  # the same
    "/countries/PH/": 2,  # cards, among them those of its corridors
    "/corridors/PH-IT/": 4,  # the version once more for the lessons; cards, lessons
    "/themes/savings/": 2,  # cards
    "/themes/": 1,
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), COSTS.items())
def test_a_way_in_costs_the_same_for_any_number_of_practices(
    client, django_assert_num_queries, rows, address, queries
):
    make_rows(rows)
    get(client, address)  # fills the facet index
    with django_assert_num_queries(queries):
        page = get(client, address)
    assert page.count("Practice ") >= rows or address == "/themes/"


# Themes


def test_the_themes_stand_with_their_parts_and_what_they_mean(client):
    whole = make_theme("remittances", definition="Money sent home.")
    make_theme("savings", whole)
    make_practice(themes=("savings",))
    page = get(client, "/themes/")
    assert headings(page) == [(1, "Themes"), (2, "JMDI themes"), (3, "Remittances 1")]
    assert counted(page) == [("Remittances", "1"), ("Savings", "1")]
    assert "<p>Money sent home.</p>" in page


def test_a_theme_says_where_its_practices_happen_and_what_stands_beside_it(client, practices):
    whole = make_theme("remittances")
    for slug in ("savings", "bonds"):
        part = make_theme(slug)
        part.parent = whole
        part.save()
    page = get(client, "/themes/savings/")
    assert counted(page) == [("Bonds", "0"), ("Philippines", "2")]
    assert links(page, "/practices/?") == [
        ("/practices/?theme=savings", "Filter these practices by country, period or actor"),
        ("/practices/?theme=savings&country=PH", "Philippines"),
    ]
    assert ("/countries/?theme=savings", "Show on the map") in links(page)
    assert ("/lessons/?theme=savings", "Read all 4 lessons") in links(page)


# Home


def test_home_shows_the_practices_on_a_small_map_that_leads_to_the_large_one(client, practices):
    page = get(client, "/")
    opening = re.search(r'<p class="opening-map">.*?</p>', page, re.DOTALL)[0]
    assert plain(opening) == "Show 2 countries on the map"
    assert '<use class="land" href="/static/img/world-small.svg#land"/>' in opening
    assert opening.count('class="spot"') == 2  # Batangas and Naga are one


def test_home_offers_the_shortest_lessons_of_different_practices(client, practices):
    practice = make_practice("Long", slug="long", lessons=("A lesson " + "of many words " * 20,))
    practice.lessons.create(order=2, text="Short.")
    page = get(client, "/")
    assert re.findall(r'<blockquote lang="en" dir="ltr">(.*?)</blockquote>', page) == [
        "Short.",
        "Bonds one.",
        "Oasis one.",
    ]
    assert ("/practices/long/#lesson-2", "Lesson 2") in links(page)


@pytest.mark.parametrize("address", ["", "desk@example.org"])
def test_home_says_how_to_share_a_practice_only_if_there_is_an_address_for_it(
    client, practices, settings, address
):
    settings.CONTACT_EMAIL = address
    page = get(client, "/")
    assert ((2, "Share a practice") in headings(page)) == bool(address)
    assert ('<a href="mailto:desk@example.org">Write to desk@example.org</a>' in page) == bool(address)


def test_home_of_many_countries_names_those_with_most_practices_and_links_all(client):
    for number in range(14):
        make_practice(countries=(f"Q{chr(65 + number)}",))
    make_practice(countries=("QN",))
    page = get(client, "/")
    assert len(counted(page)) == 12
    assert ("Country QN", "2") in counted(page)
    assert ("/countries/", "All 14 countries, and the corridors between them") in links(page)
