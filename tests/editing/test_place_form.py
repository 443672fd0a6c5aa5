"""Countries and coordinates in the form of a practice, as people type and paste them."""

import pytest

from practices.models import Place
from tests.admin_form import PracticePage, errors_of
from tests.factories import make_country, make_editor, make_practice

pytestmark = pytest.mark.django_db


NO_NUMBER = "“north” is not a coordinate. Enter decimal degrees, such as 47.01 or -28.86."


@pytest.fixture
def editor(client):
    client.force_login(make_editor())
    return client


@pytest.fixture
def page(editor) -> PracticePage:
    make_country("MD", "Moldova")
    practice = make_practice("Bonds", slug="bonds", status="draft")
    return PracticePage(editor, f"/admin/practices/practice/{practice.pk}/change/")


def point() -> tuple[str, str]:
    place = Place.objects.get()
    return str(place.latitude), str(place.longitude)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("47.010453", "28.863810"),
        ("47,01", "28,864"),
        ("47.01, 28.864", ""),
        ("", "47.01 28.864"),
        ("47.01,28.864", "28.864"),
        ("47.01° N", "28.864 E"),
        ("47.01\u00a0", "\u200b28.864"),
    ],
)
def test_coordinates_are_rounded_and_read_as_maps_write_them(page, latitude, longitude):
    page.add_row("places", country="MD", latitude=latitude, longitude=longitude)
    assert page.save().status_code == 302
    assert point() == ("47.010", "28.864")


@pytest.mark.parametrize(
    ("latitude", "longitude", "wrong"),
    [
        ("north", "28", {"places-0-latitude": [NO_NUMBER]}),
        ("47.01, 28.86", "29",
        {"places-0-latitude": ["This is a latitude and a longitude. Clear the other field."]}),
        ("28.86 E", "47", {"places-0-latitude": ["“28.86 E” is a longitude."]}),
        ("95", "1", {"places-0-latitude": ["Ensure this value is less than or equal to 90."]}),
        ("1, 181", "", {"places-0-longitude": ["Ensure this value is less than or equal to 180."]}),
        ("47", "", {"places-0-__all__": ["Enter both latitude and longitude, or leave both empty."]}),
    ],
)  # fmt: skip
def test_a_wrong_coordinate_is_explained_at_its_field(page, latitude, longitude, wrong):
    page.add_row("places", country="MD", latitude=latitude, longitude=longitude)
    assert errors_of(page.save()) == wrong
    assert not Place.objects.exists()


@pytest.mark.parametrize(
    ("latitude", "longitude", "warning"),
    [
        ("28.86", "47.01", "47.01, 28.86 is. Check whether latitude and longitude are swapped."),
        ("10", "10", "The point 10, 10 is not in Moldova. Check the coordinates."),
        ("47.01", "28.86", ""),
    ],
)
def test_a_point_outside_its_country_is_saved_with_a_warning(page, latitude, longitude, warning):
    page.add_row("places", country="MD", latitude=latitude, longitude=longitude)
    response = page.client.get(page.save().headers["Location"])
    warnings = [str(row) for row in response.context["messages"] if row.level_tag == "warning"]
    assert len(warnings) == bool(warning)
    assert all(warning in row for row in warnings)
    assert Place.objects.count() == 1


def test_a_stored_point_is_shown_without_zeros_and_saving_it_again_changes_nothing(page):
    page.add_row("places", country="MD", latitude="47.010", longitude="28.5")
    page.save()
    again = PracticePage(page.client, page.address)
    assert (again.data["places-0-latitude"], again.data["places-0-longitude"]) == ("47.01", "28.5")
    again.save()
    assert point() == ("47.010", "28.500")


@pytest.mark.parametrize(
    ("term", "first"),
    [
        ("uk", "United Kingdom"), ("turkey", "Türkiye"), ("méxico", "Mexico"), ("cape verde", "Cabo Verde"),
        ("ivory coast", "Côte d’Ivoire"), ("burma", "Myanmar"), ("swaziland", "Eswatini"),
        ("holland", "Netherlands"),
        ("drc", "Democratic Republic of the Congo"), ("cote d'iv", "Côte d’Ivoire"), ("GB", "United Kingdom"),
        ("nether", "Netherlands"), ("erland", "Netherlands"), ("المغرب", "Morocco"), ("zzz", None),
    ],
)  # fmt: skip
def test_the_list_of_countries_finds_them_by_every_common_name(editor, term, first):
    countries = {"GB": "United Kingdom", "UA": "Ukraine", "TR": "Türkiye", "MX": "Mexico", "CV": "Cabo Verde",
                 "CI": "Côte d’Ivoire", "MM": "Myanmar", "SZ": "Eswatini", "NL": "Netherlands",
                 "MA": "Morocco",
                 "CD": "Democratic Republic of the Congo"}  # fmt: skip
    for code, name in countries.items():
        make_country(code, name)
    query = {"app_label": "practices", "model_name": "place", "field_name": "country", "term": term}
    found = [row["text"] for row in editor.get("/admin/autocomplete/", query).json()["results"]]
    assert (found[0] if found else None) == first
