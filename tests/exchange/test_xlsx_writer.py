"""The workbook for people: what they see, sort and filter in a spreadsheet program."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.utils import timezone

from practices.exchange.downloads import published_practices
from practices.exchange.xlsx_writer import markdown_to_text, write_workbook
from practices.models import Practice
from tests.factories import make_actor, make_practice

pytestmark = pytest.mark.django_db
LIST = "/api/v1/practices/"


def book_of(*practices: Practice):
    data = b"".join(write_workbook(published_practices([practice.pk for practice in practices])))
    return openpyxl.load_workbook(io.BytesIO(data))


def cells(sheet, number: int = 2) -> dict:
    """Return the cells of a row by their headings."""
    return {heading.value: cell for heading, cell in zip(sheet[1], sheet[number], strict=True)}


def values(*practices: Practice) -> dict:
    return {name: cell.value for name, cell in cells(book_of(*practices)["Practices"]).items()}


def downloaded(client, query: str):
    response = client.get(f"{LIST}?format=xlsx{query}")
    name = response.headers["Content-Disposition"].split('"')[1]
    return name, openpyxl.load_workbook(io.BytesIO(response.getvalue()))


def test_days_are_dates_that_a_spreadsheet_can_sort():
    practice = make_practice(
        activity="running",
        activity_checked_on=date(2026, 1, 2),
        published_at=datetime(2026, 3, 4, 23, 30, tzinfo=UTC),
    )
    found = cells(book_of(practice)["Practices"])
    checked = found["Activity checked on"]
    assert (checked.value, checked.is_date, checked.number_format) == (
        datetime(2026, 1, 2),
        True,
        "yyyy-mm-dd",
    )
    assert (found["Published on"].value, found["Last changed on"].is_date) == (datetime(2026, 3, 4), True)


@pytest.mark.parametrize(
    ("edtf", "period", "start", "end", "years"),
    [
        ("2013-05-17", datetime(2013, 5, 17), datetime(2013, 5, 17), datetime(2013, 5, 17), (2013, 2013)),
        ("2009-04/2011-06-30", "April 2009 – 30 June 2011", "2009-04", datetime(2011, 6, 30), (2009, 2011)),
        ("2014", "2014", "2014", "2014", (2014, 2014)),
        ("2013/..", "since 2013", "2013", "ongoing", (2013, None)),
        ("../2011", "until 2011", None, "2011", (None, 2011)),
        ("2013~", "about 2013", "2013~", "2013~", (2013, 2013)),
        ("1890-05-17", "1890-05-17", "1890-05-17", "1890-05-17", (1890, 1890)),
        (None, None, None, None, (None, None)),
    ],
)
def test_a_period_is_a_date_only_where_it_is_a_whole_day(edtf, period, start, end, years):
    found = values(make_practice(period=edtf))
    assert (found["Period"], found["Start"], found["End"]) == (period, start, end)
    assert (found["First year"], found["Last year"]) == years


def test_headings_and_choices_are_words():
    found = values(make_practice("Bonds", kind="thinking_point", language="fr", activity="ended"))
    assert list(found)[:5] == ["Title", "Web address", "Kind", "Language", "Summary"]
    assert [name for name in found if "_" in name or name.islower()] == []
    assert (found["Kind"], found["Language"], found["Activity"]) == ("Thinking point", "French", "Ended")


def test_the_sheet_has_widths_wrapped_texts_a_row_that_stays_and_a_filter():
    sheet = book_of(make_practice("One"), make_practice("Two"))["Practices"]
    last = sheet.cell(1, sheet.max_column).column_letter
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", f"A1:{last}3")
    assert all(sheet.column_dimensions[cell.column_letter].width >= 8 for cell in sheet[1])
    assert cells(sheet)["Story"].alignment.wrap_text
    assert cells(sheet)["Title"].alignment.vertical == "top"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Plain & simple.", "Plain & simple."),
        ("A *word* and **another**.", "A word and another."),
        ("One.\n\nTwo.", "One.\n\nTwo."),
        ("They:\n\n- save,\n- lend.", "They:\n\n• save,\n• lend."),
        ("See [the report](https://example.org/a).", "See the report (https://example.org/a)."),
        ("<b>No</b> tags", "<b>No</b> tags"),
        ("5 < 6 \\* 2", "5 < 6 * 2"),
        ("", ""),
    ],
)
def test_texts_have_no_markdown_signs(markdown, text):
    assert markdown_to_text(markdown) == text


def test_stories_lessons_and_sources_have_no_markdown_signs():
    found = values(make_practice(story="A *story*.", lessons=("**One.**", "Two."), sources=("*Book*, 2012",)))
    assert (found["Story"], found["Lessons"], found["Sources"]) == (
        "A story.",
        "1. One.\n\n2. Two.",
        "Book, 2012",
    )


def test_coordinates_are_numbers_and_every_place_has_a_row():
    practice = make_practice("Bonds", countries=("PH", "IT"))
    practice.places.filter(order=1).update(name="Naga", latitude="13.622", longitude="123.195")
    book = book_of(practice)
    found = cells(book["Practices"])
    assert (found["Latitude (first place)"].value, found["Latitude (first place)"].data_type) == (13.622, "n")
    assert found["Longitude (first place)"].value == 123.195
    assert [[cell.value for cell in row][:2] + [cell.value for cell in row][3:] for row in book["Places"]][
        1:
    ] == [
        ["Bonds", "Naga", "PH", 13.622, 123.195],
        ["Bonds", None, "IT", None, None],
    ]


def test_actors_stand_with_their_parts():
    practice = make_practice()
    practice.participations.create(order=1, actor=make_actor("atikha", name="Atikha"), role="lead")
    assert values(practice)["Actors"] == "Atikha (Lead)"


def test_a_second_sheet_says_what_the_workbook_holds(client, settings):
    make_practice("Savings", slug="a", countries=("PH",))
    make_practice("Savings abroad", slug="b", countries=("IT",))
    name, book = downloaded(client, "&country=PH&q=savings&ordering=title")
    found = {row[0].value: row[1].value for row in book["About"].iter_rows(max_col=2)}
    assert book.sheetnames[:2] == ["Practices", "About"]
    assert found["Practices"] == "Search: savings; Country: Country PH"
    assert found["Address"] == f"{settings.SITE_URL}/practices/?country=PH&q=savings&ordering=title"
    assert (found["Day"].date(), found["Number of practices"]) == (timezone.localdate(), 1)
    assert settings.SITE_URL in found["Source"]
    assert name == f"practices-savings-country-ph-{timezone.localdate()}.xlsx"


def test_without_filters_it_says_that_it_holds_all(client, settings):
    make_practice()
    name, book = downloaded(client, "")
    found = {row[0].value: row[1].value for row in book["About"].iter_rows(max_col=2)}
    assert (found["Practices"], found["Address"]) == ("All practices", f"{settings.SITE_URL}/practices/")
    assert name == f"practices-{timezone.localdate()}.xlsx"


def test_the_workbook_of_one_practice_names_it_and_its_address(client, settings):
    make_practice("Bonds", slug="bonds")
    response = client.get(f"{LIST}bonds/?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    found = {row[0].value: row[1].value for row in book["About"].iter_rows(max_col=2)}
    assert (found["Practices"], found["Address"]) == ("Bonds", f"{settings.SITE_URL}/practices/bonds/")


def test_a_file_name_has_only_plain_letters_whatever_was_searched(client):
    make_practice()
    name, _book = downloaded(client, "&q=%22%0D%0AX%3A+y%2F..%2F+المغرب" + "a" * 100)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert len(name) < 120
