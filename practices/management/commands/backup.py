from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.operations.backup import BackupError, create_backup


class Command(BaseCommand):
    help = (
        "Writes the database, with accounts and history, and the uploaded files to an archive, and verifies "
        "the archive. The site can be running. `restore` restores the archive."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="A new file, or the folder for a new file."
        )
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="Keep the newest N archives of the folder."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] < 0:
            raise CommandError(f"--keep is {options['keep']}. Enter a whole number from 1.")
        try:
            path, manifest = create_backup(options["file"], options["keep"])
        except BackupError as error:
            raise CommandError(f"{error}\nNo backup was written.") from None
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error}") from None
        self.stdout.write(
            f"{path}: {sum(manifest.rows.values())} rows and {len(manifest.files) - 1} uploaded files, "
            "verified."
        )
