from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.exchange.collection import CollectionError, bring_in
from practices.management.progress import progress


class Command(BaseCommand):
    help = (
        "Reads a folder that export_all wrote, all or nothing. Its rows take the place of those with the "
        "same slug or code; other rows stay, unless --replace deletes them. Accounts are not touched. "
        "Without --apply it only says how many rows would change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="What export_all wrote.")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Delete what the folder does not have, so that the collection is the exported one.",
        )
        parser.add_argument(
            "--apply", action="store_true", help="Import the rows; without it, nothing is changed."
        )
        parser.add_argument("--edited", action="store_true", help="Accept files changed since the export.")

    def handle(self, *args: Any, **options: Any) -> None:
        tell = partial(progress, self.stdout)
        try:
            changed = bring_in(
                options["folder"], tell, options["replace"], options["edited"], options["apply"]
            )
        except (CollectionError, OSError) as error:
            raise CommandError(f"{error}\nNothing was changed.") from None
        rows, practices = sum(changed.values()), changed["practices"]
        if options["apply"]:
            self.stdout.write(f"Imported. Rows changed: {rows}, of which practices: {practices}.")
        else:
            self.stdout.write(
                f"Trial, nothing was changed. Rows to change: {rows}, of which practices: {practices}. "
                "Add --apply to import them."
            )
