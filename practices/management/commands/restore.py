from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.operations.backup import BackupError, restore_backup


class Command(BaseCommand):
    help = (
        "Restores an archive of `backup`. Replaces the database and all uploaded files, or changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="An archive written by `backup`.")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Replace the content of the portal. Without it, the portal must be empty.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest, behind = restore_backup(options["file"], options["replace"])
        except (BackupError, OSError) as error:
            raise CommandError(f"{error}\nNothing was changed.") from None
        self.stdout.write(
            f"Restored the backup of {manifest.made_at}: {sum(manifest.rows.values())} rows and "
            f"{len(manifest.files) - 1} uploaded files."
        )
        if behind:
            self.stdout.write("The backup is from an older release. Run `manage.py migrate` now.")
