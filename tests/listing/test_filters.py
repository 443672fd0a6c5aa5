"""What each parameter finds, in which order, and its error for a wrong value."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import django_filters
import pytest
from django import forms
from django.http import QueryDict

from practices.listing.filters import PracticeFilter, Results
from practices.models import Practice
from tests.factories import make_actor, make_country, make_practice, make_region, make_theme

pytestmark = pytest.mark.django_db


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


@pytest.fixture(scope="module")
def practices(rows) -> None:
    """Eight practices, a to h; some share a day, a title or a beginning."""
    asia, europe, africa = (
        make_region("142", "Asia"),
        make_region("150", "Europe"),
        make_region("002", "Africa"),
    )
    south_of_sahara = make_region("202", "Sub-Saharan Africa", africa)
    make_country("PH", region=make_region("035", "South-eastern Asia", asia))
    make_country("IT", region=make_region("039", "Southern Europe", europe))
    make_country("SN", region=make_region("011", "Western Africa", south_of_sahara))
    make_country("MA", region=make_region("015", "Northern Africa", africa))
    remittances = make_theme("remittances")
    make_theme("savings", remittances)
    make_theme("investment", remittances)
    make_actor("naga", "local-authorities")
    make_actor("atikha", "civil-society")
    make_practice(
        "Alpha", slug="a", published_at=day(1), period="2009-04/2011-06",
        activity="running", activity_checked_on=date(2026, 1, 1),
        countries=("PH", "IT"), themes=("savings", "investment"), actors=("atikha", "naga"),
        corridors=("PH-IT", "MA-FR"), objectives=("gcm-20", "sdg-10.7"),
    )  # fmt: skip
    make_practice(
        "Beta", slug="b", published_at=day(2), period="2013/..", kind="thinking_point", language="fr",
        story="Of zeta.", countries=("SN",), themes=("remittances",), actors=("naga",),
        corridors=("SN-FR", "SN-IT"), objectives=("gcm-20",),
    )  # fmt: skip
    make_practice(
        "Gamma", slug="c", published_at=day(2), period="2013/", kind="personal_story", language="es",
        activity="ended", summary="With zeta.", countries=("MA",), themes=("lens",), actors=("nobody",),
        corridors=("MA-FR",), objectives=("gcm-2",),
    )  # fmt: skip
    make_practice(
        "Delta", slug="d", published_at=day(3), period="../2011", activity="ended",
        countries=("PH", "PH"), themes=("savings",),
    )  # fmt: skip
    make_practice("Alpha", slug="e", published_at=day(3), countries=("IT",))
    make_practice("epsilon", slug="f", published_at=day(4), period="2015-02", countries=("EC",))
    make_practice("Zeta", slug="g", published_at=day(5), period="/2012")
    make_practice(
        "Eta", slug="h", published_at=day(5), period="2014/2016", language="ar",
        countries=("SN", "PH"), themes=("investment",),
    )  # fmt: skip


def filtered(query: str) -> PracticeFilter:
    return PracticeFilter(QueryDict(query))


def chosen(filterset: PracticeFilter) -> dict[str, Any]:
    return {name: value for name, value in filterset.form.cleaned_data.items() if value}


FOUND = {
    # Everything, the newest first; on one day by title.
    "": "hgfedbca",
    "country=&theme=&kind=&activity=&language=&from=&to=&q=&ordering=&corridor=": "hgfedbca",
    "colour=red": "hgfedbca",
    # Where
    "country=PH": "hda",
    "country=ph": "hda",
    "country=%20PH%20": "hda",
    "country=EC": "f",
    "country=FR": "",
    "country=PH&country=IT": "heda",
    "country=PH&country=PH&country=": "hda",
    "region=035": "hda",
    "region=142": "hda",
    "region=039": "ea",
    "region=150": "ea",
    "region=011": "hb",
    "region=202": "hb",
    "region=015": "c",
    "region=002": "hbc",
    "region=035&region=039": "heda",
    "region=142&region=035": "hda",
    # What about
    "theme=remittances": "hdba",
    "theme=savings": "da",
    "theme=investment": "ha",
    "theme=lens": "c",
    "theme=savings&theme=investment": "hda",
    "theme=remittances&theme=savings": "hdba",
    "objective=gcm-20": "ba",
    "objective=sdg-10.7": "a",
    "objective=gcm-2": "c",
    "objective=gcm-20&objective=sdg-10.7": "ba",
    # Who
    "actor=naga": "ba",
    "actor=atikha": "a",
    "actor=nobody": "c",
    "actor=naga&actor=atikha&actor=nobody": "bca",
    "actor_type=local-authorities": "ba",
    "actor_type=civil-society": "a",
    "actor_type=local-authorities&actor_type=civil-society": "ba",
    # From where to where: both ends in one corridor, in this direction
    "corridor=PH-IT": "a",
    "corridor=ph-it": "a",
    "corridor=MA-FR": "ca",
    "corridor=IT-PH": "",
    "corridor=PH-FR": "",
    "corridor=MA-IT": "",
    "corridor=PH-IT&corridor=SN-IT": "ba",
    "corridor=SN-FR&corridor=SN-IT": "b",
    # Of which sort
    "kind=practice": "hgfeda",
    "kind=thinking_point": "b",
    "kind=personal_story": "c",
    "kind=thinking_point&kind=personal_story": "bc",
    "activity=running": "a",
    "activity=ended": "dc",
    "activity=unknown": "hgfeb",
    "activity=running&activity=ended": "dca",
    "language=en": "gfeda",
    "language=ar": "h",
    "language=fr&language=es": "bc",
    # When: e has no period; b's end is open, c's unknown; d's beginning is open, g's unknown
    "from=1&to=9999": "hgfdbca",
    "from=2011": "hgfdbca",
    "from=2012": "hgfbc",
    "from=2013": "hfbc",
    "from=2016": "hbc",
    "from=2017": "bc",
    "from=9999": "bc",
    "to=1": "gd",
    "to=2008": "gd",
    "to=2009": "gda",
    "to=2012": "gda",
    "to=2013": "gdbca",
    "to=2014": "hgdbca",
    "from=2012&to=2012": "g",
    "from=2014&to=2014": "hbc",
    "from=2015&to=2015": "hfbc",
    "from=2010&to=2010": "gda",
    # OR inside one parameter, AND across
    "country=PH&theme=investment": "ha",
    "country=PH&theme=savings&theme=investment&actor=naga": "a",
    "country=PH&country=SN&kind=thinking_point": "b",
    "region=002&theme=remittances&kind=practice": "h",
    "region=002&country=MA": "c",
    "region=142&country=MA": "",
    "country=SN&from=2016": "hb",
    "country=SN&from=2017": "b",
    "actor=naga&actor_type=civil-society": "a",
    "corridor=PH-IT&objective=gcm-2": "",
    "language=en&activity=ended&to=2011": "d",
    # In which order; equal ones by title, then as they were entered; no beginning comes last
    "ordering=-published": "hgfedbca",
    "ordering=relevance": "hgfedbca",
    "ordering=title": "aebdfhcg",
    "ordering=period": "abchfedg",
    "ordering=-period": "fhbcaedg",
    "ordering=title&country=PH&country=IT": "aedh",
    "ordering=-period&country=PH": "had",
    # With a search: title, then summary, then the rest
    "q=zeta": "gcb",
    "q=ZETA&ordering=relevance": "gcb",
    "q=zeta&ordering=-published": "gbc",
    "q=zeta&ordering=title": "bcg",
    "q=zeta&country=SN&country=MA": "cb",
    "q=zeta&kind=practice": "g",
    "q=nothingofthesort": "",
}  # fmt: skip


@pytest.mark.parametrize("query", FOUND)
def test_a_query_finds_exactly_these_practices_in_this_order(practices, query):
    found = filtered(query)
    assert found.errors == {}
    results = Results(found, Practice.objects.published().in_bulk)
    assert [practice.slug for practice in results[:10]] == list(FOUND[query])
    assert results.count() == len(FOUND[query])


COUNTRY = "ISO 3166-1 alpha-2 codes, such as PH"
REGION = "UN M49 codes, such as 035"
THEME = "slugs of themes, such as migrant-remittances"
ACTOR = "slugs of actors, such as atikha"
ACTOR_TYPE = "slugs of actor types, such as local-authorities"
CORRIDOR = "origin and destination as two ISO 3166-1 alpha-2 codes, such as PH-IT"
OBJECTIVE = "codes of objectives, such as gcm-20 or sdg-10.7"
KIND = "practice, thinking_point, personal_story"
YEAR = "a year, such as 2014"
ORDERING = "relevance, -published, title, period, -period"

LONG = "x" * 5000
CUT = "x" * 59 + "…"

# Query → the field, the value as the message names it, and what is accepted.
REFUSED = {
    "country=ZZ": ("country", "ZZ", COUNTRY),
    "country=zz": ("country", "zz", COUNTRY),
    "country=PHL": ("country", "PHL", COUNTRY),
    "country=Italy": ("country", "Italy", COUNTRY),
    "country=PH&country=ZZ": ("country", "ZZ", COUNTRY),
    "country=ZZ&theme=savings": ("country", "ZZ", COUNTRY),
    "country=PH%00": ("country", "PH�", COUNTRY),
    "country=%00": ("country", "�", COUNTRY),
    f"country={LONG}": ("country", CUT, COUNTRY),
    "region=999": ("region", "999", REGION),
    "region=35": ("region", "35", REGION),
    "region=035%00": ("region", "035�", REGION),
    "theme=nothing": ("theme", "nothing", THEME),
    "theme=Savings": ("theme", "Savings", THEME),
    "theme=savings&theme=nothing": ("theme", "nothing", THEME),
    f"theme={LONG}": ("theme", CUT, THEME),
    "actor=nemo": ("actor", "nemo", ACTOR),
    "actor=naga%00": ("actor", "naga�", ACTOR),
    "actor_type=naga": ("actor_type", "naga", ACTOR_TYPE),
    "corridor=PH-PH": ("corridor", "PH-PH", CORRIDOR),
    "corridor=PHIT": ("corridor", "PHIT", CORRIDOR),
    "corridor=xx": ("corridor", "xx", CORRIDOR),
    "corridor=PH-ZZ": ("corridor", "PH-ZZ", CORRIDOR),
    "corridor=ZZ-PH": ("corridor", "ZZ-PH", CORRIDOR),
    "corridor=PH-IT-SN": ("corridor", "PH-IT-SN", CORRIDOR),
    "corridor=PH%E2%80%93IT": ("corridor", "PH–IT", CORRIDOR),
    "corridor=-": ("corridor", "-", CORRIDOR),
    "corridor=PH-IT&corridor=PH-PH": ("corridor", "PH-PH", CORRIDOR),
    "corridor=PH-IT%00": ("corridor", "PH-IT�", CORRIDOR),
    "objective=gcm-99": ("objective", "gcm-99", OBJECTIVE),
    "objective=GCM 20": ("objective", "GCM 20", OBJECTIVE),
    "kind=book": ("kind", "book", KIND),
    "kind=Practice": ("kind", "Practice", KIND),
    "kind=practice&kind=book": ("kind", "book", KIND),
    f"kind={LONG}": ("kind", CUT, KIND),
    "kind=practice%00": ("kind", "practice�", KIND),
    "activity=paused": ("activity", "paused", "running, ended, unknown"),
    "language=de": ("language", "de", "en, fr, es, ar"),
    "from=0": ("from", "0", YEAR),
    "from=10000": ("from", "10000", YEAR),
    "from=abc": ("from", "abc", YEAR),
    "from=-5": ("from", "-5", YEAR),
    "from=2014.5": ("from", "2014.5", YEAR),
    "from=2014-02": ("from", "2014-02", YEAR),
    "from=%00": ("from", "�", YEAR),
    "from=" + "9" * 5000: ("from", "9" * 59 + "…", YEAR),
    "to=0": ("to", "0", YEAR),
    "to=10000": ("to", "10000", YEAR),
    "to=abc": ("to", "abc", YEAR),
    "ordering=random": ("ordering", "random", ORDERING),
    "ordering=-title": ("ordering", "-title", ORDERING),
    "ordering=title%00": ("ordering", "title�", ORDERING),
    f"ordering={LONG}": ("ordering", CUT, ORDERING),
}  # fmt: skip


@pytest.mark.parametrize("query", REFUSED)
def test_a_wrong_value_is_named_with_what_is_accepted(practices, query):
    field, value, accepted = REFUSED[query]
    assert filtered(query).errors == {field: [f"“{value}” is not a valid choice. Accepted: {accepted}."]}


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("from=2015&to=2014", {"from": ["“From year” (2015) must not be later than “To year” (2014)."]}),
        ("q=a%00b", {"q": ["Null characters are not allowed."]}),
        ("q=" + "x" * 501, {"q": ["Ensure this value has at most 500 characters (it has 501)."]}),
    ],
)
def test_a_value_that_cannot_be_used_says_why(practices, query, errors):
    assert filtered(query).errors == errors


def test_every_wrong_value_is_reported_at_once(practices):
    assert set(filtered("country=ZZ&kind=book&from=abc&to=0&q=fine").errors) == {
        "country",
        "kind",
        "from",
        "to",
    }


def test_a_search_of_500_characters_is_read(practices):
    assert filtered("q=" + "x" * 500).errors == {}


# What requests share -------------------------------------------------------------------------------------


def test_other_threads_see_the_form_class_only_when_it_is_complete(db):
    seen = []

    class WatchingField(forms.CharField):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            seen.append(vars(NewFilter).get("_form_class"))

    class WatchingFilter(django_filters.CharFilter):
        field_class = WatchingField

    class NewFilter(PracticeFilter):
        watched = WatchingFilter()

    form_class = NewFilter(QueryDict()).form.__class__
    assert seen == [None]
    assert vars(NewFilter)["_form_class"] is form_class
    assert form_class.base_fields.keys() == NewFilter.base_filters.keys()


def test_a_list_that_one_request_fills_is_empty_for_the_next(db):
    first, second = PracticeFilter(QueryDict("country=")), PracticeFilter(QueryDict("country="))
    assert first.is_valid()
    first.form.cleaned_data["country"].append("PH")
    assert second.is_valid()
    assert second.form.cleaned_data["country"] == []


@pytest.mark.parametrize(
    ("repeated", "with_commas"),
    [
        ("country=PH&country=IT", "country=PH,IT"),
        ("country=PH&country=IT", "country=ph%20,%20it,"),
        ("country=PH&country=IT&country=SN", "country=PH,IT&country=SN"),
        ("theme=savings&theme=investment", "theme=savings,,investment"),
        ("actor=naga&actor=atikha", "actor=naga,atikha"),
        ("kind=practice&kind=personal_story", "kind=practice,personal_story"),
        ("activity=running&activity=ended", "activity=running,+ended"),
        ("language=en&language=fr", "language=en,fr"),
        ("", "country=,&theme=&kind=,"),
    ],
)
def test_a_list_parameter_repeats_or_takes_commas(practices, repeated, with_commas):
    first, second = filtered(repeated), filtered(with_commas)
    assert (first.errors, second.errors) == ({}, {})
    assert chosen(second) == chosen(first)
    assert list(second.in_order()) == list(first.in_order())


def test_of_values_with_commas_those_that_are_accepted_stay(practices):
    accepted = filtered("country=ph,ZZ,it&kind=practice,book&ordering=title").without_errors()
    assert (accepted.data.getlist("country"), accepted.data.getlist("kind")) == (["ph", "it"], ["practice"])


@pytest.mark.parametrize("query", ["country=PH;IT", "country=ph%7Cit", "country=PH+IT", "kind=practice/book"])
def test_values_with_another_separator_are_told_which_one_to_use(practices, query):
    [message] = next(iter(filtered(query).errors.values()))
    assert message.endswith("To give several values, separate them with commas or repeat the parameter.")


@pytest.mark.parametrize("year", ["2_010", "+2010", "2010.0", "-2010", "2010_", "2 010", "2,010", "1e3", "²"])
@pytest.mark.parametrize("name", ["from", "to"])
def test_a_year_is_written_in_digits_alone(practices, name, year):
    [message] = PracticeFilter(QueryDict(urlencode({name: year}))).errors[name]
    assert message == f"“{year}” is not a valid choice. Accepted: a year, such as 2014."


@pytest.mark.parametrize("year", ["2010", " 2010 ", "02010", "٢٠١٠", "۲۰۱۰", "२०१०"])
def test_a_year_may_have_the_digits_of_any_script(practices, year):
    filterset = PracticeFilter(QueryDict(urlencode({"from": year})))
    assert (filterset.errors, filterset.form.cleaned_data["from"]) == ({}, 2010)


@pytest.mark.parametrize("query", ["objective=GCM-20", "objective=Gcm-20"])
def test_the_code_of_an_objective_may_have_capitals(practices, query):
    filterset = filtered(query)
    assert filterset.errors == {}
    assert filterset.form.cleaned_data["objective"] == ["gcm-20"]
