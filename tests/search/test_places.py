"""Where a word is looked for: every searched place of a practice finds it, and no other does."""

from datetime import date

import pytest

from practices.models import Country, Place, Practice
from tests.factories import make_actor, make_country, make_practice, make_publication, make_theme
from tests.search.asking import found

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
