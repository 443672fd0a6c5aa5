from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.utils import ConnectionHandler

from portal import environment
from practices.management.progress import progress
from practices.operations.backup import holds_content
from practices.operations.database_copy import CopyError, copy_database


class Command(BaseCommand):
    help = (
        "Copies another database, with accounts and history, to the empty database of DATABASE_URL, from "
        "SQLite to PostgreSQL or back. Copies all rows or none, and compares both databases row by row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="source",
            required=True,
            metavar="URL",
            help="The URL of the other database, in the format of DATABASE_URL.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if holds_content():
            raise CommandError(
                "The database of DATABASE_URL is not empty. Set DATABASE_URL to an empty database."
            )
        try:
            config = environment.database("--from", options["source"])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        if "sqlite" in config["ENGINE"] and not Path(config["NAME"]).is_file():
            raise CommandError(f"{config['NAME']} does not exist.")
        call_command("migrate", verbosity=0)
        connections["source"] = ConnectionHandler({"default": {}, "source": config})["source"]
        try:
            counts = copy_database("source", partial(progress, self.stdout))
        except CopyError as error:
            raise CommandError(f"{error}\nNothing was copied.") from None
        finally:
            connections["source"].close()
            del connections["source"]
        self.stdout.write(
            f"Copied {sum(counts.values())} rows of {len(counts)} tables. Both databases have the same "
            "rows. Uploaded files stay in MEDIA_ROOT."
        )
