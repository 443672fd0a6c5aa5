"""Lessons of all practices in one list, searched and filtered."""

import re

import pytest
from django.http import QueryDict

from practices.listing.filters import LessonFilter, Results
from practices.models import Lesson, Practice
from tests.factories import make_actor, make_country, make_practice, make_region
from tests.html import get, headings, plain

pytestmark = pytest.mark.django_db

ARTICLE = re.compile(r'<article class="lesson">(.*?)</article>', re.DOTALL)
PROSE = re.compile(r'<div class="prose"[^>]*>(.*?)</div>', re.DOTALL)
COUNT = re.compile(r'<h2 id="results-count" tabindex="-1">([^<]*)</h2>')


def listed(question: str = "") -> list[str]:
    """Return the texts of the lessons that the filter set selects, in its order."""
    filterset = LessonFilter(QueryDict(question))
    assert filterset.is_valid(), filterset.errors
    rows = [lesson.text for lesson in Results(filterset, Lesson.objects.published().in_bulk)[:100]]
    assert len(rows) == filterset.count()
    return rows


def shown(client, question: str = "") -> list[str]:
    """Return the texts of the lessons on the page, as HTML."""
    return [html.strip() for html in PROSE.findall(get(client, f"/lessons/?{question}"))]


def undate(practice: Practice, published: str) -> None:
    practice.published_at = f"{published}T00:00:00Z"
    practice.save()


# Search -------------------------------------------------------------------------------------------------


def test_a_lesson_is_found_by_its_own_words_in_any_form():
    make_practice(lessons=("Banks lend to cooperatives.", "Ask first."))
    assert listed("q=bank") == ["Banks lend to cooperatives."]
    assert listed("q=lending+cooperative") == ["Banks lend to cooperatives."]
    assert listed("q=coop") == ["Banks lend to cooperatives."]
    assert listed('q="ask+first"') == ["Ask first."]
    assert listed('q="first+ask"') == []


@pytest.mark.parametrize("place", ["story", "summary", "sources"])
def test_a_word_of_the_story_alone_finds_no_lesson(place):
    values = {"story": "Zarzuela.", "summary": "Zarzuela.", "sources": ("Zarzuela.",)}
    make_practice(slug="one", lessons=("A lesson.",), **{place: values[place]})
    assert listed("q=zarzuela") == []
    make_practice(lessons=("Zarzuela in a lesson.",))
    assert listed("q=zarzuela") == ["Zarzuela in a lesson."]


def test_a_word_of_another_lesson_of_the_practice_finds_no_lesson():
    make_practice(lessons=("Zarzuela.", "Another."))
    assert listed("q=zarzuela") == ["Zarzuela."]


def test_words_of_title_places_actors_and_themes_find_the_lessons_of_a_practice():
    make_practice(
        "Bonds", countries=("PH",), actors=("atikha",), themes=("savings",), lessons=("First.", "Second."),
    )  # fmt: skip
    make_practice("Loans", lessons=("Neither.",))
    Practice.objects.get(title="Bonds").places.create(order=2, name="Naga", country=make_country("PH"))
    for word in ("bonds", "naga", "atikha", "savings", "philippines"):
        assert (word, listed(f"q={word}")) == (word, ["First.", "Second."])


def test_a_lesson_that_says_it_comes_before_those_whose_practice_does():
    undate(make_practice("Title", lessons=("Bonds are said here.",)), "2001-01-01")
    undate(make_practice("Bonds, bonds, bonds", lessons=("One.", "Two.")), "2002-01-01")
    undate(make_practice("Title", lessons=("Here bonds are said.",)), "2003-01-01")
    found = listed("q=bonds")
    assert set(found[:2]) == {"Bonds are said here.", "Here bonds are said."}
    assert found[2:] == ["One.", "Two."]


def test_words_of_lesson_and_title_may_be_asked_together():
    make_practice("Naga", lessons=("Banks lend.", "Ask first."))
    make_practice("Manila", lessons=("Banks lend elsewhere.",))
    assert listed("q=naga+banks") == ["Banks lend."]


def test_when_no_lesson_has_all_words_those_with_most_are_found_and_the_page_says_so(client):
    make_practice("Title", lessons=("Banks lend money.", "Ask first."))
    assert listed("q=banks+lend+zarzuela") == ["Banks lend money."]
    page = get(client, "/lessons/?q=banks+lend+zarzuela")
    assert "No results contain “zarzuela”. These match most of the other words." in page
    assert "match most of the other words" not in get(client, "/lessons/?q=banks+lend")


def test_an_unwanted_word_takes_lessons_out_and_leaves_their_neighbours():
    make_practice("Title", lessons=("Banks lend.", "Banks ask."))
    assert listed("q=banks+-lend") == ["Banks ask."]
    assert listed("q=-banks") == []
    assert listed("q=-lend") == ["Banks ask."]


def test_a_changed_and_a_deleted_lesson_is_found_no_more():
    practice = make_practice("Title", lessons=("Zarzuela.", "Other."))
    lesson = practice.lessons.get(order=1)
    lesson.text = "Opera."
    lesson.save()
    assert (listed("q=zarzuela"), listed("q=opera")) == ([], ["Opera."])
    lesson.delete()
    assert (listed("q=opera"), listed()) == ([], ["Other."])


# Filters and order --------------------------------------------------------------------------------------


@pytest.fixture
def two(db) -> None:
    """Two practices that differ in everything, the second with two lessons."""
    make_country("PH", region=make_region("035", "South-eastern Asia"))
    make_country("SN", region=make_region("011", "Western Africa"))
    make_actor("atikha", "civil-society"), make_actor("naga", "local-authorities")
    undate(
        make_practice(
            "B", countries=("PH",), themes=("savings",), actors=("atikha",), corridors=("PH-IT",),
            objectives=("gcm-20",), kind="practice", activity="ended", language="en", period="2010",
            lessons=("Philippine lesson.",),
        ), "2001-01-01",
    )  # fmt: skip
    undate(
        make_practice(
            "A", countries=("SN",), themes=("return",), actors=("naga",), corridors=("SN-FR",),
            objectives=("gcm-19",), kind="thinking_point", activity="unknown", language="fr", period="2014",
            lessons=("Première leçon.", "Deuxième leçon."),
        ), "2002-01-01",
    )  # fmt: skip


FIRST, SECOND = ["Philippine lesson."], ["Première leçon.", "Deuxième leçon."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("country=PH", "country=SN"),
        ("region=035", "region=011"),
        ("theme=savings", "theme=return"),
        ("actor=atikha", "actor=naga"),
        ("actor_type=civil-society", "actor_type=local-authorities"),
        ("corridor=PH-IT", "corridor=SN-FR"),
        ("objective=gcm-20", "objective=gcm-19"),
        ("kind=practice", "kind=thinking_point"),
        ("activity=ended", "activity=unknown"),
        ("language=en", "language=fr"),
        ("to=2010", "from=2011"),
    ],
)
def test_each_parameter_narrows_to_the_lessons_of_its_practices(two, client, first, second):
    assert (listed(first), listed(second)) == (FIRST, SECOND)
    for question, texts in ((first, FIRST), (second, SECOND)):
        assert [plain(html) for html in shown(client, question)] == texts


def test_parameters_and_a_search_narrow_together(two):
    assert listed("country=PH&country=SN") == [*SECOND, *FIRST]
    assert listed("country=PH&theme=return") == []
    assert listed("q=deuxième&country=SN") == SECOND[1:]
    assert listed("q=deuxième&country=PH") == []


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("", [*SECOND, *FIRST]),
        ("-published", [*SECOND, *FIRST]),
        ("relevance", [*SECOND, *FIRST]),
        ("title", [*SECOND, *FIRST]),
        ("period", [*FIRST, *SECOND]),
        ("-period", [*SECOND, *FIRST]),
    ],
)
def test_lessons_follow_the_order_of_their_practices_and_then_their_own(two, ordering, expected):
    assert listed(f"ordering={ordering}") == expected
    practice = Practice.objects.get(title="B")
    practice.title = "0"
    practice.save()
    assert listed("ordering=title") == [*FIRST, *SECOND]


def test_the_order_of_a_search_may_be_another(two):
    practice = make_practice("Lesson", lessons=("Lesson, lesson, lesson.",), period="2012")
    undate(practice, "2000-01-01")
    assert listed("q=lesson&ordering=-published") == [*FIRST, "Lesson, lesson, lesson."]
    assert listed("q=lesson&ordering=title") == [*FIRST, "Lesson, lesson, lesson."]
    assert listed("q=lesson&ordering=-period") == ["Lesson, lesson, lesson.", *FIRST]


def test_a_wrong_value_shows_its_error_and_the_lessons_without_it(two, client):
    page = get(client, "/lessons/?country=ZZ&kind=book")
    assert re.findall(r'<li data-parameter="(\w+)">', page) == ["country", "kind"]
    assert ARTICLE.findall(page) == ARTICLE.findall(get(client, "/lessons/"))


# The page -----------------------------------------------------------------------------------------------


def test_each_lesson_leads_to_its_place_and_its_practice(client):
    make_practice("The title", slug="one", countries=("PH",), period="2014", lessons=("First.", "*Second.*"))
    page = get(client, "/lessons/")
    assert COUNT.findall(page) == ["2 lessons"]
    first, second = ARTICLE.findall(page)
    assert plain(first) == "Lesson 1 of The title First. Country PH · 2014"
    assert headings(first) == [(3, "Lesson 1 of The title")]
    assert re.findall(r'href="([^"]*)"', second) == ["/practices/one/#lesson-2", "/practices/one/"]
    assert "<p><em>Second.</em></p>" in second
    assert '<div class="prose" lang="en" dir="ltr">' in first
    assert COUNT.findall(get(client, "/lessons/?q=first")) == ["1 lesson"]


def test_what_was_asked_for_is_marked_in_the_text_alone(client):
    make_practice(
        "Bonds",
        lessons=(
            "See [the bonds](https://bonds.example/bonds?bonds=1) & **bonds** of a < b[^1].\n\n[^1]: Bond.",
        ),
    )
    page = get(client, "/lessons/?q=bonds")
    (html,) = PROSE.findall(page)
    assert '<a href="https://bonds.example/bonds?bonds=1">the <mark>bonds</mark></a>' in html
    assert "&amp; <strong><mark>bonds</mark></strong> of a &lt; b<" in html
    assert "<mark>Bond</mark>." in html
    assert html.count("<mark>") == html.count("</mark>") == 3
    assert re.findall(r"<[^<>]*<mark>", page) == []  # inside a tag
    # Titles and the rest of the page are not marked, and nothing is without a search.
    assert page.count("<mark>") == 3
    assert "<mark>" not in get(client, "/lessons/")


@pytest.mark.parametrize("word", ["strong", "href", "class", "p", "https", "amp", "lt", "footnote", "quot"])
def test_words_of_the_markup_are_neither_found_nor_marked(client, word):
    make_practice("Title", lessons=('A [**b**](https://c.example/ "d") & < e[^1].\n\n[^1]: Note.',))
    (before,) = shown(client)
    assert shown(client, f"q={word}") == []
    make_practice("Title", lessons=(f"Said: {word}.",))
    assert shown(client, f"q={word}&ordering=title") == [f"<p>Said: <mark>{word}</mark>.</p>"]
    practice = Practice.objects.order_by("pk").first()
    practice.title = word
    practice.save()
    assert before in shown(client, f"q={word}")  # found by its title, and left as it was


def test_a_text_that_looks_like_html_stays_text_when_marked(client):
    make_practice("Title", lessons=("<script>bonds</script> <mark>bonds</mark> &lt;b&gt;bonds",))
    (html,) = shown(client, "q=bonds")
    assert html == (
        "<p>&lt;script&gt;<mark>bonds</mark>&lt;/script&gt; &lt;mark&gt;<mark>bonds</mark>&lt;/mark&gt; "
        "&lt;b&gt;<mark>bonds</mark></p>"
    )


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_lessons_of_what_is_not_published_are_nowhere(client, status):
    practice = make_practice(
        "Zarzuela", slug="hidden", countries=("PH",), lessons=("Zarzuela.",), themes=("savings",)
    )
    make_practice("Shown", countries=("PH",), lessons=("Shown.",), themes=("savings",))
    assert sorted(listed("country=PH")) == ["Shown.", "Zarzuela."]
    practice.status = status
    practice.save()
    for question in ("", "country=PH", "theme=savings", "ordering=title"):
        assert (question, listed(question)) == (question, ["Shown."])
    assert listed("q=zarzuela") == []
    for question in ("", "q=zarzuela", "country=PH", "q=shown"):
        page = get(client, f"/lessons/?{question}")
        assert "hidden" not in re.findall(r'href="/practices/([\w-]+)/', page)
        assert "Zarzuela." not in page


def test_a_draft_past_the_signals_is_not_shown_either(client):
    """Queries start at `published()`, whatever the index and the facet index still contain."""
    make_practice("Zarzuela", slug="hidden", lessons=("Zarzuela.",))
    assert len(shown(client)) == 1
    Practice.objects.update(status="draft")
    assert (shown(client), shown(client, "q=zarzuela")) == ([], [])


@pytest.mark.parametrize("question", ["", "q=bonds", "q=bonds&country=PH&ordering=title"])
@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_lessons(client, django_assert_num_queries, rows, question):
    for number in range(rows):
        make_practice(
            f"Bonds {number}", countries=("PH",), themes=(f"theme-{number}",), lessons=("Bonds.",) * 2
        )
    address = f"/lessons/?{question}"
    get(client, address)  # the first of a content version fills the facet index
    # the content version; the lessons with their practices; the cards
    queries = 3
    if "q=" in question:
        queries += 2  # the words that are known; what is found
    if "q=" in question and "ordering" not in question:
        queries += 1  # what stands in the lessons themselves, ranked: they are all
    with django_assert_num_queries(queries):
        page = get(client, address)
    assert len(ARTICLE.findall(page)) == 2 * rows


def test_pages_hold_twenty_and_join_without_a_gap(client):
    for number in range(9):
        make_practice(f"Title {number % 2}", lessons=[f"Bonds {number} {letter}." for letter in "abcde"])
    for question in ("", "q=bonds", "ordering=title", "q=bonds&ordering=-period"):
        first, second, third = (shown(client, f"{question}&page={number}") for number in (1, 2, 3))
        assert (len(first), len(second), len(third)) == (20, 20, 5)
        assert len({*first, *second, *third}) == 45
        assert [plain(html) for html in first + second + third] == listed(question)
        page = get(client, f"/lessons/?{question}&page=2")
        assert COUNT.findall(page) == ["45 lessons"]
        assert "Page 2 of 3" in plain(page)
    assert client.get("/lessons/?page=4").status_code == 404
    assert client.get("/lessons/?page=0").status_code == 404


def test_an_empty_portal_and_an_empty_search_say_so(client):
    page = get(client, "/lessons/")
    assert (COUNT.findall(page), ARTICLE.findall(page)) == (["0 lessons"], [])
    assert "No practices have been published yet." in page
    make_practice("Title", countries=("PH",), lessons=("A lesson.",))
    page = get(client, "/lessons/?q=zarzuela&country=PH")
    assert (COUNT.findall(page), ARTICLE.findall(page)) == (["0 lessons"], [])
    empty = page[page.index('<div class="empty">') :]
    empty = empty[: empty.index("</div>")]
    assert re.findall(r'<a href="([^"]*)">', empty) == [
        "/lessons/?country=PH", "/lessons/", "/themes/",
    ]  # fmt: skip


def test_a_practice_without_lessons_is_in_no_list_of_lessons(client):
    make_practice("Bonds")
    assert (listed(), listed("q=bonds")) == ([], [])
