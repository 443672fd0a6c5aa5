import secrets
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from practices.management.fixtures import load_fixtures
from practices.models import Country, Practice, User
from practices.search.integrity import full_problem


class Command(BaseCommand):
    help = (
        "Migrates the database. Loads the reference data and the JMDI cases into an empty database and "
        "creates a first editor account with a one-time password. Keeps existing data."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-cases", action="store_true", help="Load only the reference data.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        with transaction.atomic():
            if not Country.objects.exists():
                load_fixtures("reference")
                if not options["no_cases"]:
                    load_fixtures("jmdi")
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
