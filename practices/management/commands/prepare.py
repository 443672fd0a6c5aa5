import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from practices.models import Country, Practice, User
from practices.search.integrity import full_problem


class Command(BaseCommand):
    help = (
        "Makes a database ready: migrates it; into an empty one loads the reference data, the JMDI cases "
        "and a first editor account with a one-time password. Run again, it changes nothing that is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-cases", action="store_true", help="Load the reference data alone.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        with transaction.atomic():
            if not Country.objects.exists():
                load("reference")
                if not options["no_cases"]:
                    load("jmdi")
                self.stdout.write(f"Loaded {Practice.objects.count()} practices and the reference data.")
            if problem := full_problem():
                self.stdout.write(f"{problem}.")
                call_command("rebuild_search", stdout=self.stdout)
            if not User.objects.exists():
                password = secrets.token_urlsafe(12)
                editor = User(username="editor", is_staff=True, is_superuser=True)
                editor.set_one_time_password(password)
                editor.save()
                self.stdout.write(f"First editor account: name “editor”, one-time password “{password}”.")


def load(folder: str) -> None:
    """Loads the fixtures of a folder in the order of their names, all or none."""
    for base in settings.FIXTURE_DIRS:
        files = sorted(Path(base, folder).glob("*.yaml"))
        call_command("loaddata", *map(str, files), verbosity=0)
