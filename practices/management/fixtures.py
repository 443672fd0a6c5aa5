from pathlib import Path

from django.conf import settings
from django.core.management import call_command


def load_fixtures(folder: str) -> None:
    """Load the fixtures of a folder in the order of their names, all or none."""
    for base in settings.FIXTURE_DIRS:
        files = sorted(Path(base, folder).glob("*.yaml"))
        call_command("loaddata", *map(str, files), verbosity=0)
