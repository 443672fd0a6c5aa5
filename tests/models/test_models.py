"""The models: published rows, derived fields, and rows kept after a deletion."""

from datetime import UTC, date, datetime

import pytest
import yaml
from django.core.management import call_command
from django.utils import translation

from practices.models import (
    FormerSlug,
    Lesson,
    Participation,
    Place,
    Practice,
    Source,
    Synonym,
)
from practices.values.period import Period
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_objective,
    make_practice,
    make_publication,
    make_region,
    make_theme,
)

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)


def slugs(practices) -> list[str]:
    return [practice.slug for practice in practices]


# The one door ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Practice.Status.values)
def test_only_what_is_published_goes_through_the_door(status):
    practice = make_practice(status=status)
    assert list(Practice.objects.published()) == ([practice] if status == "published" else [])


@pytest.mark.parametrize("model", [Place, Participation, Source, Lesson])
def test_a_row_of_a_practice_is_as_public_as_the_practice(model):
    for status in Practice.Status.values:
        make_practice(
            slug=status, status=status, countries=("PH",), actors=("atikha",), sources=("S",), lessons=("L",)
        )
    assert model.objects.count() == 4
    assert [row.practice.slug for row in model.objects.published()] == ["published"]


# The period and its bounds -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2009-04/2011-06", date(2009, 4, 1), date(2011, 6, 30)),
        ("2013 and ongoing", date(2013, 1, 1), None),
        ("until 2011", None, date(2011, 12, 31)),
        (Period("2016-02"), date(2016, 2, 1), date(2016, 2, 29)),
        ("N/A", None, None),
        (None, None, None),
    ],
)
def test_saving_derives_the_bounds_from_the_period(period, start, end):
    practice = make_practice(period=period)
    practice.refresh_from_db()
    assert (practice.period_start, practice.period_end) == (start, end)


def test_bounds_follow_a_changed_period():
    practice = make_practice(period="2009/2011")
    practice.period = Period("2013/..")
    practice.save()
    practice.refresh_from_db()
    assert (practice.period_start, practice.period_end) == (date(2013, 1, 1), None)


def fixture(tmp_path, **fields: object) -> str:
    """A fixture file with one practice as its only row."""
    own = {"slug": "raw", "title": "Raw", "story": "S", "status": "published"}
    dates = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
    file = tmp_path / "raw.yaml"
    file.write_text(yaml.safe_dump([{"model": "practices.practice", "fields": own | dates | fields}]))
    return str(file)


def test_a_fixture_cannot_bring_bounds_that_contradict_its_period(tmp_path):
    stale = {"period": "2009-04/..", "period_start": "1999-01-01", "period_end": "1999-12-31"}
    call_command("loaddata", fixture(tmp_path, **stale), verbosity=0)
    practice = Practice.objects.get(slug="raw")
    assert practice.period == Period("2009-04/..")
    assert (practice.period_start, practice.period_end) == (date(2009, 4, 1), None)


# The date of publication -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_what_was_never_published_has_no_date_of_publication(status):
    assert make_practice(status=status).published_at is None


def test_the_date_of_the_first_publication_is_kept():
    practice = make_practice(published_at=LONG_AGO)
    for status in ("draft", "archived", "published"):
        practice.status = status
        practice.save()
    practice.refresh_from_db()
    assert practice.published_at == LONG_AGO


def test_publishing_notes_the_moment():
    practice = make_practice(status="draft")
    before = datetime.now(UTC)
    practice.status = "published"
    practice.save()
    practice.refresh_from_db()
    assert before <= practice.published_at <= datetime.now(UTC)


def test_a_published_fixture_without_a_date_gets_one(tmp_path):
    before = datetime.now(UTC)
    call_command("loaddata", fixture(tmp_path), verbosity=0)
    assert before <= Practice.objects.get(slug="raw").published_at <= datetime.now(UTC)


# Addresses ---------------------------------------------------------------------------------------------


def former() -> dict[str, str]:
    return {row.slug: row.practice.slug for row in FormerSlug.objects.all()}


def test_every_address_a_practice_had_is_kept():
    practice = make_practice(slug="first")
    for slug in ("second", "third"):
        practice.slug = slug
        practice.save()
    assert former() == {"first": "third", "second": "third"}


def test_a_save_that_keeps_the_slug_leaves_no_former_address():
    practice = make_practice(slug="first")
    practice.title = "Another title"
    practice.save()
    assert former() == {}


def test_an_address_given_up_twice_leads_to_who_had_it_last():
    for slug in ("older", "newer"):
        practice = make_practice(slug="shared")
        practice.slug = slug
        practice.save()
    assert former() == {"shared": "newer"}


# Natural keys ------------------------------------------------------------------------------------------

NATURAL_KEYS = [
    (lambda: make_region("035", "South-eastern Asia"), ("035",)),
    (lambda: make_country("PH"), ("PH",)),
    (lambda: make_theme("remittances"), ("remittances",)),
    (lambda: make_objective("gcm-20"), ("gcm-20",)),
    (lambda: make_actor("atikha", "civil-society").type, ("civil-society",)),
    (lambda: make_actor("atikha"), ("atikha",)),
    (lambda: make_publication("booklet"), ("booklet",)),
    (lambda: make_practice(slug="one"), ("one",)),
    (lambda: FormerSlug.objects.create(slug="old", practice=make_practice()), ("old",)),
    (lambda: make_practice(slug="one", countries=("PH", "IT")).places.last(), ("one", 2)),
    (lambda: make_practice(slug="one", actors=("a", "b")).participations.last(), ("one", 2)),
    (lambda: make_practice(slug="one", sources=("A", "B")).sources.last(), ("one", 2)),
    (lambda: make_practice(slug="one", lessons=("A", "B")).lessons.last(), ("one", 2, 2)),
    (lambda: make_practice(slug="one", corridors=("PH-IT",)).corridors.get(), ("one", "PH", "IT")),
    (lambda: make_editor("rosa"), ("rosa",)),
]


@pytest.mark.parametrize(("make", "key"), NATURAL_KEYS)
def test_a_natural_key_names_one_row(make, key):
    row = make()
    many = {"countries": ("PH", "IT"), "actors": ("a", "b"), "sources": ("A", "B"), "lessons": ("A", "B")}
    make_practice(slug="another", corridors=("PH-IT",), **many)  # whose rows have the same numbers
    assert row.natural_key() == key
    assert type(row)._default_manager.get_by_natural_key(*key) == row


# What a practice says of itself ------------------------------------------------------------------------


def test_countries_come_in_the_order_of_the_places_and_once_each():
    practice = make_practice(countries=("PH", "IT", "PH", "CR"))
    assert [country.code for country in practice.countries] == ["PH", "IT", "CR"]


def test_countries_of_a_listing_cost_no_query(django_assert_num_queries):
    make_practice(countries=("PH", "IT"))
    [practice] = Practice.objects.for_api()
    with django_assert_num_queries(0):
        assert [country.code for country in practice.countries] == ["PH", "IT"]


@pytest.mark.parametrize(
    ("code", "period", "expected"),
    [
        ("gcm-20", "2018-12-09", True),
        ("gcm-20", "2018-12-10", False),
        ("sdg-10.7", "2015-09-24/..", True),
        ("sdg-10.7", "2015-09-25/..", False),
        ("gcm-20", "2015-09-25/..", True),
        ("sdg-10.7", "../2020", True),
        ("gcm-20", None, True),
    ],
)
def test_an_objective_is_the_editors_reading_of_what_began_before_it(code, period, expected):
    practice = make_practice(period=period)
    assert practice.assigned_by_editors(make_objective(code)) is expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Land of the Germans"),
        ("en-gb", "Land of the Germans"),
        ("fr", "Allemagne"),
        ("es", "Alemania"),
        ("ar", "ألمانيا"),
        ("xx", "Land of the Germans"),
    ],
)
def test_a_country_is_called_as_its_readers_call_it(language, expected):
    with translation.override(language):
        assert make_country("DE", "Land of the Germans").local_name == expected


def test_a_country_unknown_to_cldr_keeps_its_stored_name_in_every_language():
    with translation.override("fr"):
        assert make_country("X9", "Nowhere").local_name == "Nowhere"


def test_a_region_is_called_as_its_readers_call_it():
    region = make_region("035", "South-eastern Asia")
    with translation.override("fr"):
        assert str(region) == "Asie du Sud-Est"


def test_a_synonym_group_shows_its_words_in_one_line():
    assert str(Synonym(words=" seafarers,\n gens  de mer\n\nseafarers")) == "seafarers, gens de mer"
