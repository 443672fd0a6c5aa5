"""Indexed fields: each of them finds its practice, and other fields do not."""

from datetime import date

import pytest

from practices.models import Country, Place, Practice, Synonym, VocabularyWord
from tests.factories import (
    make_actor,
    make_country,
    make_objective,
    make_practice,
    make_publication,
    make_region,
    make_theme,
)
from tests.search.helpers import found, ranked

pytestmark = pytest.mark.django_db


def elsewhere() -> Practice:
    """A practice with a row in every searched table, none of which holds the word."""
    practice = make_practice(
        slug="elsewhere", countries=("MA",), corridors=("MA-FR",), lessons=("L",), sources=("S",)
    )
    practice.themes.add(make_theme("rights", make_theme("whole")))
    practice.participations.create(order=1, actor=make_actor("figuig"))
    return practice


def here(**fields: object) -> Practice:
    return make_practice(**{"title": "A title", "slug": "here"} | fields)


def zarzuela() -> Country:
    return make_country("ZZ", "Zarzuela")


HOLDERS = {
    "title": lambda: here(title="The Zarzuela fund"),
    "summary": lambda: here(summary="About zarzuela."),
    "story": lambda: here(story="It began with ZARZUELA."),
    "a lesson": lambda: here(lessons=("None", "Zarzuela helps")),
    "a source": lambda: here(sources=("None", "*Zarzuela*, 2012")),
    "a source’s address": lambda: here().sources.create(order=1, text="S", url="https://zarzuela.org/x"),
    "an actor": lambda: here().participations.create(order=1, actor=make_actor("z", name="Zarzuela Bank")),
    "an acronym": lambda: here().participations.create(order=1, actor=make_actor("z", acronym="ZARZUELA")),
    "a territory": lambda: Place.objects.create(
        practice=here(), order=1, country=make_country("PH"), name="Zarzuela City"
    ),
    "a country": lambda: [zarzuela(), here(countries=("ZZ",))],
    "an origin": lambda: [zarzuela(), here(corridors=("ZZ-IT",))],
    "a destination": lambda: [zarzuela(), here(corridors=("IT-ZZ",))],
    "a theme": lambda: here().themes.add(make_theme("z", name="Zarzuelas")),
    "a theme above": lambda: here().themes.add(make_theme("z", make_theme("y", name="Zarzuela"))),
    "a footnote": lambda: here(story="A story.[^1]\n\n[^1]: On zarzuela."),
    "the words of a link": lambda: here(story="See [the zarzuela](https://example.org/)."),
}
# What is found although nothing says it in words.
CODES = [
    ("gcm-19", "GCM 19"), ("gcm-19", "gcm-19"), ("gcm-19", "GCM19"), ("gcm-19", "gcm"),
    ("gcm-19", "Global Compact"), ("sdg-10.c", "SDG 10.c"), ("sdg-10.c", "sdg-10.c"), ("sdg-10.c", "SDG10.c"),
    ("sdg-10.c", "SDG 10c"), ("sdg-10.c", "SDG 10"), ("sdg-10.c", "sdg10"), ("sdg-10.c", "ODD 10.c"),
    ("sdg-10.c", "ods 10"), ("sdg-10.c", "SDG"), ("sdg-1.3", "SDG 1.3"), ("sdg-8.a", "SDG 8.a"),
    ("sdg-1.3", "1.3"), ("sdg-10.c", "10.c"),
]  # fmt: skip
OTHER_CODES = [
    ("gcm-19", "GCM 1"), ("gcm-19", "GCM 9"), ("gcm-1", "GCM 19"), ("gcm-1", "GCM 10"), ("gcm-19", "19"),
    ("gcm-19", "SDG 19"), ("sdg-10.c", "SDG 1"), ("sdg-10.c", "SDG 10.a"), ("sdg-10.c", "10"),
    ("sdg-1.3", "SDG 13"), ("sdg-1.3", "SDG 3"), ("sdg-13.2", "SDG 1.3"), ("sdg-8.10", "SDG 8.1"),
]  # fmt: skip
KNOWN_CODES = ("gcm-1", "gcm-9", "gcm-10", "gcm-19", "sdg-1.3", "sdg-3.1", "sdg-8.1", "sdg-8.10", "sdg-8.a",
    "sdg-10.a", "sdg-10.c", "sdg-13.2")  # fmt: skip
ABSENT = {
    "an editors’ note": lambda: here(editors_note="Zarzuela"),
    "who checked": lambda: here(activity_checked_by="Zarzuela", activity_checked_on=date(2026, 1, 1)),
    "a slug": lambda: here(slug="zarzuela"),
    "a publication": lambda: here(publication=make_publication(title="Zarzuela")),
    "the address of a link": lambda: here(story="See [this](https://zarzuela.org/)."),
    "an actor’s note": lambda: here(actors=("x",)).participations.update(note="zarzuela"),
    "a theme below": lambda: [
        here().themes.add(make_theme("y")),
        make_theme("z", make_theme("y"), name="Zarzuela"),
    ],
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_word_is_found_wherever_it_stands(holder):
    elsewhere()
    HOLDERS[holder]()
    assert found("zarzuela") == ["here"]


@pytest.mark.parametrize("holder", ABSENT)
def test_what_is_not_shown_as_a_practices_own_is_not_searched(holder):
    elsewhere()
    ABSENT[holder]()
    assert found('"zarzuela"') == []


@pytest.mark.parametrize(
    "name",
    ["Philippines", "Filipinas", "les Philippines", "الفلبين", "filipínas", "Überall"],
)
@pytest.mark.parametrize(
    "children", [{"countries": ("PH",)}, {"corridors": ("PH-IT",)}, {"corridors": ("IT-PH",)}]
)
def test_a_country_is_found_by_its_names_in_each_language(name, children):
    make_country("PH", "Überall")
    here(**children)
    make_practice(slug="elsewhere", countries=("MA",))
    assert found(name) == ["here"]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("CI", ["Côte d’Ivoire", "cote d'ivoire", "ساحل العاج"]),
        ("US", ["United States", "États-Unis", "Estados Unidos", "الولايات المتحدة"]),
        ("DE", ["Germany", "Allemagne", "Alemania", "ألمانيا", "المانيا"]),
    ],
)
def test_names_of_several_words_are_found_whatever_the_language_of_the_practice(code, names):
    for language in ("en", "fr", "es", "ar"):
        make_practice(slug=language, language=language, countries=(code,))
    for name in names:
        assert (name, found(name)) == (name, ["ar", "en", "es", "fr"])


def coded(code: str) -> None:
    Synonym.objects.create(words="Global Compact, GCM")
    for known in KNOWN_CODES:
        make_objective(known, name="Said in words")
    make_practice(slug="here", objectives=(code,))
    make_practice(slug="apart", story="On 10 May, 13 women and 19 men.")


@pytest.mark.parametrize(("code", "text"), CODES)
def test_the_code_of_an_objective_finds_its_practices(code, text):
    coded(code)
    assert found(text) == ["here"]


@pytest.mark.parametrize(("code", "text"), OTHER_CODES)
def test_the_code_of_another_objective_does_not(code, text):
    coded(code)
    assert "here" not in found(text)


def test_an_objective_is_found_by_its_words_below_what_a_story_says():
    make_objective("gcm-20", name="Cheaper remittances")
    make_practice(slug="here", objectives=("gcm-20",))
    make_practice(slug="telling", summary="Cheaper remittances")
    assert ranked("cheaper remittances") == ["telling", "here"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Africa", ["dakar", "rabat"]),
        ("afrique", ["dakar", "rabat"]),
        ("Western Africa", ["dakar"]),
        ("West Africa", ["dakar"]),  # a synonym of the region's name
        ("Afrique de l’Ouest", ["dakar"]),
        ("África Septentrional", ["rabat"]),
        ("Northern", []),  # a region is asked for whole
        ("Europe", []),  # the end of a corridor is no place of a practice
    ],
)
def test_a_region_finds_what_happened_in_it(text, expected):
    Synonym.objects.create(words="West Africa\nWestern Africa\nAfrique de l’Ouest")
    africa = make_region("002", "Africa")
    make_country("SN", region=make_region("011", "Western Africa", africa))
    make_country("MA", region=make_region("015", "Northern Africa", africa))
    make_country("IT", region=make_region("150", "Europe"))
    make_practice(slug="dakar", countries=("SN",), corridors=("SN-IT",))
    make_practice(slug="rabat", countries=("MA",))
    make_practice(slug="nowhere")
    assert found(text) == expected


def test_an_objective_taken_off_finds_no_more():
    here(objectives=("gcm-19",))
    Practice.objects.get().objectives.clear()
    assert found("GCM 19") == []


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2014/2016", 2014, 2016),
        ("2014-05/2016-02", 2014, 2016),
        ("2015", 2015, 2015),
        ("2015-02~", 2015, 2015),
        ("2013/..", 2013, 2013),
        ("../2013", 2013, 2013),
        ("201X", 2010, 2019),
    ],
)
def test_the_years_of_its_period_find_a_practice(period, first, last):
    here(period=period)
    assert [year for year in range(2005, 2025) if found(str(year))] == [*range(first, last + 1)]


def test_of_centuries_the_first_and_the_last_year_are_known():
    here(period="1700/1999")
    assert [found(year) for year in ("1700", "1850", "1999")] == [["here"], [], ["here"]]


def test_codes_and_years_are_no_words_that_others_are_completed_or_mended_to():
    make_objective("sdg-10.c", name="Said in words")
    here(objectives=("sdg-10.c",), period="2014/2016")
    held = set(VocabularyWord.objects.values_list("word", flat=True))
    assert held.isdisjoint({"sdg", "sdg10", "sdg10xc", "2014", "2015", "2016"})


def test_a_country_is_found_by_its_iso_code():
    """Not by one that is a common word, nor by one that the collection holds as a word."""
    for code, alpha3 in {"PH": "PHL", "AD": "AND", "CR": "CRI"}.items():
        Country.objects.filter(pk=make_country(code).pk).update(alpha3=alpha3)
        make_practice(slug=f"of-{code}".lower(), countries=(code,))
    make_practice("The CRI", slug="named")
    assert (found("PHL"), found("phl"), found("AND"), found("CRI")) == (["of-ph"], ["of-ph"], [], ["named"])
