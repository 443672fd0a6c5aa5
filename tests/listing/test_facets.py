"""Counts next to choices are exact and describe the list that the choice would show."""

import pytest
from django.db.models import QuerySet
from django.http import QueryDict

from practices.index.facet_index import FacetIndex
from practices.listing import facets
from practices.listing.filters import PracticeFilter
from practices.models import Practice
from tests.factories import make_actor, make_country, make_practice, make_region, make_theme

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def practices(rows) -> None:
    """Three published practices, and one like the first in each other status, which must not count."""
    asia, europe, africa = (
        make_region("142", "Asia"),
        make_region("150", "Europe"),
        make_region("002", "Africa"),
    )
    make_country("PH", "Philippines", make_region("035", "South-eastern Asia", asia))
    make_country("IT", "Italy", make_region("039", "Southern Europe", europe))
    make_country("FR", "France", make_region("155", "Western Europe", europe))
    middle = make_region("202", "Sub-Saharan Africa", africa)
    make_country("SN", "Senegal", make_region("011", "Western Africa", middle))
    make_country("XK", "Kosovo")
    remittances = make_theme("remittances")
    make_theme("savings", remittances)
    make_theme("investment", remittances)
    make_theme("lens", scheme="toolbox")
    make_actor("naga", "local-authorities")
    make_actor("batangas", "local-authorities")
    make_actor("atikha", "civil-society")
    full = {
        "countries": ("PH", "PH", "IT"),
        "themes": ("savings", "investment"),
        "actors": ("naga", "batangas", "atikha"),
        "corridors": ("PH-IT",),
        "objectives": ("gcm-20", "sdg-10.7"),
        "activity": "ended",
        "period": "2010/2012",
    }
    make_practice(slug="one", **full)
    make_practice(
        slug="two", kind="thinking_point", period="2014/..", countries=("PH", "SN"), themes=("remittances",),
        actors=("naga",), corridors=("PH-IT", "SN-IT"), objectives=("gcm-2",),
    )  # fmt: skip
    make_practice(
        slug="three", activity="ended", countries=("FR",), themes=("lens",), actors=("nobody",),
        objectives=("gcm-20",),
    )  # fmt: skip
    for status in ("draft", "in_review", "archived"):
        make_practice(status=status, **full)
        make_practice(
            status=status, countries=("XK",), themes=("hidden",), corridors=("XK-FR",), objectives=("gcm-9",)
        )


def filtered(query: str) -> PracticeFilter:
    filterset = PracticeFilter(QueryDict(query))
    assert filterset.errors == {}
    return filterset


def counts(query: str) -> dict[str, dict[str, int]]:
    return {
        facet.parameter: {choice.value: choice.count for choice in facet.choices}
        for facet in facets.facets(filtered(query))
    }


ALL = {
    "country": {"SN": 1, "PH": 2, "FR": 1, "IT": 1},
    "theme": {"remittances": 2, "savings": 1, "investment": 1, "lens": 1},
    "corridor": {"PH-IT": 2, "SN-IT": 1},
    "actor_type": {"local-authorities": 2, "civil-society": 1},
    "actor": {"naga": 2, "atikha": 1, "batangas": 1, "nobody": 1},
    "objective": {"gcm-20": 2, "gcm-2": 1, "sdg-10.7": 1},
    "kind": {"practice": 2, "thinking_point": 1},
    "activity": {"ended": 2, "unknown": 1},
}
ONE = {
    "country": {"PH": 1, "IT": 1},
    "theme": {"remittances": 1, "savings": 1, "investment": 1},
    "corridor": {"PH-IT": 1},
    "actor_type": {"local-authorities": 1, "civil-society": 1},
    "actor": {"naga": 1, "atikha": 1, "batangas": 1},
    "objective": {"gcm-20": 1, "sdg-10.7": 1},
    "kind": {"practice": 1},
    "activity": {"ended": 1},
}
TWO = {
    "country": {"SN": 1, "PH": 1},
    "theme": {"remittances": 1},
    "corridor": {"PH-IT": 1, "SN-IT": 1},
    "actor_type": {"local-authorities": 1},
    "actor": {"naga": 1},
    "objective": {"gcm-2": 1},
    "kind": {"thinking_point": 1},
    "activity": {"unknown": 1},
}
ONE_AND_TWO = {
    "country": {"SN": 1, "PH": 2, "IT": 1},
    "theme": {"remittances": 2, "savings": 1, "investment": 1},
    "corridor": {"PH-IT": 2, "SN-IT": 1},
    "actor_type": {"local-authorities": 2, "civil-society": 1},
    "actor": {"naga": 2, "atikha": 1, "batangas": 1},
    "objective": {"gcm-20": 1, "gcm-2": 1, "sdg-10.7": 1},
    "kind": {"practice": 1, "thinking_point": 1},
    "activity": {"ended": 1, "unknown": 1},
}
ONE_AND_THREE = {
    "country": {"PH": 1, "FR": 1, "IT": 1},
    "theme": {"remittances": 1, "savings": 1, "investment": 1, "lens": 1},
    "corridor": {"PH-IT": 1},
    "actor_type": {"local-authorities": 1, "civil-society": 1},
    "actor": {"naga": 1, "atikha": 1, "batangas": 1, "nobody": 1},
    "objective": {"gcm-20": 2, "sdg-10.7": 1},
    "kind": {"practice": 2},
    "activity": {"ended": 2},
}
NONE = {
    "country": {},
    "theme": {},
    "corridor": {},
    "actor_type": {},
    "actor": {},
    "objective": {},
    "kind": {},
    "activity": {},
}

# What remains of the others by the query; in its own facet all choices remain.
EXPECTED = {
    "": ALL,
    "country=PH": ONE_AND_TWO | {"country": ALL["country"]},
    "country=IT&country=SN": ONE_AND_TWO | {"country": ALL["country"]},
    "country=SN": TWO | {"country": ALL["country"]},
    "region=035": ONE_AND_TWO,
    "theme=remittances": ONE_AND_TWO | {"theme": ALL["theme"]},
    "theme=savings": ONE | {"theme": ALL["theme"]},
    "corridor=SN-IT": TWO | {"corridor": ALL["corridor"]},
    "actor_type=civil-society": ONE | {"actor_type": ALL["actor_type"]},
    "actor=batangas": ONE | {"actor": ALL["actor"]},
    "objective=gcm-20": ONE_AND_THREE | {"objective": ALL["objective"]},
    "kind=practice": ONE_AND_THREE | {"kind": ALL["kind"]},
    "activity=ended": ONE_AND_THREE | {"activity": ALL["activity"]},
    "from=2013": TWO,
    "to=2012": ONE,
    "page=2&ordering=title": ALL,
    "country=PH&theme=savings": ONE | {"theme": ONE_AND_TWO["theme"]},
    "kind=thinking_point&kind=practice&country=FR&country=IT": ONE_AND_THREE
    | {"kind": {"practice": 2, "thinking_point": 0}, "country": ALL["country"]},
    # What is chosen stays, with 0 when nothing is left of it
    "country=SN&theme=lens": NONE
    | {"country": {"SN": 0, "FR": 1}, "theme": {"remittances": 1, "lens": 0}},
    "country=FR&theme=savings": NONE
    | {
        "country": {"PH": 1, "FR": 0, "IT": 1},
        "theme": {"remittances": 0, "savings": 0, "lens": 1},
    },
    "corridor=IT-PH&actor_type=civil-society": NONE
    | {"corridor": {"IT-PH": 0, "PH-IT": 1}, "actor_type": {"civil-society": 0}},
    "objective=gcm-2&kind=practice&activity=running": NONE
    | {"objective": {"gcm-2": 0}, "kind": {"practice": 0}, "activity": {"running": 0}},
    "country=XK": NONE | {"country": {"SN": 1, "PH": 2, "FR": 1, "IT": 1, "XK": 0}},
    "theme=hidden": NONE | {"theme": ALL["theme"] | {"hidden": 0}},
}  # fmt: skip


@pytest.mark.parametrize("query", EXPECTED)
def test_each_choice_counts_what_the_other_parameters_leave(practices, query):
    assert counts(query) == EXPECTED[query]


@pytest.mark.parametrize("query", EXPECTED)
def test_the_number_beside_a_choice_is_the_length_of_the_list_it_leads_to(practices, query):
    for facet in facets.facets(filtered(query)):
        for choice in facet.choices:
            data = QueryDict(query, mutable=True)
            data[facet.parameter] = choice.value
            assert (choice.value, choice.count) == (choice.value, len(filtered(data.urlencode()).qs))


def test_exactly_the_chosen_values_are_selected(practices):
    found = facets.facets(filtered("country=PH&country=XK&theme=savings&kind=practice&activity=running"))
    assert {facet.parameter: [choice.value for choice in facet.selected] for facet in found} == {
        "country": ["XK", "PH"],
        "theme": ["savings"],
        "corridor": [],
        "actor_type": [],
        "actor": [],
        "objective": [],
        "kind": ["practice"],
        "activity": ["running"],
    }


def test_countries_stand_by_name_under_the_continents_of_m49(practices):
    make_practice(countries=("XK",))
    groups = facets.countries(filtered("")).groups
    assert [(group.label, [choice.label for choice in group.choices]) for group in groups] == [
        ("", ["Kosovo"]),
        ("Africa", ["Senegal"]),
        ("Asia", ["Philippines"]),
        ("Europe", ["France", "Italy"]),
    ]


def test_themes_stand_under_their_scheme_with_the_parts_below_the_whole(practices):
    groups = facets.themes(filtered("")).groups
    assert [
        (group.label, [(choice.value, [part.value for part in choice.parts]) for choice in group.choices])
        for group in groups
    ] == [
        ("JMDI themes", [("remittances", ["savings", "investment"])]),
        ("Themes of the JMDI toolbox", [("lens", [])]),
    ]


def test_objectives_stand_under_their_framework_with_their_whole_title(practices):
    groups = facets.objectives(filtered("")).groups
    assert [(group.label, [choice.label for choice in group.choices]) for group in groups] == [
        ("Global Compact for Migration", ["GCM 20: Objective gcm-20", "GCM 2: Objective gcm-2"]),
        ("Sustainable Development Goals", ["SDG 10.7: Objective sdg-10.7"]),
    ]


def test_corridors_are_named_and_sorted_by_their_countries(practices):
    assert [choice.label for choice in facets.corridors(filtered("corridor=FR-IT")).choices] == [
        "France → Italy",
        "Philippines → Italy",
        "Senegal → Italy",
    ]


def test_the_facets_of_an_empty_portal_have_no_choices(db):
    Practice.objects.all().delete()  # those of the module
    assert counts("") == NONE


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_rows(django_assert_num_queries, db, count):
    Practice.objects.all().delete()  # those of the module
    for _number in range(count):
        make_practice(
            countries=("PH", "SN"), themes=("savings",), corridors=("PH-IT",), actors=("naga",),
            objectives=("gcm-20",),
        )  # fmt: skip
    filterset = filtered("country=PH&q=summary")
    assert filterset.found.pks  # the search has its own queries
    # none: the facet index holds all
    with django_assert_num_queries(0):
        assert [choice.count for choice in facets.countries(filterset).choices] == [count, count]
        facets.facets(filterset)
        facets.years(filterset)


def bars(query: str) -> list[tuple[str, int, int, bool]]:
    return [(bar.label, bar.count, bar.height, bar.selected) for bar in facets.years(filtered(query))]


def test_the_histogram_counts_the_practices_of_each_year(practices):
    assert bars("") == [
        ("2010", 1, 100, True),
        ("2011", 1, 100, True),
        ("2012", 1, 100, True),
        ("2013", 0, 0, True),
        ("2014", 1, 100, True),
    ]
    make_practice(period="2012/2013")
    make_practice(period="../2011")
    assert [(label, count) for label, count, _height, _selected in bars("")] == [
        ("2010", 2), ("2011", 2), ("2012", 2), ("2013", 1), ("2014", 1),
    ]  # fmt: skip


def test_the_histogram_leaves_out_its_own_choice_alone(practices):
    assert bars("from=2012&to=2013&country=PH") == [
        ("2010", 1, 100, False),
        ("2011", 1, 100, False),
        ("2012", 1, 100, True),
        ("2013", 0, 0, True),
        ("2014", 1, 100, False),
    ]
    assert bars("country=SN") == [("2014", 1, 100, True)]
    assert bars("country=FR") == []


def test_many_years_share_bars(practices):
    make_practice(period="1900/1901")
    shown = bars("")
    assert len(shown) <= facets.MAX_BARS
    assert (shown[0][0], shown[0][1]) == ("1900–1904", 1)
    assert shown[-1][0].endswith("–2014")


def test_of_many_actors_a_page_names_the_most_frequent_and_those_chosen_and_counts_the_others(practices):
    facet = facets.actors(filtered("actor=nobody"), 2)
    [group] = facet.groups
    assert [(choice.value, choice.count) for choice in group.choices] == [
        ("naga", 2), ("atikha", 1), ("nobody", 1),
    ]  # fmt: skip
    assert [choice.value for choice in group.choices if choice.selected] == ["nobody"]
    assert group.left_out == 1
    assert len(facets.actors(filtered("")).choices) == 4


def test_what_is_published_while_the_sets_are_read_is_in_none_of_them(monkeypatch):
    before, read = FacetIndex("before"), FacetIndex.sets

    def meanwhile(self: FacetIndex, published: QuerySet) -> dict:
        make_practice("Late")
        return read(self, published)

    monkeypatch.setattr(FacetIndex, "sets", meanwhile)
    facet_index = FacetIndex("after")
    assert (facet_index.published, facet_index.by["kind"]) == (before.published, before.by["kind"])


def test_every_filter_by_values_has_a_facet_for_the_pages_or_for_the_api_only(practices):
    filterset = filtered("")
    of_the_api = {name: make(filterset).parameter for name, make in facets.API_ONLY.items()}
    assert of_the_api == {name: name for name in facets.API_ONLY}
    of_the_pages = {facet.parameter for facet in facets.facets(filterset)}
    assert of_the_pages.isdisjoint(of_the_api)
    assert of_the_pages | {*of_the_api, "q", "from", "to", "ordering"} == PracticeFilter.base_filters.keys()


@pytest.mark.parametrize(("name", "value"), [("region", "035"), ("language", "en")])
def test_the_form_of_a_page_keeps_a_filter_that_only_the_api_shows(client, practices, name, value):
    page = client.get(f"/practices/?{name}={value}").content.decode()
    assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert name in facets.API_ONLY
