"""What each page of the site shows a reader."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.utils import timezone
from django.utils.dateformat import format as date_format

from tests.factories import make_actor, make_country, make_practice, make_region, make_theme
from tests.html import counted, get, head_links, headings, links, part, plain

pytestmark = pytest.mark.django_db

HOME_TITLE = "What local authorities and migrants have tried, and what they learned"

COUNT = re.compile(r'<h2 id="results-count" tabindex="-1">([^<]*)</h2>')


@pytest.fixture
def practices() -> None:
    """Two published practices; a draft, one in review and an archived one in the same places."""
    asia, europe = make_region("142", "Asia"), make_region("150", "Europe")
    make_country("PH", "Philippines", make_region("035", "South-eastern Asia", asia))
    make_country("IT", "Italy", make_region("039", "Southern Europe", europe))
    make_country("SN", "Senegal")
    remittances = make_theme("remittances", definition="Money sent home.")
    make_theme("savings", remittances, definition="Money kept.")
    make_theme("lens", scheme="toolbox")
    make_actor("naga", "local-authorities", name="City of Naga")
    shared = {"countries": ("PH",), "themes": ("savings",), "corridors": ("PH-IT",), "lessons": ("Hidden.",)}
    for status in ("draft", "in_review", "archived"):
        make_practice(status, slug=status, status=status, **shared)
    make_practice(
        "Money at work", slug="money", published_at=datetime(2026, 1, 1, tzinfo=UTC), summary="Short.",
        story="Long *story*.", period="2009-04/2011-06", countries=("PH", "IT"), themes=("savings",),
        actors=("naga",), corridors=("PH-IT",), objectives=("gcm-20",), sources=("A book.",),
        lessons=("First *one*.", "Second."),
    )  # fmt: skip
    make_practice(
        "Une histoire", slug="histoire", published_at=datetime(2026, 1, 2, tzinfo=UTC), language="fr",
        kind="personal_story", summary="Court.", countries=("PH",), themes=("remittances", "lens"),
    )  # fmt: skip


def test_home_offers_themes_countries_lessons_and_the_newest(client, practices):
    page = get(client, "/")
    assert headings(page) == [
        (1, HOME_TITLE),
        (2, "By theme"),
        (3, "JMDI themes"),
        (3, "Themes of the JMDI toolbox"),
        (2, "By country"),
        (2, "Lessons learned"),
        (2, "Newest"),
        (3, "Une histoire"),
        (3, "Money at work"),
    ]
    assert counted(page) == [("Remittances", "2"), ("Lens", "1"), ("Italy", "1"), ("Philippines", "2")]
    assert "2 full case studies on migration and local development: where" in page
    assert "with 2 lessons learned." in page
    assert links(page, "/practices/money/#") == [("/practices/money/#lesson-2", "Lesson 2")]
    assert '<blockquote lang="en" dir="ltr">Second.</blockquote>' in page
    assert ("/practices/", "Show all 2 practices") in links(page)
    assert ("/countries/#corridors", "Corridors between countries") in links(page)


def test_the_list_shows_all_that_is_published_the_newest_first(client, practices):
    page = get(client, "/practices/")
    assert headings(page) == [
        (1, "Practices"),
        (2, "Filters"),
        (3, "Asia"),
        (3, "Europe"),
        (3, "JMDI themes"),
        (3, "Themes of the JMDI toolbox"),
        (3, "Global Compact for Migration"),
        (2, "2 practices"),
        (3, "Une histoire"),
        (3, "Money at work"),
    ]
    found = re.findall(
        r'name="(\w+)" value="([^"]*)"( checked)?> <span>[^<]*</span> <span class="count">(\d+)<', page
    )
    assert found == [
        ("country", "PH", "", "2"),
        ("country", "IT", "", "1"),
        ("theme", "remittances", "", "2"),
        ("theme", "savings", "", "1"),
        ("theme", "lens", "", "1"),
        ("corridor", "PH-IT", "", "1"),
        ("actor_type", "local-authorities", "", "1"),
        ("actor", "naga", "", "1"),
        ("objective", "gcm-20", "", "1"),
        ("kind", "practice", "", "1"),
        ("kind", "personal_story", "", "1"),
        ("activity", "unknown", "", "2"),
    ]  # fmt: skip
    cards = re.findall(r'<p class="card-where">(.*?)</p>', page)
    assert [plain(card) for card in cards] == [
        "Philippines · Personal story",
        "Philippines, Italy · April 2009 – June 2011",
    ]


def test_a_choice_in_force_is_checked(client, practices):
    page = get(client, "/practices/?country=it&kind=practice&theme=savings")
    assert re.findall(r'value="([^"]*)" checked', page) == ["IT", "savings", "practice"]


def test_chips_say_what_narrows_the_list_and_lead_to_the_list_without_it(client, practices):
    query = (
        "q=work&country=ph&country=IT&theme=savings&actor=naga&from=02010&to=2011&ordering=title&page=1&kind="
    )
    page = get(client, f"/practices/?{query}")
    chips = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)[0]
    found = [
        (unescape(to), plain(words)) for to, words in re.findall(r'<a [^>]*href="([^"]+)">(.*?)</a>', chips)
    ]
    countries, rest = "country=ph&country=IT", "theme=savings&actor=naga"
    years = "from=02010&to=2011&ordering=title"
    assert found == [
        (f"/practices/?{countries}&{rest}&{years}", "Search: work ×(remove filter)"),
        (f"/practices/?q=work&country=IT&{rest}&{years}", "Country: Philippines ×(remove filter)"),
        (f"/practices/?q=work&country=ph&{rest}&{years}", "Country: Italy ×(remove filter)"),
        (f"/practices/?q=work&{countries}&actor=naga&{years}", "Theme: Savings ×(remove filter)"),
        (f"/practices/?q=work&{countries}&theme=savings&{years}", "Actor: City of Naga ×(remove filter)"),
        (f"/practices/?q=work&{countries}&{rest}&to=2011&ordering=title", "From year: 2010 ×(remove filter)"),
        (
            f"/practices/?q=work&{countries}&{rest}&from=02010&ordering=title",
            "To year: 2011 ×(remove filter)",
        ),
        ("/practices/", "Clear all"),
    ]
    assert '<h2 id="results-count" tabindex="-1">1 practice</h2>' in page
    assert (
        "<title>Practices: Search: work; Country: Philippines or Italy; Theme: Savings; "
        "Actor: City of Naga; From year: 2010; To year: 2011 – " in page
    )


def test_the_last_chip_leads_to_the_whole_list(client, practices):
    assert links(get(client, "/practices/?region=142"), "/practices/")[0] == (
        "/practices/",
        "Region: Asia ×(remove filter)",
    )


def test_a_list_without_rows_offers_to_take_off_what_would_find_most(client, practices):
    page = get(client, "/practices/?country=IT&kind=personal_story&q=nothingofthesort")
    assert plain(part(page, '<div class="empty">', "<ul>")) == (
        "No results for “nothingofthesort” with these filters."
    )
    page = get(client, "/practices/?country=IT&kind=personal_story&language=fr")
    empty = page[page.index('<div class="empty">') :]
    assert plain(empty[: empty.index("<ul>")]) == (
        "No practices match all your filters. To get results, remove one of these:"
    )
    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>(?: <span class="count">(\d+))?', empty)[:3] == [
        ("/practices/?kind=personal_story&amp;language=fr", "Without Country: Italy", "1"),
        ("/practices/", "Show all", ""),
        ("/themes/", "Browse themes", ""),
    ]
    assert headings(page)[-1] == (2, "0 practices")
    assert 'role="alert"' not in page


@pytest.mark.parametrize(("noun", "name"), [("results for", "practices"), ("lessons match", "lessons")])
def test_a_word_that_nothing_has_is_named_and_an_empty_list_offers_no_choices_downloads_or_map(
    client, practices, noun, name
):
    page = get(client, f"/{name}/?q=xylo<b>phone")
    assert plain(part(page, '<div class="empty">', "<ul>")) == (
        f"No {noun} “xylo<b>phone”. Try other words or fewer words."
    )
    assert [words for _to, words in links(page)] == [
        "Search: xylo<b>phone ×(remove filter)",
        "Show all",
        "Browse themes",
    ]
    assert "<details" not in page


def test_of_words_that_nothing_has_together_those_that_something_has_are_offered(client, practices):
    make_practice("Identity papers")
    page = get(client, "/practices/?q=blockchain+xylophone+identity")
    assert links(page)[1:4] == [
        ("/practices/?q=identity", "Search for “identity”"),
        ("/practices/", "Show all"),
        ("/themes/", "Browse themes"),
    ]
    narrowed = get(client, "/practices/?q=blockchain+xylophone+identity&kind=personal_story")
    assert "Search for “identity”" not in narrowed


def test_the_words_searched_for_are_not_counted_as_a_filter(client, practices):
    filters = re.compile(r'<summary>Filters <span class="count" data-part="chosen">(.*?)</span></summary>')
    assert filters.findall(get(client, "/practices/?q=work")) == [""]
    assert filters.findall(get(client, "/practices/?q=work&country=PH&from=2009")) == ["(2)"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("savings migrants", []),
        ("savings piano", ["No results contain “piano”. These match most of the other words."]),
        ("saving mig", ["Showing words that begin with “mig”."]),
        ("savings migrants homes", ["1 result matches all your words. The others match most of them."]),
        ("savings homes boats", ["No results match all your words. These match most of them."]),
    ],
)
def test_a_search_says_what_it_made_of_the_words(client, db, query, expected):
    make_practice("Savings of migrants", slug="whole", summary="homes")
    make_practice("Savings of migrants", slug="most", summary="boats")
    page = get(client, f"/practices/?q={query}")
    assert [plain(said) for said in re.findall(r'<p class="understood">.*?</p>', page, re.DOTALL)] == expected


def test_a_line_parts_what_has_all_words_from_what_has_most(client, db):
    make_practice("Savings of migrants", slug="whole", summary="homes")
    make_practice("Savings of migrants", slug="most", summary="boats")
    said = re.compile('href="/practices/(\\w+)/|(Practices that match most of your words)')
    best = get(client, "/practices/?q=savings+migrants+homes")
    assert [any_ or slug for slug, any_ in said.findall(best)] == [
        "whole",
        "Practices that match most of your words",
        "most",
    ]
    assert "Practices that match most of your words" not in get(
        client, "/practices/?q=savings+migrants+homes&ordering=title"
    )


def test_a_printed_list_says_what_was_asked_where_and_when(client, practices):
    page = get(client, "/practices/?q=work&country=PH&page=1")
    day = date_format(timezone.localdate(), "j F Y")
    assert plain(part(page, '<p class="printed">', "</p>")) == (
        f"Search: work; Country: Philippines · http://testserver/practices/?q=work&country=PH · {day}"
    )


def test_a_wrong_value_shows_its_error_and_the_list_of_the_other_values(client, practices):
    page = get(client, "/practices/?kind=book&country=PH")
    assert plain(re.search(r'<div class="errors" role="alert">.*?</div>', page, re.DOTALL)[0]) == (
        "There is a problem Kind: “book” is not a valid choice. Accepted: practice, "
        "thinking_point, personal_story. This value was ignored."
    )
    same = get(client, "/practices/?country=PH")
    assert [row for row in headings(page) if row != (2, "There is a problem")] == headings(same)
    assert 'name="country" value="PH" checked' in page
    assert chip_links(page) == chip_links(same) == [("/practices/", "Country: Philippines ×(remove filter)")]
    assert "<title>Error: Practices: Country: Philippines – " in page
    assert "book" not in part(page, '<section class="machine"', "</section>")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("kind=book", "This value was"),
        ("kind=book,leaflet", "These values were"),
        ("kind=book&country=XX,PH", "These values were"),
        ("country=XX,PH", "This value was"),
        ("from=2015&to=2010", "These values were"),
        ("from=x", "This value was"),
    ],
)
@pytest.mark.parametrize("name", ["practices", "countries"])
def test_the_summary_of_errors_says_whether_one_value_is_ignored_or_several(
    client, practices, name, query, words
):
    errors = part(get(client, f"/{name}/?{query}"), '<div class="errors"', "</div>")
    assert f"{words} ignored." in plain(errors)


@pytest.mark.parametrize("name", ["practices", "lessons", "countries"])
@pytest.mark.parametrize("more", ["", "&theme=jobs"])
def test_a_page_repeats_its_query_as_often_for_few_choices_as_for_many(client, practices, name, more):
    codes = [f"Q{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"] + [f"R{each}" for each in "ABCDEFGHIJ"]
    for code in codes:
        make_country(code, f"Land {code}")

    def copies(most: int) -> int:
        query = "".join(f"&country={code}" for code in codes[:most])
        return get(client, f"/{name}/?country=PH{query}{more}").count("country=QA")

    assert copies(25) == copies(36)


@pytest.mark.parametrize(("more", "rest"), [(19, []), (20, ["and 1 more"]), (29, ["and 10 more"])])
def test_twenty_choices_can_be_removed_one_by_one_and_the_others_together(client, practices, more, rest):
    codes = [f"Q{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"] + ["RA", "RB", "RC", "RD"]
    for code in codes:
        make_country(code, f"Land {code}")
    query = "".join(f"&country={code}" for code in codes[:more])
    page = get(client, f"/practices/?country=PH{query}")
    chips = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)[0]
    assert len(chip_links(page)) == 20
    said = [plain(item) for item in re.findall(r"<li>(.*?)</li>", chips, re.DOTALL)]
    assert said[20:] == [*rest, "Clear all"]
    assert f'data-part="chosen">({more + 1})<' in page


def chip_links(page: str) -> list[tuple[str, str]]:
    return [link for link in links(page) if link[1].endswith("(remove filter)")]


@pytest.mark.parametrize("name", ["practices", "lessons"])
@pytest.mark.parametrize(
    ("query", "field", "value", "message"),
    [
        (
            "from=20x4",
            "from",
            "20x4",
            "“20x4” is not a valid choice. Accepted: a year, such as 2014.",
        ),
        ("to=0", "to", "0", "“0” is not a valid choice. Accepted: a year, such as 2014."),
        ("from=2015&to=2014", "from", "2015", "“From year” (2015) must not be later than “To year” (2014)."),
    ],
)
def test_a_wrong_year_keeps_its_value_and_has_its_error_at_the_field(
    client, practices, name, query, field, value, message
):
    page = get(client, f"/{name}/?{query}&country=PH")
    box = part(page, f'<input id="{field}"', ">")
    assert f'value="{value}"' in box
    assert f'aria-describedby="{field}-error" aria-invalid="true"' in box
    assert plain(part(page, f'<p class="field-error" id="{field}-error"', "</p>")) == message
    assert '<details class="filters" data-fold="filters" open>' in page
    assert COUNT.search(page)[1] == COUNT.search(get(client, f"/{name}/?country=PH"))[1]


def test_years_in_the_wrong_order_are_both_kept_and_neither_narrows_the_list(client, practices):
    page = get(client, "/practices/?from=2015&to=2014")
    assert [
        re.search(r'value="(\d*)"', part(page, f'<input id="{name}"', ">"))[1] for name in ("from", "to")
    ] == [
        "2015",
        "2014",
    ]
    assert COUNT.search(page)[1] == COUNT.search(get(client, "/practices/"))[1]


def test_one_wrong_value_of_several_leaves_the_others_in_force(client, practices):
    page = get(client, "/practices/?country=PH&country=ZZ&theme=none&region=999")
    assert re.findall(r'<li data-parameter="(\w+)">', page) == ["country", "region", "theme"]
    assert COUNT.search(page)[1] == COUNT.search(get(client, "/practices/?country=PH"))[1]
    assert '<a href="#facet-country">Country</a>: “ZZ”' in page
    assert 'id="facet-country" aria-describedby="country-error"' in page


def test_a_search_that_is_too_long_has_its_error_at_the_search_box(client, practices):
    page = get(client, f"/practices/?q={'x' * 501}")
    assert 'aria-describedby="q-error" aria-invalid="true"' in part(page, '<input id="q"', ">")
    assert plain(part(page, '<p class="field-error" id="q-error"', "</p>")) == (
        "Ensure this value has at most 500 characters (it has 501)."
    )


def test_the_orders_offered_keep_the_filters_and_mark_the_one_in_force(client, practices):
    page = get(client, "/practices/?country=PH&page=1")
    assert links(page, "?") == [
        ("?country=PH&ordering=-published", "Newest first, then by title"),
        ("?country=PH&ordering=title", "Title"),
        ("?country=PH&ordering=period", "Earliest period"),
        ("?country=PH&ordering=-period", "Latest period"),
    ]
    assert re.findall(r'aria-current="true">([^<]+)<', page) == ["Newest first, then by title"]


def test_a_practice_page_has_its_parts_in_order(client, practices):
    page = get(client, "/practices/money/")
    assert headings(page) == [
        (1, "Money at work"),
        (2, "Key facts"),
        (3, "Assigned by the editors"),
        (2, "Story"),
        (2, "Lessons learned"),
        (2, "Sources"),
        (2, "Cite this practice"),
        (3, "APA"),
        (3, "Chicago"),
        (2, "Related practices"),
        (2, "Editors’ notes"),
    ]
    assert [
        plain(text)
        for text in re.findall(r'<li id="lesson-\d+" value="\d+">\s*<div.*?>(.*?)</div>', page, re.DOTALL)
    ] == [
        "First one.",
        "Second.",
    ]
    assert re.findall(r'<li id="(lesson-\d+)" value="(\d)">', page) == [("lesson-1", "1"), ("lesson-2", "2")]
    assert counted(page) == [("Lessons", "2"), ("Sources", "1")]
    assert links(page, "/corridors/") == [("/corridors/PH-IT/", "Philippines →to Italy")]
    facts = dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL))
    assert {name: plain(html) for name, html in facts.items()} == {
        "Where": "PhilippinesItaly",
        "When": "April 2009 – June 2011",
        "Activity": "Not known",
        "Who": "City of Naga",
        "Corridors": "Philippines →to Italy",
        "Themes": "Savings",
        "Objectives": "Assigned by the editors GCM 20 Objective gcm-20",
    }


def test_a_practice_with_little_to_tell_leaves_the_rest_out(client, practices):
    page = get(client, "/practices/histoire/")
    assert headings(page) == [
        (1, "Une histoire"),
        (2, "Key facts"),
        (2, "Story"),
        (2, "Cite this practice"),
        (3, "APA"),
        (3, "Chicago"),
        (2, "Related practices"),
        (2, "Editors’ notes"),
    ]
    assert '<p class="kind">Personal story</p>' in page


def test_what_is_written_in_another_language_says_so(client, practices):
    page = get(client, "/practices/histoire/")
    assert re.findall(r'<(\w+)[^>]* lang="([a-z]+)"', page) == [
        ("html", "en"),
        ("h1", "fr"),
        ("p", "fr"),
        ("div", "fr"),
        *(("p", "en"), ("bdi", "fr")) * 2,  # an English citation of a French title
        ("a", "en"),
    ]
    card = get(client, "/practices/?language=fr")
    assert re.findall(r'<(\w+)[^>]* lang="([a-z]+)"', card) == [("html", "en"), ("a", "fr"), ("p", "fr")]


def test_a_country_page_has_its_practices_and_those_about_people_who_came(client, practices):
    page = get(client, "/countries/IT/")
    assert headings(page) == [
        (1, "Italy"),
        (2, "Practices here 1"),
        (3, "Money at work"),
        (2, "Practices about immigrants"),
        (3, "Philippines →to Italy 1"),
    ]
    assert '<p class="under-title">Southern Europe</p>' in page
    assert links(page, "/corridors/") == [("/corridors/PH-IT/", "Philippines →to Italy")]
    assert "Practices about immigrants" not in get(client, "/countries/PH/")


def test_a_theme_page_has_the_practices_of_its_parts_too(client, practices):
    page = get(client, "/themes/remittances/")
    assert headings(page) == [
        (1, "Remittances"),
        (2, "Practices 2"),
        (3, "Une histoire"),
        (3, "Money at work"),
        (2, "Parts of this theme"),
        (2, "Where"),
        (2, "Lessons learned"),
    ]
    assert '<p class="lede">Money sent home.</p>' in page
    assert '<a href="/themes/remittances/">Remittances</a></nav>' in get(client, "/themes/savings/")


def test_the_indexes_count_what_is_published(client, practices):
    countries, themes = get(client, "/countries/"), get(client, "/themes/")
    assert [words for level, words in headings(countries) if level == 3] == ["Italy 1", "Philippines 2"]
    assert [words for level, words in headings(themes) if level == 2] == [
        "JMDI themes",
        "Themes of the JMDI toolbox",
    ]
    assert counted(themes) == [("Remittances", "2"), ("Savings", "1"), ("Lens", "1")]


@pytest.mark.parametrize(
    ("address", "words", "way_on"),
    [
        (
            "/",
            "No practices have been published yet. Editors can log in to add the first one.",
            "/practices/",
        ),
        ("/practices/", "No practices have been published yet.", "/practices/"),
        ("/countries/SN/", "No practices yet.", "/countries/"),
        ("/themes/empty/", "No practices yet.", "/themes/"),
        ("/countries/", "No practices have been published yet.", None),
    ],
)
def test_an_empty_page_says_so_and_shows_a_way_on(client, db, address, words, way_on):
    make_practice(countries=("SN",), themes=("empty",), status="draft")
    page = get(client, address)
    assert words in page
    assert way_on is None or way_on in [to for to, _words in links(page)]


@pytest.mark.parametrize(
    ("address", "canonical", "twin"),
    [
        ("/", "/", None),
        ("/practices/", "/practices/", "practices/"),
        (
            "/practices/?country=PH&kind=&ordering=title&page=1",
            "/practices/?country=PH&ordering=title",
            "practices/?country=PH&ordering=title",
        ),
        ("/practices/money/", "/practices/money/", "practices/money/"),
        ("/countries/", "/countries/", "practices/"),
        ("/countries/PH/", "/countries/PH/", "practices/?country=PH"),
        ("/themes/", "/themes/", "themes/"),
        ("/themes/savings/", "/themes/savings/", "practices/?theme=savings"),
    ],
)
def test_a_page_names_its_own_address_and_its_twin_for_programs(client, practices, address, canonical, twin):
    expected = [("canonical", f"http://testserver{canonical}")]
    if twin:
        expected.append(("alternate", f"/api/v1/{twin}"))
    found = head_links(get(client, address))
    assert found == expected
