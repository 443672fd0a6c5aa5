"""What every test stands on. The settings come from the environment that dev.py sets."""

import pytest
from django.conf import settings
from django.core.management import call_command

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
def jmdi(db: None, fixture_files: list[str]) -> None:
    """The reference data and the 17 cases, as a new portal has them."""
    call_command("loaddata", *fixture_files, verbosity=0)


@pytest.fixture
def philippines(db: None):
    return make_country("PH", "Philippines")


@pytest.fixture
def italy(db: None):
    return make_country("IT", "Italy")
