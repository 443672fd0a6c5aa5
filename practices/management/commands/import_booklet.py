from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from practices.exchange.booklet import BookletError, read_booklet
from practices.exchange.booklet_import import CaseReport, import_booklet
from practices.management.fixtures import load_fixtures
from practices.models import Country


class Command(BaseCommand):
    help = (
        "Reads the text of the JMDI booklet and adds its cases as new practices, all or none. A case that "
        "names a practice which exists is refused. Without --apply it only says what it would do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The booklet as a UTF-8 text file.")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument(
            "--apply", action="store_true", help="Import the cases; without it, nothing is changed."
        )
        mode.add_argument("--dry-run", action="store_true", help="Change nothing, as without --apply.")
        parser.add_argument(
            "--status",
            choices=["published", "draft"],
            default="draft",
            help="Status of the new practices. Without it, they are drafts.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            booklet = read_booklet(options["file"].read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError as error:
            raise CommandError(
                f"{options['file']} is no UTF-8 text: byte {error.start} cannot be read. Nothing was changed."
            ) from None
        except BookletError as error:
            raise CommandError(f"{options['file']} is not a booklet. {error}. Nothing was changed.") from None
        try:
            with transaction.atomic():
                if not Country.objects.exists():
                    load_fixtures("reference")
                reports = import_booklet(booklet, options["status"], options["file"].name)
                if not options["apply"]:
                    transaction.set_rollback(True)
        except ValidationError as error:
            raise CommandError(f"{' '.join(error.messages)} Nothing was changed.") from None
        self.report(reports, options["apply"])

    def report(self, reports: list[CaseReport], applied: bool) -> None:
        """Print what each case holds, and which cases are left out and why."""
        for report in reports:
            self.stdout.write(f"{report.title} – {'left out' if report.unplaced else 'new'}")
            for line in report.says:
                self.stdout.write(f"    {line}")
            for line in report.unplaced:
                self.stdout.write(f"    please look: {line}")
        left = sum(bool(report.unplaced) for report in reports)
        done = "Done" if applied else "Trial, nothing was changed"
        self.stdout.write(
            f"{done}: {len(reports)} cases read, {len(reports) - left} new, {left} left out."
            + (" Correct the lines to look at in the text, and import those cases again." if left else "")
            + ("" if applied else " Add --apply to import them.")
        )
