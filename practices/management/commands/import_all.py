from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.exchange.collection import CollectionError, ImportResult, import_collection
from practices.management.progress import progress


class Command(BaseCommand):
    help = (
        "Imports a folder of export_all, all or nothing. Its rows replace those with the same slug or code; "
        "other rows stay, unless --replace deletes them. Accounts do not change. Without --apply it only "
        "reports how many rows would change or be deleted, and names the practices among them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="A folder written by export_all.")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Delete rows that the folder does not contain.",
        )
        parser.add_argument(
            "--apply", action="store_true", help="Import the rows. Without it, nothing changes."
        )
        parser.add_argument("--edited", action="store_true", help="Accept files changed since the export.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = partial(progress, self.stdout)
        try:
            result = import_collection(
                options["folder"], report, options["replace"], options["edited"], options["apply"]
            )
        except (CollectionError, OSError) as error:
            raise CommandError(f"{error}\nNothing was changed.") from None
        rows, practices = sum(result.changed.values()), result.changed["practices"]
        if options["apply"]:
            self.stdout.write(f"Imported. Rows changed: {rows}, of which practices: {practices}.")
        else:
            self.stdout.write(
                f"Dry run, nothing was changed. Rows to change: {rows}, of which practices: {practices}. "
                "Add --apply to import them."
            )
        if options["replace"]:
            self.report_deleted(result, "deleted" if options["apply"] else "to delete")

    def report_deleted(self, result: ImportResult, action: str) -> None:
        """Print how many rows of each kind are deleted, and the title of each practice among them."""
        kinds = ", ".join(f"{name} {number}" for name, number in result.deleted.items() if number)
        self.stdout.write(f"Rows {action}: {sum(result.deleted.values())}{f' ({kinds})' if kinds else ''}.")
        for title in result.titles:
            self.stdout.write(f"    Practice {action}: {title}")
