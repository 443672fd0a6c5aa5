from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.exchange.collection import CollectionError, export_collection
from practices.management.progress import progress


class Command(BaseCommand):
    help = (
        "Exports the whole collection to a new folder: all rows, with drafts, as JSON lines, published "
        "practices as CSV, GeoJSON and Markdown, uploaded files, and a check file. import_all imports it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="A new or an empty folder.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = export_collection(options["folder"], partial(progress, self.stdout))
        except CollectionError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"The export cannot be written: {error}") from None
        self.stdout.write(
            f"Exported {sum(counts.values())} rows to {options['folder']}, of which practices: "
            f"{counts['practices']}. Only data/ contains drafts. You can share public/."
        )
