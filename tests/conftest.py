"""Fixtures and options of all tests. dev.py sets the environment that the settings read."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from practices.models import ContentVersion, IndexedLesson, IndexedPractice, User
from practices.models.content_version import bump_content_version
from practices.search.backends import LESSONS, PRACTICES, backend
from tests.databases import blank_database
from tests.factories import make_country
from tests.html import clear_caches

SLOW = ("slow", "e2e", "contract")  # markers of tests that `--quick` leaves out


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="the whole campaign where a sample is tested")
    parser.addoption("--quick", action="store_true", help="no slow tests, and two cases of each test")
    parser.addoption("--cases", type=int, default=3_000, help="how many requests to make up against the API")
    parser.addoption("--kills", type=int, default=2, help="how often what a test kills is killed")


def pytest_configure() -> None:
    """Serve static files from their folders, so that tests need no `collectstatic`."""
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    settings.API_RATE = settings.SEARCH_RATE = 0  # no limit: tests ask as fast as they can
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that this run does not need; run the tests of one shared site last.

    The 17 practices of that site stay in the database from the first of them to the end of the run.
    """
    selected = list(items)
    if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
        selected = [item for item in selected if not item.get_closest_marker("one_engine")]
    if config.getoption("quick"):
        selected = sample(item for item in selected if not any(map(item.get_closest_marker, SLOW)))
    left_out = set(items).difference(selected)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = sorted(selected, key=lambda item: "shared_server" in getattr(item, "fixturenames", ()))


def sample(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The first and the last case of each test function."""
    functions: dict[tuple[pytest.Item | None, str], list[pytest.Item]] = {}
    for item in items:
        functions.setdefault((item.parent, getattr(item, "originalname", item.name)), []).append(item)
    return [case for cases in functions.values() for case in (cases[0], *cases[1:][-1:])]


@pytest.fixture(scope="session")
def fixture_files() -> list[str]:
    """The project’s own fixtures, in the order in which `bootstrap` loads them."""
    fixtures = settings.BASE_DIR / "fixtures"
    return [
        str(path) for folder in ("reference", "jmdi") for path in sorted((fixtures / folder).glob("*.yaml"))
    ]


@pytest.fixture
def jmdi(db: None, kept_tables: list[str]) -> None:
    """The reference data and the 17 cases of a new portal, with the search index."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for table in kept_tables:
                cursor.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
            for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
                cursor.execute(statement)
        for kept, rows in ((PRACTICES, IndexedPractice), (LESSONS, IndexedLesson)):
            backend().clear(kept)
            backend().add(kept, rows.objects.values_list("pk", flat=True))
        bump_content_version()


@pytest.fixture(scope="session")
def kept_tables(django_db_setup: None, django_db_blocker: Any, fixture_files: list[str]) -> list[str]:
    """The tables that the fixtures fill, each with a copy `kept_…` of its rows.

    Copying rows takes a fiftieth of the time of loading them.
    """
    models = apps.get_app_config("practices").get_models(include_auto_created=True)
    tables = [model._meta.db_table for model in models if model not in {ContentVersion, User}]
    rows = {}
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        with transaction.atomic():
            call_command("loaddata", *fixture_files, verbosity=0)
            for table in tables:
                cursor.execute(f"SELECT * FROM {table}")
                rows[table] = cursor.fetchall()
            transaction.set_rollback(True)
        filled = [table for table in tables if rows[table]]
        for table in filled:
            marks = ", ".join(["%s"] * len(rows[table][0]))
            cursor.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table} WHERE 1 = 0")
            cursor.executemany(f"INSERT INTO kept_{table} VALUES ({marks})", rows[table])
    return filled


@pytest.fixture(scope="module")
def rows(kept_tables: list[str], django_db_blocker: Any) -> Iterator[None]:
    """A transaction around the tests of a module, for rows that are created once and only read.

    Each test still has its own transaction inside.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def blank(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A database for tests of whole databases: see `own_database()`."""
    with django_db_blocker.unblock(), blank_database(tmp_path_factory.mktemp("databases")) as name:
        yield name


@pytest.fixture
def django_assert_num_queries(django_assert_num_queries: Any) -> Any:
    """Count queries with empty caches, whatever was requested before."""

    def counted(*arguments: Any, **named: Any) -> Any:
        clear_caches()
        return django_assert_num_queries(*arguments, **named)

    return counted


@pytest.fixture
def philippines(db: None):
    return make_country("PH", "Philippines")


@pytest.fixture
def italy(db: None):
    return make_country("IT", "Italy")
