from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from practices.exchange.booklet import BookletError, read_booklet
from practices.exchange.booklet_import import CaseReport, import_booklet
from practices.management.commands.prepare import load
from practices.models import Country


class Command(BaseCommand):
    help = (
        "Reads the text of the JMDI booklet and gives the cases its original wording: matched by title, all "
        "or nothing. Prints what changes and what could not be placed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The booklet as a UTF-8 text file.")
        parser.add_argument("--dry-run", action="store_true", help="Print the report and change nothing.")
        parser.add_argument(
            "--status",
            choices=["published", "draft"],
            help="Status of all its cases. Without it, matched cases keep theirs and new ones are drafts.",
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
            raise CommandError(f"{options['file']} is no booklet. {error}. Nothing was changed.") from None
        try:
            with transaction.atomic():
                if not Country.objects.exists():
                    load("reference")
                reports = import_booklet(booklet, options["status"])
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except ValidationError as error:
            raise CommandError(f"{' '.join(error.messages)} Nothing was changed.") from None
        self.tell(reports, options["dry_run"])

    def tell(self, reports: list[CaseReport], dry_run: bool) -> None:
        for report in reports:
            state = "new" if report.new else "changes" if report.changes else "unchanged"
            self.stdout.write(f"{report.title} – {state}")
            for line in report.changes:
                self.stdout.write(f"    {line}")
            for line in report.unplaced:
                self.stdout.write(f"    please look: {line}")
        new = sum(report.new for report in reports)
        changed = sum(bool(report.changes) and not report.new for report in reports)
        looks = sum(len(report.unplaced) for report in reports)
        done = "Dry run, nothing was changed" if dry_run else "Done"
        self.stdout.write(
            f"{done}: {len(reports)} cases read, {new} new, {changed} changed, {looks} lines to look at."
        )
