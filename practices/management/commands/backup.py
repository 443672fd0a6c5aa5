from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.operations.backup import BackupError, create_backup


class Command(BaseCommand):
    help = (
        "Writes the database, with accounts and history, and the uploaded files to an archive while the site "
        "runs, and verifies the archive. `restore` restores it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="A new file, or a folder for it.")
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="Keep the newest N archives of the folder."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] < 0:
            raise CommandError(f"--keep is {options['keep']}. Accepted: a number from 1.")
        try:
            path, manifest = create_backup(options["file"], options["keep"])
        except BackupError as error:
            raise CommandError(f"{error}\nNo backup was made.") from None
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error}") from None
        self.stdout.write(
            f"{path}: {sum(manifest.rows.values())} rows and {len(manifest.files) - 1} uploaded files, "
            "verified."
        )
