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
        "Imports the cases of the JMDI booklet from a text file as new practices, all or none. Practices "
        "that exist are not replaced. Without --apply, it only shows what it would import."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The booklet as a UTF-8 text file.")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument(
            "--apply", action="store_true", help="Import the cases. Without it, nothing changes."
        )
        mode.add_argument("--dry-run", action="store_true", help="Change nothing. This is the default.")
        parser.add_argument(
            "--status",
            choices=["published", "draft"],
            default="draft",
            help="The status of the new practices. The default is draft.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            booklet = read_booklet(options["file"].read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError as error:
            raise CommandError(
                f"{options['file']} is not UTF-8: byte {error.start} cannot be decoded. Nothing was changed."
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
            self.stdout.write(f"{report.title} – {'skipped' if report.unplaced else 'new'}")
            for line in report.says:
                self.stdout.write(f"    {line}")
            for line in report.unplaced:
                self.stdout.write(f"    check: {line}")
        left = sum(bool(report.unplaced) for report in reports)
        done = "Done" if applied else "Dry run, nothing was changed"
        self.stdout.write(
            f"{done}: {len(reports)} cases read, {len(reports) - left} new, {left} skipped."
            + (" Correct the lines to check in the file, then import those cases again." if left else "")
            + ("" if applied else " Add --apply to import them.")
        )
