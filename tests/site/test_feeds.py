"""The feed of any list, read by a feed reader and compared with the database."""

import re
from calendar import timegm
from datetime import UTC, datetime
from urllib.parse import quote

import feedparser
import pytest
from django.test import override_settings
from django.utils.http import http_date

from practices.models import ContentVersion, Practice, Theme
from practices.models.content_version import content_version, version_made_at
from practices.values.text import one_line
from tests.factories import make_country, make_practice, make_theme

pytestmark = pytest.mark.django_db

HOST = "http://testserver"


def read(client, query: str = "") -> feedparser.FeedParserDict:
    response = client.get(f"/feed/{query}")
    assert (response.status_code, response.headers["Content-Type"]) == (
        200,
        "application/atom+xml; charset=utf-8",
    )
    parsed = feedparser.parse(response.content)
    assert parsed.bozo is False
    return parsed


def titles(client, query: str = "") -> list[str]:
    return [entry.title for entry in read(client, query).entries]


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@pytest.fixture
def practices() -> None:
    make_country("PH", "Philippines")
    make_country("IT", "Italy")
    make_theme("savings", make_theme("remittances"))
    make_practice(
        "Money & work", slug="money", published_at=datetime(2026, 1, 1, tzinfo=UTC), countries=("PH", "IT"),
        themes=("savings",), summary="Short <b> & “plain”.", story="The whole story.", period="2009/2011",
        lessons=("First *one*[^1].\n\n[^1]: A note.", "Second."),
    )  # fmt: skip
    make_practice(
        "Une histoire", slug="histoire", published_at=datetime(2026, 1, 2, tzinfo=UTC), language="fr",
        countries=("PH",), themes=("remittances",), summary="", kind="personal_story",
    )  # fmt: skip
    for status in ("draft", "in_review", "archived"):
        make_practice(
            f"Canary {status}", slug=f"canary-{status}", status=status, countries=("PH",),
            themes=("savings",), summary="Canary money.", lessons=("Canary.",),
            published_at=datetime(2026, 1, 3, tzinfo=UTC),
        )  # fmt: skip


def test_each_entry_says_what_the_database_says(client, practices):
    entries = read(client).entries
    rows = list(Practice.objects.published().order_by("-published_at"))
    assert [entry.title for entry in entries] == ["Une histoire", "Money & work"]
    for entry, row in zip(entries, rows, strict=True):
        assert entry.link == f"{HOST}/practices/{row.slug}/"
        assert entry.id == f"tag:testserver,{row.created_at:%Y-%m-%d}:practices/{row.pk}"
        assert timegm(entry.published_parsed) == seconds(row.published_at)
        assert timegm(entry.updated_parsed) == seconds(row.updated_at)
        assert entry.content[0].language == row.language
    assert [(tag.scheme, tag.term, tag.label) for tag in entries[1].tags] == [
        (f"{HOST}/themes/", "savings", "Savings"),
        (f"{HOST}/countries/", "PH", "Philippines"),
        (f"{HOST}/countries/", "IT", "Italy"),
    ]


def test_an_entry_holds_the_summary_as_text_and_the_lessons_with_their_footnotes(client, practices):
    story, money = read(client).entries
    assert money.summary == "Short &lt;b&gt; &amp; “plain”."
    html = money.content[0].value
    assert '<div dir="ltr" lang="en"><p>Short &lt;b&gt; &amp; “plain”.</p></div>' in html
    assert "<h2>Lessons learned</h2>" in html
    assert re.findall(r'<li dir="ltr" lang="en"><p>(\w+)', html) == ["First", "Second"]
    page = f"{HOST}/practices/money/"
    assert re.findall(r'href="([^"]*)"', html) == [
        f"{page}#fn-lesson-1-1",
        f"{page}#fnref-lesson-1-1",
        f"{page}#story",
    ]
    assert "The whole story" not in html
    assert story.content[0].value == f'<p><a href="{HOST}/practices/histoire/#story">Read the story</a></p>'


@pytest.mark.parametrize(
    ("query", "expected", "title"),
    [
        ("", ["Une histoire", "Money & work"], "Practices – Useful practices"),
        ("?country=it", ["Money & work"], "Practices: Country: Italy – Useful practices"),
        (
            "?country=PH&country=IT&theme=remittances&page=7&kind=",
            ["Une histoire", "Money & work"],
            "Practices: Country: Philippines or Italy; Theme: Remittances – Useful practices",
        ),
        ("?q=money", ["Money & work"], "Practices: Search: money – Useful practices"),
        ("?ordering=title", ["Une histoire", "Money & work"], "Practices – Useful practices"),
        ("?to=2005", [], "Practices: To year: 2005 – Useful practices"),
    ],
)
def test_the_parameters_of_the_list_narrow_the_feed_and_name_it(client, practices, query, expected, title):
    feed = read(client, query)
    assert ([entry.title for entry in feed.entries], feed.feed.title) == (expected, title)


def test_the_feed_links_itself_and_the_page_with_the_filters_kept(client, practices):
    feed = read(client, "?country=PH&theme=savings&page=2&kind=").feed
    assert [(link.rel, link.href) for link in feed.links] == [
        ("alternate", f"{HOST}/practices/?country=PH&theme=savings"),
        ("self", f"{HOST}/feed/?country=PH&theme=savings"),
    ]
    assert feed.id == f"{HOST}/feed/?country=PH&theme=savings"
    assert (feed.author, feed.author_detail.href) == ("Useful practices", f"{HOST}/")


@pytest.mark.parametrize("query", ["", "?q=canary", "?country=PH", "?theme=savings", "?q=money"])
def test_what_is_not_published_is_in_no_feed(client, practices, query):
    entries = "".join(re.findall("<entry.*</entry>", client.get(f"/feed/{query}").content.decode()))
    assert "canary" not in entries.lower()
    draft = Practice.objects.get(slug="canary-draft")
    draft.status = "published"
    draft.save()
    assert "Canary draft" in titles(client, query)


def test_the_newest_fifty_are_in_it_the_newest_first(client):
    for day in range(1, 29):
        for month in (1, 2):
            make_practice(f"{month}/{day}", published_at=datetime(2026, month, day, tzinfo=UTC))
    found = titles(client, "?ordering=title")
    assert len(found) == 50
    assert (found[0], found[27], found[28], found[-1]) == ("2/28", "2/1", "1/28", "1/7")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "?kind=book",
            "kind: “book” is not a valid choice. Accepted: practice, thinking_point, personal_story.\n",
        ),
        (
            "?from=x&country=ZZ",
            "country: “ZZ” is not a valid choice. Accepted: ISO 3166-1 alpha-2 codes, such as PH.\n"
            "from: “x” is not a valid choice. Accepted: a year, such as 2014.\n",
        ),
        ("?from=2011&to=2009", "from: “From year” (2011) must not be later than “To year” (2009).\n"),
        (
            "?theme=<script>",
            "theme: “<script>” is not a valid choice. "
            "Accepted: slugs of themes, such as migrant-remittances.\n",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_plain_words_that_name_it(client, practices, query, said):
    response = client.get(f"/feed/{query}")
    assert (response.status_code, response.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert response.content.decode() == said
    again = client.get(f"/feed/{query}", headers={"if-none-match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (400, response.content)


def test_an_unchanged_feed_answers_304_with_one_query(client, practices, django_assert_num_queries):
    first = client.get("/feed/?country=PH")
    assert first.headers["Last-Modified"] == http_date(version_made_at(content_version()).timestamp())
    # the version of the content
    with django_assert_num_queries(1):
        again = client.get("/feed/?country=PH", headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    since = client.get("/feed/?country=PH", headers={"if-modified-since": first.headers["Last-Modified"]})
    assert since.status_code == 304


def test_a_change_of_the_content_a_filter_or_the_sites_name_makes_it_another_feed(client, practices):
    tags = [client.get(query).headers["ETag"] for query in ("/feed/", "/feed/?country=PH", "/feed/?page=3")]
    assert tags[0] == tags[2] != tags[1]
    with override_settings(SITE_NAME="Another shelf"):
        assert client.get("/feed/").headers["ETag"] not in tags
    Practice.objects.published().first().save()
    response = client.get("/feed/", headers={"if-none-match": tags[0]})
    assert (response.status_code, response.headers["ETag"] in tags) == (200, False)


def test_a_practice_that_is_withdrawn_leaves_the_feed_in_the_next_answer(client, practices):
    tag = client.get("/feed/").headers["ETag"]
    row = Practice.objects.get(slug="histoire")
    row.status = "archived"
    row.save()
    response = client.get("/feed/", headers={"if-none-match": tag})
    assert [entry.title for entry in feedparser.parse(response.content).entries] == ["Money & work"]


def test_a_new_address_of_a_practice_keeps_the_id_of_its_entry(client, practices):
    before = read(client, "?q=money").entries[0]
    row = Practice.objects.get(slug="money")
    row.slug = "other"
    row.save()
    after = read(client, "?q=money").entries[0]
    assert (before.id == after.id, after.link) == (True, f"{HOST}/practices/other/")


def test_an_empty_feed_was_changed_when_the_content_was(client, practices):
    changed = seconds(version_made_at(content_version()))
    assert timegm(read(client, "?to=2005").feed.updated_parsed) == changed
    ContentVersion.objects.all().delete()
    response = client.get("/feed/?to=2005")
    assert (response.status_code, "Last-Modified" in response.headers) == (200, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    for number in range(rows):
        make_practice(countries=("PH", f"Q{number}"), themes=(f"theme-{number}",), lessons=("One.", "Two."))
    client.get("/feed/")
    # the version of the content; practices, places, countries, themes, lessons
    with django_assert_num_queries(6):
        assert len(titles(client)) == rows


HOSTILE = ["\x01\x0b\x1f", "\ufffe\uffff", "]]>", "</title><script>", "&amp;&nbsp;", "'\"", "👩‍🌾", "\u202e"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_the_feed(client, text):
    make_practice(
        f"a{text}b",
        slug="a",
        summary=f"a{text}b",
        lessons=(f"a{text}b",),
        themes=("savings",),
        countries=("PH",),
    )
    Theme.objects.update(name=f"a{text}b")
    feed = read(client)
    kept = "".join("�" if char in "\x01\x0b\x1f\ufffe\uffff" else char for char in f"a{text}b")
    assert [(entry.title_detail.type, len(entry.tags)) for entry in feed.entries] == [("text/plain", 2)]
    seen = one_line(f"a{text}b") if text != "\ufffe\uffff" else kept  # a name is kept as one line
    assert feed.entries[0].tags[0].label == seen
    named = read(client, f"?q={quote('a' + text)}").feed
    assert named.title.startswith("Practices: Search: ")
    assert "<script" not in feed.entries[0].content[0].value


def test_head_answers_without_the_feed_and_nothing_else_is_allowed(client, practices):
    head = client.head("/feed/")
    assert (head.status_code, head.content) == (200, b"")
    response = client.post("/feed/")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("address", "feed"),
    [
        ("/", "/feed/"),
        ("/practices/", "/feed/"),
        ("/practices/?country=PH&page=1&kind=", "/feed/?country=PH"),
        ("/practices/?kind=book", "/feed/"),
    ],
)
def test_a_page_names_the_feed_of_what_it_shows(client, practices, address, feed):
    page = client.get(address).content.decode()
    assert re.findall(r'type="application/atom\+xml" title="([^"]+)" href="([^"]+)"', page) == [
        ("New practices", feed)
    ]


def test_the_seventeen_cases_make_a_valid_feed(client, jmdi):
    entries = read(client).entries
    assert len(entries) == 17
    assert {entry.id for entry in entries} == {
        f"tag:testserver,{row.created_at:%Y-%m-%d}:practices/{row.pk}" for row in Practice.objects.published()
    }
    lessons = sum(entry.content[0].value.count('<li dir="ltr" lang="en"><p>') for entry in entries)
    assert lessons >= sum(row.lessons.count() for row in Practice.objects.published())


def test_what_was_published_at_the_same_moment_stands_in_the_order_of_the_list(client, db):
    for title in ("Bread", "Apples", "Cheese"):
        make_practice(title, published_at=datetime(2026, 3, 9, tzinfo=UTC))
    feed = feedparser.parse(client.get("/feed/").content)
    assert [entry.title for entry in feed.entries] == ["Apples", "Bread", "Cheese"]
