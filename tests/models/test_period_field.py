"""A period between a form, Python and the database."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms.models import modelform_factory
from django.utils import translation

from practices.models import Practice, Publication, Source
from practices.models.fields import PeriodField, PeriodFormField
from practices.values.period import Period, PeriodError
from tests.factories import make_practice, make_publication

PeriodForm = modelform_factory(Practice, fields=["period"])
ACCEPTED = (
    "Enter for example “2014–2016”, “April 2009 – June 2011”, “since 2002”, “until 2011”, "
    "or EDTF such as 2009-04/2011-06 and 2013/.."
)


def stored(practice: Practice) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT period FROM practices_practice WHERE id = %s", [practice.pk])
        return cursor.fetchone()[0]


# Through the database ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "edtf"),
    [
        (Period("2009-04/2011-06"), "2009-04/2011-06"),
        ("April 2009 – June 2011", "2009-04/2011-06"),
        ("2013 and ongoing", "2013/.."),
        ("2009-04-01~/2011-06-30~", "2009-04-01~/2011-06-30~"),
        ("", None),
        ("N/A", None),
        (None, None),
    ],
)
def test_a_period_is_stored_as_edtf_and_comes_back_as_a_period(given, edtf):
    practice = make_practice(period=given)
    assert stored(practice) == edtf
    assert Practice.objects.get().period == (Period(edtf) if edtf else None)


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", [Period("2013/.."), "2013/..", "since 2013"])
def test_a_lookup_takes_a_period_or_what_reads_as_one(wanted):
    practice = make_practice(period="2013/..")
    make_practice(period="2013")
    make_practice(period=None)
    assert list(Practice.objects.filter(period=wanted)) == [practice]


@pytest.mark.django_db
def test_the_unknown_is_null():
    practice = make_practice(period="N/A")
    make_practice(period="2013")
    assert list(Practice.objects.filter(period__isnull=True)) == [practice]


@pytest.mark.django_db
def test_dates_of_sources_and_publications_are_periods_too():
    make_practice().sources.create(order=1, text="S", date="Spring 2012")
    make_publication(date="2015-02")
    assert Source.objects.get().date == Period("2012-21")
    assert Publication.objects.get().date == Period("2015-02")


@pytest.mark.django_db
def test_saving_what_is_no_period_stops_before_the_database():
    with pytest.raises(ValidationError, match="“once” is not a period"):
        make_practice(period="once")
    assert Practice.objects.count() == 0


def test_a_damaged_value_in_the_database_is_not_taken_for_a_period():
    with pytest.raises(PeriodError):
        PeriodField().from_db_value("since 2002")


def test_a_stored_period_is_read_as_it_was_written():
    assert PeriodField().from_db_value("2009-04/2011-06") == Period("2009-04/2011-06")


# Through a form ----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("April 2009 – June 2011", Period("2009-04/2011-06")),
        ("  since 2002 ", Period("2002/..")),
        ("2013/..", Period("2013/..")),
        ("N/A", None),
        ("", None),
    ],
)
def test_what_is_typed_is_saved_as_a_period(typed, expected):
    form = PeriodForm({"period": typed}, instance=make_practice(period="1999"))
    assert form.errors == {}
    form.save()
    assert Practice.objects.get().period == expected


PERIODS = ["2013", "2013/..", "../2011", "2009-04/2011-06", "2015-02-12", "2013~", "201X", "2012-21", "2012/"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("edtf", [*PERIODS, "2009-04~/2011-06?", "2013%", "20XX", "/2012"])
def test_a_form_saved_untouched_changes_no_period(edtf, language):
    practice = make_practice(period=edtf)
    with translation.override(language):
        shown = PeriodForm(instance=practice)["period"].value()
        form = PeriodForm({"period": shown}, instance=practice)
        assert form.errors == {}
        assert form.changed_data == []
        form.save()
    assert stored(practice) == edtf


@pytest.mark.parametrize(
    ("period", "shown"),
    [
        (Period("2009-04/2011-06"), "April 2009 – June 2011"),
        (Period("2013/.."), "since 2013"),
        (Period("2012/"), "2012/"),  # “from 2012, end unknown” is not a period back
        (None, None),
    ],
)
def test_a_form_shows_words_where_they_read_back_and_edtf_elsewhere(period, shown):
    assert PeriodFormField().prepare_value(period) == shown


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("once upon a time", f"“once upon a time” is not a period. {ACCEPTED}"),
        ("2009/2011/2013", f"“2009/2011/2013” is not a period. {ACCEPTED}"),
        ("x" * 101, f"“{'x' * 60}…” is not a period. {ACCEPTED}"),
        ("June 2011 – April 2009", "“June 2011 – April 2009” ends before it begins."),
        ("2011/2009", "“2011/2009” ends before it begins."),
        ("30 February 2012", "“30 February 2012” contains a month or day that does not exist."),
        ("0000", "Enter years from 1 to 9999 instead of “0000”."),
        ("20\u00001", f"“20�1” is not a period. {ACCEPTED}"),
    ],
)
def test_what_is_refused_is_named_with_what_is_accepted_and_stays_as_typed(typed, message):
    form = PeriodForm({"period": typed})
    assert form.errors == {"period": [message]}
    assert form["period"].value() == typed


def test_what_was_typed_stays_in_the_page_and_is_escaped():
    form = PeriodForm({"period": '"><b>2011'})
    assert 'value="&quot;&gt;&lt;b&gt;2011"' in str(form["period"])
    assert "“&quot;&gt;&lt;b&gt;2011” is not a period" in str(form["period"].errors)


def test_a_form_says_what_may_be_typed():
    assert PeriodForm()["period"].help_text == (
        "For example “2014–2016”, “April 2009 – June 2011”, “since 2002”, “2013 and ongoing”, or a "
        "date in the Extended Date/Time Format (EDTF), such as 2009-04/2011-06. Leave empty or "
        "enter “N/A” if unknown."
    )


def test_a_required_period_cannot_be_unknown():
    with pytest.raises(ValidationError, match="This field is required"):
        PeriodFormField().clean("N/A")


@pytest.mark.parametrize(
    ("initial", "data", "changed"),
    [
        (Period("2002/.."), "since 2002", False),
        (Period("2002/.."), "2002/..", False),
        (Period("2002/.."), "depuis 2002", False),
        (Period("2012/"), "2012/", False),
        (None, "", False),
        (None, "N/A", False),
        (None, None, False),
        (Period("2002/.."), "2002", True),
        (Period("2002/.."), "", True),
        (None, "2002", True),
        (Period("2002/.."), "gibberish", True),
        (None, "gibberish", True),
    ],
)
def test_only_another_period_is_a_change(initial, data, changed):
    assert PeriodFormField(required=False).has_changed(initial, data) is changed


def test_a_form_of_another_app_may_use_the_field_alone():
    class Form(forms.Form):
        when = PeriodFormField(required=False, max_length=7)

    assert Form({"when": "February 2015"}).is_valid()  # 2015-02: it is the EDTF that must fit
    assert Form({"when": "2009-04/2011-06"}).errors == {
        "when": ["Ensure this value has at most 7 characters (it has 15)."]
    }
