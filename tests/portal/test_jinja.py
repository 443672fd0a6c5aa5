"""What templates of pages can use, and how they behave together."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.template import engines, loader
from django.test import RequestFactory
from django.utils import translation
from django.views.defaults import server_error
from jinja2 import UndefinedError

from portal.jinja import day, querystring, regroup, url

pytestmark = pytest.mark.one_engine


def rendered(source: str, **context: object) -> str:
    return engines["jinja2"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("query", "changes", "expected"),
    [
        ("", {}, ""),
        ("", {"page": 2}, "?page=2"),
        ("country=PH&country=IT&page=1", {"page": 2}, "?country=PH&country=IT&page=2"),
        ("country=PH&page=3", {"page": None}, "?country=PH"),
        ("q=a", {"page": None}, "?q=a"),
        ("page=3", {"page": None}, "?"),  # an empty href would lead to the same page again
        ("q=a", {"q": "b & c"}, "?q=b+%26+c"),
    ],
)
def test_a_query_string_is_changed_or_shortened(query, changes, expected):
    assert querystring(RequestFactory().get(f"/practices/?{query}"), **changes) == expected


def test_a_page_has_its_address_by_name():
    assert url("theme", "savings") == url("theme", slug="savings") == "/themes/savings/"


def test_days_are_written_out():
    assert day(date(2026, 5, 2), "j F Y") == day(datetime(2026, 5, 2, 23, 59, tzinfo=UTC), "j F Y")
    assert day(date(2026, 5, 2), "j F Y") == "2 May 2026"


def test_only_neighbours_are_grouped_and_stay_in_order():
    rows = [SimpleNamespace(group=group) for group in ("b", "b", "a", "b")]
    assert regroup(rows, "group") == [("b", rows[:2]), ("a", rows[2:3]), ("b", rows[3:])]


def test_text_is_escaped_also_inside_a_translation():
    words = "<b>"
    assert rendered("{{ words }}{% trans w=words %}by {{ w }}{% endtrans %}", words=words) == (
        "&lt;b&gt;by &lt;b&gt;"
    )
    assert rendered('{{ words|markdown("note") }}', words="*by* <b>") == "<p><em>by</em> &lt;b&gt;</p>\n"


def test_a_name_that_is_not_there_is_an_error_and_not_an_empty_place():
    with pytest.raises(UndefinedError):
        rendered("{{ practise }}")


def test_the_same_page_speaks_the_language_of_each_request():
    page, request = loader.get_template("404.html"), RequestFactory().get("/nowhere/")
    english = page.render({}, request)
    with translation.override("ar"):
        arabic, search = page.render({}, request), translation.gettext("Search")
    assert ('<html lang="en" dir="ltr">' in english, "<button>Search</button>" in english) == (True, True)
    assert ('<html lang="ar" dir="rtl">' in arabic, f"<button>{search}</button>" in arabic) == (True, True)
    assert search != "Search"


def test_the_page_for_our_own_faults_needs_nothing():
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something went wrong on our server" in response.content.decode()
