"""What every test stands on. The settings come from the environment that dev.py sets."""

from copy import deepcopy

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from practices.models import Practice
from practices.search import index
from tests.factories import make_country


def pytest_configure() -> None:
    """Static files straight from their folders: a test needs no `collectstatic` before it."""
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def fixture_files() -> list[str]:
    """The project's own fixtures, in the order `prepare` loads them."""
    fixtures = settings.BASE_DIR / "fixtures"
    return [
        str(path) for folder in ("reference", "jmdi") for path in sorted((fixtures / folder).glob("*.yaml"))
    ]


@pytest.fixture
def jmdi(db: None, fixture_files: list[str], loaded: dict) -> None:
    """The reference data and the 17 cases, as a new portal has them.

    Loading takes seconds, so the first test of a run keeps the rows for the others.
    """
    models = apps.get_app_config("practices").get_models(include_auto_created=True)
    if not loaded:
        call_command("loaddata", *fixture_files, verbosity=0)
        loaded.update({model: list(model._base_manager.all()) for model in models})
        return
    with transaction.atomic():
        for model, rows in loaded.items():
            model._base_manager.bulk_create(deepcopy(rows))
        for row in loaded[Practice]:  # the dates were set to now
            Practice.objects.filter(pk=row.pk).update(created_at=row.created_at, updated_at=row.updated_at)
        index.empty()
        index.put(Practice.objects.all())
        statements = connection.ops.sequence_reset_sql(no_style(), list(loaded))
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@pytest.fixture(scope="session")
def loaded() -> dict:
    """The rows of the project's fixtures by model, once a test has loaded them."""
    return {}


@pytest.fixture
def philippines(db: None):
    return make_country("PH", "Philippines")


@pytest.fixture
def italy(db: None):
    return make_country("IT", "Italy")
