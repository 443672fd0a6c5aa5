"""`manage.py bootstrap`: an empty database becomes a portal; an existing portal stays as it is."""

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.serializers.base import DeserializationError
from django.db import connection

from practices.models import Country, Practice, Theme, User
from tests.databases import in_use, maintenance
from tests.factories import make_country, make_editor, make_practice

COUNTRY = {"code": "PH", "name": "Philippines", "alpha3": "PHL", "numeric": "608", "region": None}
DATES = {"created_at": "2024-05-01T00:00:00Z", "updated_at": "2024-05-01T00:00:00Z"}
ACCOUNT = re.compile(r"First editor account: name “(.+)”, one-time password “(.+)”\.\n")
LOADED = "Loaded 1 practices and the reference data.\n"


@pytest.fixture
def fixtures(db, settings, tmp_path) -> Path:
    """A folder with one country, one theme, and one case with one lesson, instead of the project's own."""
    place = {"practice": ["bonds"], "order": 1, "country": ["PH"], "name": ""}
    theme = {"slug": "rights", "name": "Rights", "scheme": "jmdi", "order": 1, "definition": "D."}
    case = {"slug": "bonds", "title": "Bonds", "story": "S.", "status": "published", "period": "2013/.."}
    lesson = {"practice": ["bonds"], "order": 1, "text": "Ask."}
    links = {"themes": [["rights"]], "publication": ["booklet"]}
    booklet = {"slug": "booklet", "title": "Booklet", "publisher": ["jmdi"]}
    # The first file needs the second, so that the two can be loaded together only.
    write(tmp_path / "jmdi" / "1.yaml", practice=case | DATES | links, lesson=lesson, place=place)
    write(tmp_path / "jmdi" / "2.yaml", actor={"slug": "jmdi", "name": "JMDI"}, publication=booklet)
    write(tmp_path / "reference" / "1.yaml", country=COUNTRY | {"latitude": 0, "longitude": 0}, theme=theme)
    settings.FIXTURE_DIRS = [tmp_path]
    return tmp_path


def write(file: Path, **rows: dict) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        yaml.safe_dump([{"model": f"practices.{name}", "fields": row} for name, row in rows.items()])
    )


def bootstrap(*arguments: str) -> str:
    """Run the command and return its output."""
    said = StringIO()
    call_command("bootstrap", *arguments, stdout=said)
    return said.getvalue()


def everything() -> dict[str, str]:
    """Return every row of the app, field by field."""
    models = apps.get_app_config("practices").get_models()
    return {model.__name__: serializers.serialize("json", model.objects.order_by("pk")) for model in models}


def test_an_empty_database_gets_the_cases_and_an_account(fixtures):
    said = bootstrap()
    assert said.startswith(LOADED)
    name, _password = ACCOUNT.fullmatch(said.removeprefix(LOADED)).groups()
    practice = Practice.objects.get()
    assert (practice.slug, str(practice.period_start)) == ("bonds", "2013-01-01")
    assert [place.country_id for place in practice.places.all()] == ["PH"]
    assert [lesson.text for lesson in practice.lessons.all()] == ["Ask."]
    assert [theme.slug for theme in practice.themes.all()] == ["rights"]
    assert practice.publication.publisher.name == "JMDI"
    assert [user.username for user in User.objects.all()] == [name] == ["editor"]


def test_without_the_cases_there_is_the_reference_data_alone(fixtures):
    assert bootstrap("--no-cases").startswith("Loaded 0 practices and the reference data.\n")
    assert (Country.objects.count(), Theme.objects.count(), Practice.objects.count()) == (1, 1, 0)


def test_a_second_run_says_and_changes_nothing(fixtures):
    bootstrap()
    before = everything()
    assert len(before["Practice"]) > 100
    assert bootstrap() == ""
    assert everything() == before


def test_a_second_run_without_the_first_option_adds_no_cases(fixtures):
    bootstrap("--no-cases")
    assert bootstrap() == ""
    assert Practice.objects.count() == 0


def test_what_an_editor_changed_stays_changed(fixtures):
    bootstrap()
    practice = Practice.objects.get()
    practice.title, practice.slug, practice.status = "Mine", "mine", "draft"
    practice.save()
    practice.lessons.all().delete()
    Theme.objects.update(name="Renamed")
    before = everything()
    bootstrap()
    assert everything() == before
    assert Practice.objects.get().title == "Mine"


def test_what_an_editor_deleted_stays_deleted(fixtures):
    bootstrap()
    Practice.objects.all().delete()
    bootstrap()
    assert Practice.objects.count() == 0


def test_a_database_in_use_gets_no_cases_beside_its_own(fixtures):
    make_practice(slug="own", countries=("PH",))
    bootstrap()
    assert [practice.slug for practice in Practice.objects.all()] == ["own"]


@pytest.mark.parametrize("active", [True, False])
def test_where_there_is_an_account_no_second_one_is_made(fixtures, active):
    make_editor("rosa", is_active=active)
    assert bootstrap() == LOADED
    assert [user.username for user in User.objects.all()] == ["rosa"]


def test_a_database_with_data_and_no_account_gets_an_account_alone(fixtures):
    make_country("PH")
    assert ACCOUNT.fullmatch(bootstrap())
    assert Practice.objects.count() == 0


def test_a_broken_fixture_leaves_nothing_behind_and_can_be_mended(fixtures):
    broken = fixtures / "jmdi" / "3.yaml"
    write(broken, lesson={"practice": ["nowhere"], "order": 1, "text": "T"})
    with pytest.raises(DeserializationError, match=r"3\.yaml.*Lesson has no practice"):
        bootstrap()
    assert (Country.objects.count(), Practice.objects.count(), User.objects.count()) == (0, 0, 0)
    broken.unlink()
    assert bootstrap().startswith(LOADED)


# The first account -------------------------------------------------------------------------------------


def test_the_printed_password_opens_the_desk_for_a_lasting_one(fixtures, client):
    name, password = ACCOUNT.search(bootstrap()).groups()
    sent = client.post("/admin/login/?next=/admin/", {"username": name, "password": password})
    assert (sent.status_code, sent["Location"]) == (302, "/admin/")
    assert client.get("/admin/")["Location"] == "/admin/password_change/"
    lasting = "a lasting phrase of mine"
    client.post(
        "/admin/password_change/",
        {"old_password": password, "new_password1": lasting, "new_password2": lasting},
    )
    assert [row.slug for row in client.get("/admin/practices/practice/").context["cl"].result_list] == [
        "bonds"
    ]


def test_the_password_is_new_each_time_long_and_stored_nowhere(fixtures):
    passwords = []
    for _number in range(2):
        User.objects.all().delete()
        passwords.append(ACCOUNT.search(bootstrap())[2])
        assert passwords[-1] not in "".join(everything().values())
    assert passwords[0] != passwords[1]
    assert [len(password) for password in passwords] == [16, 16]


# The real thing ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db
def test_the_projects_own_reference_data_is_loaded():
    assert bootstrap("--no-cases").startswith("Loaded 0 practices and the reference data.\n")
    assert Country.objects.count() == 249
    assert Country.objects.get(code="PH").region.code == "035"


def test_a_new_file_becomes_a_portal_and_the_second_start_leaves_it_alone(tmp_path):
    file = tmp_path / "new.sqlite3"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{file}"}
    command = [sys.executable, "manage.py", "bootstrap"]

    def run() -> str:
        return subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
        ).stdout

    cases = len(list((settings.BASE_DIR / "fixtures" / "jmdi").glob("[0-9]*.yaml"))) - 1  # 00 is the booklet
    said = run()
    assert said.startswith(f"Loaded {cases} practices and the reference data.\n")
    assert ACCOUNT.search(said)
    assert run() == ""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no other encoding")
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_of_another_encoding_is_refused_before_the_first_migration(db, encoding):
    name = f"{connection.settings_dict['NAME']}_{encoding.lower()}"
    made = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
    settings = connection.settings_dict | {"NAME": name}
    with maintenance(settings) as server:
        server.execute(made)
    try:
        with in_use(settings):
            with pytest.raises(
                CommandError, match=f"The encoding of the database {name} is {encoding}, which"
            ):
                bootstrap()
            assert connection.introspection.table_names() == []
    finally:
        with maintenance(settings) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
