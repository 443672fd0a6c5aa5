"""The static pages: their links work, and the examples of the help page find what they say."""

import re
from html import unescape
from itertools import pairwise

import pytest
from django.conf import settings
from django.http import QueryDict
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined

from practices.listing.filters import PracticeFilter, Results
from practices.models import Practice
from practices.values.text import lang_dir
from tests.html import headings, plain
from tests.search.helpers import ask, found

PAGES = ["about", "help", "accessibility"]
ADDRESSES = {name: f"/{name}/" for name in (*PAGES, "practices", "lessons", "countries", "themes", "actors")}
BASE = "{% block title %}{% endblock %}{% block head %}{% endblock %}{% block content %}{% endblock %}"


def page(name: str, contact_email: str = "desk@shelf.example") -> str:
    """Return a page in the simplest frame."""
    loader = ChoiceLoader(
        [DictLoader({"base.html": BASE}), FileSystemLoader(settings.BASE_DIR / "templates/site")]
    )
    env = Environment(
        loader=loader, extensions=["jinja2.ext.i18n"], autoescape=True, undefined=StrictUndefined
    )
    env.install_null_translations(newstyle=True)
    env.filters["lang_dir"] = lang_dir
    env.globals["url"] = (ADDRESSES | {"api:root": "/api/v1/"}).__getitem__
    return env.get_template(f"{name}.html").render(
        site_name="Shelf & Co", site_url="https://shelf.example", contact_email=contact_email
    )


@pytest.mark.parametrize("contact_email", ["", "desk@shelf.example"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_title_and_its_parts_in_order(name, contact_email):
    text = page(name, contact_email)
    levels = [level for level, _words in headings(text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert f'<link rel="canonical" href="https://shelf.example/{name}/">' in text
    assert ("mailto:" in text) == bool(contact_email)


@pytest.mark.parametrize("name", PAGES)
def test_every_part_is_labelled_by_its_heading_and_every_jump_lands(name):
    text = page(name)
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert re.findall(r'<section class="prose" aria-labelledby="([^"]+)">', text) == ids
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_a_jump_to_another_page_lands():
    assert re.findall(r'href="/about/#([^"]+)"', page("help")) == ["reuse"]
    assert ' id="reuse"' in page("about")


@pytest.mark.parametrize("name", PAGES)
def test_the_name_of_the_site_is_shown_as_text(name):
    assert "Shelf & Co" not in page(name)
    assert "%" not in plain(page(name))


def examples() -> list[str]:
    return [unescape(query) for query in re.findall(r'href="/practices/\?([^"]+)"', page("help"))]


@pytest.mark.slow
def test_every_example_of_the_help_page_finds_something_and_not_everything(jmdi):
    counts = {}
    for query in examples():
        filterset = PracticeFilter(QueryDict(query))
        assert filterset.is_valid(), query
        counts[query] = filterset.count()
        assert filterset.found is None or not filterset.found.partial_matches, query
    assert len(counts) == 27
    assert [query for query, count in counts.items() if not 0 < count < 17] == []


def slugs(text: str) -> set[str]:
    return set(found(text))


def test_the_help_page_tells_the_truth_about_the_search(jmdi):
    assert slugs("women who return") == slugs("return women")
    assert slugs('"social security"') < slugs("social security")
    assert (
        slugs("remittances -cooperatives")
        == slugs("remittances") - slugs("cooperatives")
        < slugs("remittances")
    )
    assert slugs("cooperative") == slugs("cooperatives") != set()
    assert slugs("sedhiou") == slugs("SÉDHIOU") != set()
    assert slugs("agric") >= slugs('"agriculture"') != set()
    for typed, meant in (("remitances", "remittances"), ("seafarrers", "seafarers")):
        assert ask(typed).corrected_text == meant
        assert slugs(typed) == slugs(meant)
        assert slugs(f'"{typed}"') == set()
    for other in ("money sent home", "remesas", "envois de fonds"):
        assert slugs(other) == slugs("remittances")
    assert slugs("sailors") == slugs("seafarers") != set()
    assert slugs('"sailors"') < slugs("sailors")


def test_a_practice_that_has_no_known_period_is_left_out_when_a_year_is_given(jmdi):
    unknown = Practice.objects.published().get(period=None).slug
    for query, there in (("country=PH", True), ("country=PH&from=1", False), ("country=PH&to=9999", False)):
        filterset = PracticeFilter(QueryDict(query))
        assert filterset.is_valid()
        assert (unknown in {card.slug for card in Results(filterset, filterset.list_items)[:50]}) == there


def test_the_about_page_names_the_countries_and_kinds_of_the_cases(jmdi):
    text = plain(page("about"))
    practices = Practice.objects.published()
    names = sorted({country.name for practice in practices for country in practice.countries})
    assert names == ["Costa Rica", "Ecuador", "El Salvador", "Morocco", "Philippines", "Senegal"]
    assert "Costa Rica, Ecuador, El Salvador, Morocco, the Philippines and Senegal" in text
    assert (practices.count(), "17 cases" in text) == (17, True)
    for kind in ("personal_story", "thinking_point"):
        assert practices.filter(kind=kind).count() == 1
    publication = practices[0].publication
    said = [str(actor) for actor in (*publication.funders.all(), *publication.implementers.all())]
    assert [name for name in said if name.removesuffix(" (EU)") not in text] == []
    assert (publication.date, "gives no date of publication" in text) == (None, True)
