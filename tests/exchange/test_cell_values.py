"""Values of cells as people write them: names, choices, dates, coordinates; all errors are listed at once."""

import unicodedata
from decimal import Decimal

import pytest

from practices.exchange import imports, name_index, sheet
from practices.exchange.cell_values import POINT, parse_values, split_corridor
from practices.history.snapshots import take_snapshot
from practices.models import Country, Import, Participation, Place, Practice, Source
from practices.values.coordinates import lies_in, parse_degrees, parse_pair
from tests.exchange.test_imports import a_csv, errors, import_rows
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_objective,
    make_practice,
    make_publication,
    make_theme,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_editor()


@pytest.fixture(scope="module")
def countries(django_db_setup, django_db_blocker):
    """All countries of the reference data, as rows that are not stored."""
    import yaml
    from django.conf import settings

    rows = yaml.safe_load((settings.BASE_DIR / "fixtures/reference/countries.yaml").read_text("utf-8"))
    return name_index.NameIndex(
        name_index.named_row(Country(code=row["fields"]["code"], name=row["fields"]["name"],
                            alpha3=row["fields"]["alpha3"]))
        for row in rows
        if row["model"] == "practices.country"
    )  # fmt: skip


# Names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("called", "code"),
    [
        ("Côte d’Ivoire", "CI"), ("Côte d'Ivoire", "CI"), ("COTE D`IVOIRE", "CI"), ("Ivory Coast", "CI"),
        ("Turkey", "TR"), ("Türkiye", "TR"), ("turquie", "TR"), ("UK", "GB"), ("U.K.", "GB"), ("uk", "GB"),
        ("Great Britain", "GB"), ("Cape Verde", "CV"), ("Cabo Verde", "CV"), ("Sénégal", "SN"),
        (unicodedata.normalize("NFD", "Sénégal"), "SN"), ("México", "MX"), ("Mexique", "MX"),
        ("Costa  Rica", "CR"), ("Costa\u00a0Rica", "CR"), ("Costa Rica\u200b", "CR"),
        ("Cos\u00adta Rica", "CR"),
        ("Burma", "MM"), ("Myanmar", "MM"), ("Swaziland", "SZ"), ("DRC", "CD"), ("RDC", "CD"),
        ("Holland", "NL"),
        ("The Netherlands", "NL"), ("the Philippines", "PH"), ("Filipinas", "PH"), ("South Korea", "KR"),
        ("Corée du Sud", "KR"), ("Viet Nam", "VN"), ("Vietnam", "VN"), ("Bolivia", "BO"), ("Moldova", "MD"),
        ("Republic of Moldova", "MD"), ("Czech Republic", "CZ"), ("Macedonia", "MK"), ("Syria", "SY"),
        ("Laos", "LA"), ("Tanzania", "TZ"), ("Russia", "RU"), ("USA", "US"), ("U.S.A.", "US"),
        ("EE. UU.", "US"),
        ("Estados Unidos", "US"), ("المغرب", "MA"), ("السنغال", "SN"), ("Palestine", "PS"), ("Gambia", "GM"),
        ("The Gambia", "GM"), ("Trinidad & Tobago", "TT"), ("Bosnia", "BA"), ("St Lucia", "LC"),
        ("Guinea‑Bissau", "GW"), ("Guinea Bissau", "GW"), ("Republic of Korea", "KR"),
        ("Korea (Republic of)", "KR"),
        ("Congo, Democratic Republic of the", "CD"), ("Iran (Islamic Republic of)", "IR"),
        ("Slovak Republic", "SK"),
        ("Venezuela, RB", "VE"), ("Lao People's Democratic Republic", "LA"), ("PHL", "PH"), ("ph", "PH"),
        ("East Timor", "TL"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_every_common_name(countries, called, code):
    assert [row.key for row in countries.find(called)] == [code]


@pytest.mark.parametrize(
    ("called", "labels"),
    [
        ("Turkye", ["Türkiye (TR)"]),
        ("Philippine", ["Philippines (PH)"]),
        ("Cote dIvoire", ["Côte d’Ivoire (CI)"]),
        ("Senegall", ["Senegal (SN)"]),
        ("Papua", ["Papua New Guinea (PG)"]),
        ("Kingdom of Nowhere", []),
        ("XX", []),
        ("Zz.", []),
        ("Atlantis", []),
        ("!?", []),
    ],
)
def test_suggestions_are_names_with_codes(countries, called, labels):
    assert [row.label for row in countries.alike(called)] == labels


def test_a_country_name_that_two_countries_share_names_both(countries):
    assert [row.label for row in countries.find("Korea")] == ["North Korea (KP)", "South Korea (KR)"]


SPELLINGS = ["Banque d’Épargne", "banque d'epargne", "BANQUE  D’ÉPARGNE", "Banque d’Épargne\u200b",
             unicodedata.normalize("NFD", "Banque d’Épargne"), "Banque\u202fd‘Épargne"]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_actors_themes_publications_and_objectives_are_compared_alike(editor, spelling):
    make_actor("bank", name="Banque d’Épargne")
    make_theme("saving", name="Banque d’Épargne")
    make_objective("gcm-20", name="Banque d’Épargne")
    make_publication("book", title="Banque d’Épargne")
    row = {"title": "A", "story": "S", "participations.1.actor": spelling, "themes": spelling,
           "objectives": spelling, "publication": spelling}  # fmt: skip
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert outcome.errors == []
    made = take_snapshot(Practice.objects.get())
    assert (made["themes"], made["objectives"], made["publication"]) == (["saving"], ["gcm-20"], "book")
    assert made["participations"][0]["actor"] == "bank"


def test_a_name_that_two_actors_share_is_an_error_that_names_both(editor):
    for code, number in (("PH", 1), ("MA", 2)):
        country = make_country(code, {"PH": "Philippines", "MA": "Morocco"}[code])
        make_actor(f"labour-{number}", name="Ministry of Labour", country=country)
    row = {"title": "A", "story": "S", "participations.1.actor": "ministry of labour"}
    _tried, [outcome] = import_rows(a_csv(row), editor)
    cell, message = errors(outcome)["participations.1.actor"]
    assert cell == "C2"
    assert "Ministry of Labour, Philippines (labour-1); Ministry of Labour, Morocco (labour-2)" in message
    _tried, [outcome] = import_rows(a_csv(row | {"participations.1.actor": "labour-2"}), editor)
    assert outcome.errors == []


def test_an_acronym_that_is_the_slug_of_another_actor_is_ambiguous_unless_it_is_written_as_the_slug(editor):
    make_actor("oim", name="Office of Import")
    make_actor("migration", name="Organisation internationale", acronym="OIM")
    row = {"title": "A", "story": "S", "participations.1.actor": "OIM"}
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert "Office of Import (oim); Organisation internationale (migration)" in outcome.errors[0][2]
    _tried, [outcome] = import_rows(a_csv(row | {"participations.1.actor": "oim"}), editor)
    assert (outcome.errors, Participation.objects.get().actor.slug) == ([], "oim")


def test_invisible_characters_in_a_name_that_is_not_known_are_named(editor):
    row = {"title": "A", "story": "S", "themes": "Sav\u2028ings"}
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert errors(outcome)["themes"][1].startswith("“Sav‹LINE SEPARATOR›ings” was not found.")


@pytest.mark.parametrize("slug", ["bonds", "bonds\u200b", "\ufeffbonds", " Bonds ", "BONDS\u00a0"])
def test_a_slug_is_known_whatever_its_case_and_its_ends(editor, slug):
    make_practice("Bonds", slug="bonds", status="draft")
    _tried, [outcome] = import_rows(a_csv({"slug": slug, "title": "Ties"}), editor)
    assert (outcome.action, Practice.objects.get().title) == ("changed", "Ties")


# Choices, defaults, addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("kind", "Practice", "practice"), ("kind", "Thinking point", "thinking_point"),
        ("kind", "PERSONAL  STORY", "personal_story"), ("kind", "thinking-point", "thinking_point"),
        ("language", "English", "en"), ("language", "arabic", "ar"), ("language", "FR", "fr"),
        ("language", "español", "es"), ("language", "Anglais", "en"),
        ("activity", "Ended", "ended"), ("activity", "Not known", "unknown"),
        ("activity", "RUNNING", "running"),
        ("kind", "", "practice"), ("language", "", "en"), ("activity", "", "unknown"),
    ],
)  # fmt: skip
def test_a_choice_is_known_by_the_label_that_the_form_shows(field, text, value):
    assert parse_values(Practice, {field: text}) == ({field: value}, {})


@pytest.mark.parametrize(("text", "role"), [("Partner", "partner"), ("LEAD", "lead"), ("", "partner")])
def test_a_role_is_known_by_its_label_and_has_the_default_of_the_form(editor, text, role):
    make_actor("bank", name="Bank")
    row = {"title": "A", "story": "S", "participations.1.actor": "Bank", "participations.1.role": text}
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert (outcome.errors, Participation.objects.get().role) == ([], role)


@pytest.mark.parametrize(
    "code", ["SDG 11.3", "sdg-11.3", "Sdg\u00a011.3", "SDG11.3", "sdg 11.3", "SDG 11.3: Objective sdg-11.3"]
)
def test_an_objective_is_known_as_people_write_it(editor, code):
    make_objective("sdg-11.3")
    _tried, [outcome] = import_rows(a_csv({"title": "A", "story": "S", "objectives": code}), editor)
    assert (outcome.errors, take_snapshot(Practice.objects.get())["objectives"]) == ([], ["sdg-11.3"])


@pytest.mark.parametrize(
    "text", ["SDG 11.3; GCM 20", "SDG 11.3, gcm-20", "SDG 11.3\ngcm-20", "sdg-11.3;gcm-20;"]
)
def test_several_objectives_stand_in_one_cell(editor, text):
    make_objective("sdg-11.3")
    make_objective("gcm-20")
    _tried, [outcome] = import_rows(a_csv({"title": "A", "story": "S", "objectives": text}), editor)
    assert (outcome.errors, take_snapshot(Practice.objects.get())["objectives"]) == (
        [],
        ["gcm-20", "sdg-11.3"],
    )


def test_an_empty_cell_leaves_a_field_that_is_never_empty(editor):
    make_practice("Bonds", slug="bonds", status="draft", kind="personal_story")
    _tried, [outcome] = import_rows(a_csv({"slug": "bonds", "kind": "", "title": "Ties"}), editor)
    assert (outcome.action, Practice.objects.get().kind) == ("changed", "personal_story")


def test_a_choice_that_is_none_names_those_there_are(editor):
    _tried, [outcome] = import_rows(a_csv({"title": "A", "story": "S", "kind": "novel"}), editor)
    said = "“novel” is not one of these: Practice, Thinking point, Personal story."
    assert outcome.errors == [("C2", "kind", said)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("www.thedialogue.org/hta", "https://www.thedialogue.org/hta"),
        ("stad.gent", "https://stad.gent"),
        ("//stad.gent/a", "https://stad.gent/a"),
        ("http://stad.gent", "http://stad.gent"),
        ("https://stad.gent", "https://stad.gent"),
        ("", ""),
    ],
)
def test_an_address_without_a_scheme_gets_https_as_in_the_form(text, url):
    assert parse_values(Source, {"url": text}) == ({"url": url}, {})


@pytest.mark.parametrize("text", ["www.un.org/x y", "mailto:a@b.org", "none", "https://"])
def test_what_is_not_a_web_address_is_named(text):
    _found, wrong = parse_values(Source, {"url": text})
    assert wrong["url"] == [
        f"Enter a web address, such as https://www.example.org/page, instead of “{text}”."
    ]


# Days ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-01", "2026-11-01"), ("01.11.2026", "2026-11-01"), ("1.11.2026", "2026-11-01"),
        ("1 Nov 2026", "2026-11-01"), ("1 November 2026", "2026-11-01"), ("Nov 1, 2026", "2026-11-01"),
        ("1er novembre 2026", "2026-11-01"), ("1 de noviembre de 2026", "2026-11-01"),
        ("13/01/2026", "2026-01-13"), ("01/13/2026", "2026-01-13"), ("13-01-2026", "2026-01-13"),
        ("02/02/2026", "2026-02-02"), ("2026/11/01", "2026-11-01"), ("2026.11.1", "2026-11-01"),
        ("20261101", "2026-11-01"), ("2026-11-01 00:00:00", "2026-11-01"),
        ("2026-11-01T00:00:00Z", "2026-11-01"), ("", None),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text, day):
    found, wrong = parse_values(Practice, {"activity_checked_on": text})
    assert (found["activity_checked_on"], wrong) == (day, {})
    if text:
        assert parse_values(Practice, {"period": text}) == ({"period": day}, {})


@pytest.mark.parametrize("field", ["activity_checked_on", "period"])
@pytest.mark.parametrize("text", ["01/02/2026", "1-2-2026", "01/02/2026 00:00:00"])
def test_a_day_that_may_be_two_is_an_error_that_says_what_to_write(field, text):
    _found, wrong = parse_values(Practice, {field: text})
    expected = "can mean 2 January 2026 or 1 February 2026. Enter “2026-01-02” or “2026-02-01”."
    assert expected in wrong[field][0]


@pytest.mark.parametrize("text", ["2026", "November 2026", "soon", "31.02.2026", "c. 1 Nov 2026", "1.11.26"])
def test_a_text_that_is_not_a_whole_day_is_an_error(text):
    _found, wrong = parse_values(Practice, {"activity_checked_on": text})
    assert text in wrong["activity_checked_on"][0]


# Coordinates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("47.010453", "47.010"), ("14,599", "14.599"), ("14.599512497", "14.600"), ("-7.6", "-7.600"),
        ("−7.6", "-7.600"), ("47.01 N", "47.010"), ("N 47.01", "47.010"), ("7.6 S", "-7.600"),
        ("47.01°", "47.010"),
        ("47° 0′ 36″ N", "47.010"), ("47°00'36.0\"N", "47.010"), ("٤٧٫٠١", "47.010"),
        ("\u00a047.01\u200b", "47.010"),
        ("+47", "47.000"),
    ],
)  # fmt: skip
def test_degrees_are_read_as_maps_write_them(text, number):
    assert parse_degrees(text, "latitude") == Decimal(number)


@pytest.mark.parametrize(
    "text", ["north", "1e5", "1.234.567", "33.6 W", "47.01, 28.86", "12 345", "4" * 1000, ""]
)
def test_a_text_that_is_not_a_latitude_is_refused(text):
    with pytest.raises(ValueError, match="“"):
        parse_degrees(text, "latitude")


@pytest.mark.parametrize(
    "text",
    [
        "47.01, 28.86", "47.01,28.86", "47.01 28.86", "47,01; 28,86", "47,01 28,86", "47,01, 28,86",
        "(47.01, 28.86)", "47.01° N, 28.86° E", "28.86 E, 47.01 N", "N47.01 E28.86", "47.01\t28.86",
        "geo:47.01,28.86", "47°00'36.0\"N 28°51'36.0\"E",
    ],
)  # fmt: skip
def test_one_field_takes_both_coordinates(text):
    assert parse_pair(text) == (Decimal("47.010"), Decimal("28.860"))
    wanted = {"latitude": 47.01, "longitude": 28.86}
    assert parse_values(Place, {"latitude": text, "longitude": ""}) == (wanted, {})
    assert parse_values(Place, {"latitude": "", "longitude": text}) == (wanted, {})
    assert parse_values(Place, {"latitude": text, "longitude": "28,86"}) == (wanted, {})


@pytest.mark.parametrize("text", ["14,599", "47.01", "a, b", "1, 2, 3", "1 N, 2 N", ""])
def test_one_number_or_three_are_no_pair(text):
    assert parse_pair(text) is None


def test_a_pair_that_contradicts_the_other_cell_is_an_error():
    _found, wrong = parse_values(Place, {"latitude": "47.01, 28.86", "longitude": "29"})
    assert "latitude and a longitude, but the cell for longitude contains “29”" in wrong["latitude"][0]


@pytest.mark.parametrize(
    ("code", "latitude", "longitude", "inside"),
    [
        ("MA", 33.6, -7.6, True), ("MA", -7.6, 33.6, False), ("PH", 14.6, 121, True),
        ("MD", 47.01, 28.86, True),
        ("ES", 28.1, -15.4, True), ("PT", 37.7, -25.7, True), ("US", 21.3, -157.8, True),
        ("RU", 66, -172, True),
        ("FJ", -16.8, -179.9, True), ("CV", 14.9, -23.5, True), ("SN", 14.7, -17.4, True),
        ("MT", 35.9, 14.5, True),
        ("KI", 1.9, -157.4, True), ("SN", 47, 8, False), ("CH", 40.4, -3.7, False), ("ZZ", 0, 0, True),
    ],
)  # fmt: skip
def test_a_point_lies_in_a_country_or_not(code, latitude, longitude, inside):
    assert lies_in(code, Decimal(str(latitude)), Decimal(str(longitude))) is inside


def test_every_country_that_is_drawn_holds_its_own_point():
    import yaml
    from django.conf import settings

    rows = yaml.safe_load((settings.BASE_DIR / "fixtures/reference/countries.yaml").read_text("utf-8"))
    outside = [
        row["fields"]["name"]
        for row in rows
        if row["model"] == "practices.country"
        and not lies_in(row["fields"]["code"], *(Decimal(row["fields"][name]) for name in POINT))
    ]
    assert outside == []


def test_a_swapped_point_is_a_remark_and_no_error(editor):
    make_country("MA", "Morocco")
    row = {"title": "A", "story": "S", "places.1.country": "MA", "places.1.latitude": "-7.6",
           "places.1.longitude": "33.6"}  # fmt: skip
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert (outcome.action, outcome.errors) == ("new", [])
    assert outcome.remarks == [
        "The point -7.6, 33.6 is not in Morocco (MA), but 33.6, -7.6 is. "
        "Check whether latitude and longitude are swapped."
    ]


# Corridors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["PH-IT", "PH–IT", "PH → IT", "PH -> IT", "PH - IT"])
def test_any_dash_or_arrow_separates_the_ends_of_a_corridor(text):
    assert split_corridor(text) == {"origin": "PH", "destination": "IT"}


def test_countries_of_a_corridor_may_be_named():
    assert split_corridor("Guinea-Bissau – Portugal") == {
        "origin": "Guinea-Bissau",
        "destination": "Portugal",
    }


# All errors at once ----------------------------------------------------------------------------------------


def test_all_errors_of_a_row_are_listed_at_once_in_the_order_of_its_cells(editor):
    make_country("PH", "Philippines")
    row = {
        "title": "A" * 300, "period": "soon", "activity_checked_on": "01/02/2026", "kind": "novel",
        "themes": "Unheard of", "publication": "No book", "places.1.country": "Atlantis",
        "places.2.country": "PH", "places.2.latitude": "95", "places.2.longitude": "1",
        "corridors": "PH-PH; PH-XX",
        "participations.1.actor": "Nobody", "participations.1.role": "boss", "sources.1.text": "",
        "sources.1.url": "not an address", "sources.1.date": "whenever", "story": "", "lessons.1.text": "L",
    }  # fmt: skip
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert outcome.action == "wrong"
    assert list(dict.fromkeys(cell for cell, _heading, _message in outcome.errors)) == [
        *("A2", "B2", "C2", "D2", "E2", "F2", "G2", "I2", "K2", "L2", "M2", "N2", "O2", "P2", "Q2"),
    ]


def test_a_child_that_repeats_another_is_listed_with_the_other_errors(editor):
    make_actor("bank", name="Bank")
    row = {"title": "A", "story": "S", "period": "soon", "participations.1.actor": "Bank",
           "participations.2.actor": "bank"}  # fmt: skip
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert [heading for _cell, heading, _message in outcome.errors] == ["period", "participations.2"]


def test_wrong_rows_come_first():
    rows = [imports.Outcome(2, "a", "new"), imports.Outcome(3, "b", "wrong"), imports.Outcome(4, "c", "same")]
    assert [row.number for row in imports.errors_first(rows)] == [3, 2, 4]


# Twice -----------------------------------------------------------------------------------------------------


def test_a_title_that_exists_is_a_remark(editor):
    make_practice("Diaspora bonds", slug="bonds")
    _tried, [outcome] = import_rows(a_csv({"title": "DIASPORA  bonds", "story": "S"}), editor, apply=False)
    assert (outcome.action, outcome.remarks) == (
        "new",
        ["A practice with this title already exists: bonds (Published)."],
    )


def test_a_title_twice_in_a_file_is_a_remark(editor):
    rows = [
        {"title": "Bonds", "story": "S"},
        {"title": "Other", "story": "S"},
        {"title": "bonds", "story": "S"},
    ]
    _tried, outcomes = import_rows(a_csv(*rows), editor, apply=False)
    assert [outcome.remarks for outcome in outcomes] == [[], [], ["Row 2 has the same title."]]


def test_the_same_file_is_known_again_until_it_is_undone(editor):
    data = a_csv({"title": "Bonds", "story": "S"})
    lines, digest = sheet.read_lines(data), imports.file_digest(data)
    first = imports.create_import("one.csv", lines, editor, digest)
    assert imports.file_remarks(first) == []
    list(imports.run_import(first, editor, apply=True))
    second = imports.create_import("two.csv", lines, editor, digest)
    day = f"{Import.objects.get(pk=first.pk).finished_at:%-d %B %Y}"
    assert imports.file_remarks(second) == [
        f"The same file was imported on {day} by {editor.username}, as “one.csv”."
    ]
    imports.undo(first, editor)
    assert imports.file_remarks(second) == []
