from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.exchange.collection import CollectionError, bring_in
from practices.management.progress import progress


class Command(BaseCommand):
    help = (
        "Reads a folder that export_all wrote, all or nothing. Its rows take the place of those with the "
        "same slug or code; other rows stay, unless --replace takes them away. Accounts are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="What export_all wrote.")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Delete what the folder does not have, so that the collection is the exported one.",
        )
        parser.add_argument("--edited", action="store_true", help="Accept files changed since the export.")

    def handle(self, *args: Any, **options: Any) -> None:
        tell = partial(progress, self.stdout)
        try:
            changed = bring_in(options["folder"], tell, options["replace"], options["edited"])
        except (CollectionError, OSError) as error:
            raise CommandError(f"{error}\nNothing was changed.") from None
        self.stdout.write(
            f"Imported. Rows changed: {sum(changed.values())}, of which practices: {changed['practices']}."
        )
