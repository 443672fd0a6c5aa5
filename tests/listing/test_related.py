"""Related practices: the nearest first, never itself, never a draft, always with a reason."""

import pytest

from practices.index.facet_index import get_facet_index
from practices.listing.related import related
from practices.models import Practice
from tests.factories import make_practice

pytestmark = pytest.mark.django_db


def near(slug: str) -> list[tuple[str, list[str]]]:
    practice = Practice.objects.published().for_detail().get(slug=slug)
    return [(other.item.slug, other.reasons) for other in related(practice, get_facet_index())]


def test_who_took_part_tells_more_than_corridor_theme_and_country():
    make_practice(
        "Quilts",
        slug="one",
        actors=("atikha",),
        corridors=("PH-IT",),
        themes=("jobs",),
        countries=("PH",),
        story="Q.",
    )
    make_practice("Apples", slug="country", countries=("PH",), story="A.")
    make_practice("Bread", slug="theme", themes=("jobs",), story="B.")
    make_practice("Cheese", slug="corridor", corridors=("PH-IT",), story="C.")
    make_practice("Dates", slug="actor", actors=("atikha",), story="D.")
    assert near("one") == [
        ("actor", ["same actor: Atikha"]),
        ("corridor", ["same corridor: Country PH → Country IT"]),
        ("theme", ["same theme: Jobs"]),
        ("country", ["same country: Country PH"]),
    ]


def test_two_reasons_of_a_kind_are_told_together():
    make_practice("Quilts", slug="one", themes=("jobs", "return", "rights"), countries=("PH",), story="Q.")
    make_practice("Apples", slug="both", themes=("jobs", "return"), story="A.")
    make_practice("Bread", slug="mixed", themes=("rights",), countries=("PH",), story="B.")
    assert near("one") == [
        ("both", ["same themes: Jobs, Return"]),
        ("mixed", ["same theme: Rights", "same country: Country PH"]),
    ]


def test_the_other_way_round_is_another_corridor():
    make_practice("Quilts", slug="one", corridors=("PH-IT",), story="Q.", summary="")
    make_practice("Apples", slug="back", corridors=("IT-PH",), story="A.", summary="")
    assert near("one") == []


def test_rare_words_in_common_are_a_reason():
    make_practice("Quilts", slug="one", story="Weaving on wooden looms.", summary="")
    make_practice("Apples", slug="looms", story="They wove on looms.", summary="")
    make_practice("Bread", slug="far", story="Nothing of the kind.", summary="")
    assert near("one") == [("looms", ["similar text"])]


def test_nothing_in_common_is_nothing_related():
    make_practice("Quilts", slug="one", story="Weaving.", summary="")
    make_practice("Apples", slug="far", story="Orchards.", summary="")
    assert near("one") == []


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_what_is_not_published_is_not_related(status):
    make_practice("Quilts", slug="one", actors=("atikha",), themes=("jobs",), story="Looms.")
    make_practice(
        "Apples", slug="hidden", actors=("atikha",), themes=("jobs",), story="Looms.", status=status
    )
    assert near("one") == []


def test_at_most_four_and_of_ties_the_newest():
    for title in ("Quilts", "Figs", "Eggs", "Dates", "Cheese", "Bread"):
        make_practice(title, slug=title.lower(), themes=("jobs",), story=title, summary="")
    assert [slug for slug, _reasons in near("quilts")] == ["bread", "cheese", "dates", "eggs"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_practices(django_assert_num_queries, count):
    make_practice(
        "Quilts", slug="one", actors=("atikha",), corridors=("PH-IT",), themes=("jobs",), countries=("PH",)
    )
    for number in range(count):
        make_practice(
            f"Apples {number}", actors=("atikha",), corridors=("PH-IT",), themes=("jobs",), countries=("PH",)
        )
    practice = Practice.objects.published().for_detail().get(slug="one")
    facet_index = get_facet_index()
    related(practice, facet_index)  # the first request of a version reads the order of all
    # the rarest words, the practices near in them, the cards
    with django_assert_num_queries(3):
        assert len(related(practice, facet_index)) == count
