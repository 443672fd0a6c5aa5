"""The site and the API show the same practices in the same order, and refuse the same values."""

import csv
import io
import random
import re
from html import unescape

import feedparser
import pytest
from django.http import QueryDict

from practices.listing.filters import LessonFilter, PracticeFilter
from practices.models import Lesson, Practice
from tests.factories import make_practice

LISTS = [
    "",
    "q=remittances",
    "q=women",
    "q=Ecuador&ordering=relevance",
    "q=migrants&ordering=title",
    "q=local+government&country=PH",
    "q=xyzzy",
    "q=%22%27%3Cscript%3E",
    "q=100%25",
    "country=PH",
    "country=ph&country=sn",
    "country=IT",
    "country=EC&activity=ended",
    "region=002",
    "region=419&region=035",
    "region=202&kind=practice",
    "theme=migrant-remittances",
    "theme=collective-investment",
    "actor=atikha",
    "actor_type=local-authorities",
    "actor_type=civil-society&actor_type=diaspora-organisations",
    "corridor=PH-IT",
    "corridor=MA-FR&corridor=SN-FR",
    "corridor=FR-MA",
    "objective=gcm-20",
    "objective=gcm-2&objective=sdg-10.7",
    "kind=thinking_point",
    "kind=personal_story&kind=practice",
    "activity=unknown",
    "language=en",
    "language=ar",
    "from=2013",
    "to=2010",
    "from=2011&to=2012",
    "from=2014&to=2014&ordering=period",
    "from=9999",
    "ordering=title",
    "ordering=period",
    "ordering=-period",
    "ordering=-published",
    "ordering=relevance",
    "ordering=title&country=&q=",
]

REFUSED = {
    "country=ZZ": {"country"},
    "country=PH%00": {"country"},
    "country=PH&country=": set(),
    "region=1": {"region"},
    "theme=nothing": {"theme"},
    "actor=nothing": {"actor"},
    "actor_type=nothing": {"actor_type"},
    "corridor=PH-PH": {"corridor"},
    "corridor=PHIT": {"corridor"},
    "objective=gcm-99": {"objective"},
    "kind=book": {"kind"},
    "kind=": set(),
    "activity=paused": {"activity"},
    "language=de": {"language"},
    "from=0": {"from"},
    "to=10000": {"to"},
    "from=abc&to=abc": {"from", "to"},
    "from=2015&to=2014": {"from"},
    "ordering=random": {"ordering"},
    "q=%00": {"q"},
    "q=" + "x" * 501: {"q"},
    "kind=book&country=ZZ&q=women": {"kind", "country"},
}  # fmt: skip

CHOICES = {
    "q": ["women", "return", "government", "remittances"],
    "country": ["PH", "SN", "EC", "MA", "CR", "SV"],
    "region": ["002", "019", "035", "005", "011"],
    "theme": ["migrant-remittances", "migrant-communities", "collective-investment", "managing-the-link"],
    "actor_type": ["local-authorities", "civil-society", "national-government"],
    "corridor": ["PH-IT", "MA-FR", "SN-FR", "EC-ES"],
    "objective": ["gcm-2", "gcm-19", "gcm-20", "gcm-21", "sdg-10.7"],
    "kind": ["practice", "thinking_point", "personal_story"],
    "activity": ["ended", "unknown", "running"],
    "from": ["2002", "2011", "2014"],
    "to": ["2014", "2016"],
    "ordering": ["title", "period", "-period", "-published", "relevance"],
}


def combinations(count: int = 60) -> list[str]:
    """Queries of one to four parameters, of which some repeat; the same ones each time."""
    dice = random.Random(17)
    queries = []
    for _number in range(count):
        parts = []
        for name in dice.sample(sorted(CHOICES), dice.randint(1, 4)):
            once = name in {"q", "from", "to", "ordering"}
            values = dice.sample(
                CHOICES[name], 1 if once else dice.randint(1, 3 if len(CHOICES[name]) > 3 else 2)
            )
            parts += [f"{name}={value}" for value in values]
        queries.append("&".join(parts))
    return queries


CARD = re.compile(r'<article class="card">.*?<h3><a href="/practices/([\w-]+)/[^"]*"', re.DOTALL)
NEXT = re.compile(r'<a rel="next" href="([^"]+)"')
COUNT = re.compile(r'<h2 id="results-count" tabindex="-1">(\d+) practices?</h2>')


def on_the_site(client, query: str) -> tuple[int, list[str]]:
    """The count in the heading, and the slugs of the cards on all pages."""
    address, slugs = f"?{query}", []
    while address:
        page = client.get(f"/practices/{address}").content.decode()
        slugs += CARD.findall(page)
        more = NEXT.search(page)
        address = more and unescape(more[1])
    return int(COUNT.search(page)[1]), slugs


def in_the_api(client, query: str) -> tuple[int, list[str]]:
    """The count, and the slugs on all pages of five."""
    address, slugs = f"/api/v1/practices/?{query}&page_size=5", []
    while address:
        page = client.get(address).json()
        slugs += [row["slug"] for row in page["results"]]
        address = page["next"]
    return page["count"], slugs


def in_the_csv(client, query: str) -> list[str]:
    text = client.get(f"/api/v1/practices/?{query}&format=csv").getvalue().decode("utf-8-sig")
    return [row["slug"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def in_the_feed(client, query: str) -> set[str]:
    feed = feedparser.parse(client.get(f"/feed/?{query}").content)
    return {entry.link.split("/")[-2] for entry in feed.entries}


OF = re.compile(r'<h3 class="lesson-of"><a href="/practices/([\w-]+)/#lesson-(\d+)"')
LESSONS = re.compile(r'<h2 id="results-count" tabindex="-1">(\d+) lessons?</h2>')


def among_lessons(client, query: str) -> tuple[int, list[tuple[str, int]]]:
    """The count in the heading of the lessons, and the practice and number of each on all pages."""
    address, found = f"?{query}", []
    while address:
        page = client.get(f"/lessons/{address}").content.decode()
        found += [(slug, int(number)) for slug, number in OF.findall(page)]
        more = NEXT.search(page)
        address = more and unescape(more[1])
    return int(LESSONS.search(page)[1]), found


@pytest.mark.slow
# One test for a hundred queries, because loading the cases takes a second.
def test_site_and_api_show_the_same_practices_in_the_same_order(client, jmdi):
    queries = [*LISTS, *combinations()]
    site = {query: on_the_site(client, query) for query in queries}
    assert site == {query: in_the_api(client, query) for query in queries}
    assert site[""][0] == 17
    assert {query: count for query, (count, slugs) in site.items() if count != len(set(slugs))} == {}
    telling = [query for query in queries if 0 < site[query][0] < 17]
    assert len(telling) >= 60, "too many of the queries find nothing or everything to prove anything"


@pytest.mark.slow
def test_files_and_feeds_hold_the_same_practices(client, jmdi, request):
    """Sixty queries; three hundred with --thorough. The feed has an order of its own."""
    for query in combinations(300 if request.config.getoption("thorough") else 60):
        count, slugs = on_the_site(client, query)
        rows = client.get(f"/api/v1/practices/?{query}&page_size=100").json()["results"]
        api, table = [row["slug"] for row in rows], in_the_csv(client, query)
        assert (query, api, table, in_the_feed(client, query)) == (query, slugs, slugs, set(slugs))
        assert count == len(slugs)


def test_lessons_are_those_of_the_practices_that_the_same_parameters_leave(client, jmdi):
    """Without words they are all lessons of the practices listed, in the same order; with words, those among
    them that the filter set finds."""
    slugs = dict(Practice.objects.values_list("pk", "slug"))
    own: dict[str, list[tuple[str, int]]] = {}
    for slug, number in Lesson.objects.order_by("order").values_list("practice__slug", "order"):
        own.setdefault(slug, []).append((slug, number))
    for query in [*LISTS, *combinations()[:20]]:
        asked = LessonFilter(QueryDict(query))
        without_words = QueryDict(query, mutable=True)
        searched = without_words.pop("q", [""]) != [""]
        left = PracticeFilter(without_words)
        assert asked.is_valid()
        assert left.is_valid()
        count, found = among_lessons(client, query)
        matching = [(row.practice.slug, row.order) for row in Lesson.objects.filter(pk__in=asked.row_pks)]
        assert (query, count, sorted(found)) == (query, len(matching), sorted(matching))
        rows = [row for key in left.in_order() for row in own.get(slugs[key], [])]
        assert (query, set(found) - set(rows)) == (query, set())
        assert searched or (query, found) == (query, rows)
    assert among_lessons(client, "")[0] == sum(map(len, own.values())) == 52


def test_a_parameter_that_does_not_exist_is_passed_over_on_the_site_and_refused_in_the_api(client, db):
    make_practice(slug="a")
    page = client.get("/practices/?colour=red&kind=practice").content.decode()
    assert CARD.findall(page) == ["a"]
    assert '<a href="/api/v1/practices/?kind=practice">' in page
    response = client.get("/api/v1/practices/?colour=red&kind=practice")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "colour")


def test_site_and_api_refuse_the_same_values(client, jmdi):
    for query, fields in REFUSED.items():
        page = client.get(f"/practices/?{query}").content.decode()
        response = client.get(f"/api/v1/practices/?{query}")
        named = set(re.findall(r'<li data-parameter="(\w+)">', page))
        problems = {entry["field"] for entry in response.json().get("errors", [])}
        assert (query, named, problems) == (query, fields, fields)
        assert response.status_code == (400 if fields else 200)
        assert CARD.findall(page)  # without the wrong value
        assert ("results" in response.json()) != bool(fields)


def test_pages_hold_twenty_on_the_site_and_join_without_a_gap(client, db):
    for number in range(45):
        make_practice(f"Practice {number % 7}", period="2014")
    for query in ("", "ordering=title", "kind=practice", "q=summary&ordering=-period"):
        first = client.get(f"/practices/?{query}").content.decode()
        count, slugs = on_the_site(client, query)
        assert (query, count, slugs) == (query, *in_the_api(client, query))
        assert (len(CARD.findall(first)), count, len(set(slugs))) == (20, 45, 45)


@pytest.mark.parametrize("page", ["0", "-1", "2", "99999999999", "abc", "%00"])
def test_a_page_that_is_not_there_is_not_found_on_the_site(client, db, page):
    make_practice()
    response = client.get(f"/practices/?page={page}")
    assert (response.status_code, CARD.findall(response.content.decode())) == (404, [])
