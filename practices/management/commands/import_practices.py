from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.exchange import imports, sheet
from practices.exchange.csv_reader import ENCODINGS
from practices.management.progress import progress
from practices.models import Import, User

UNDONE = {  # what an import made → what undoing does
    "created": "the draft is deleted",
    "prepared": "the pending change is deleted",
    "changed": "the content before the import is restored",
}


class Command(BaseCommand):
    help = (
        "Imports a sheet of practices (XLSX or CSV), all rows or none. Rows of published practices become "
        "pending changes. `--undo N` undoes import N. Without --apply, it only shows what it would do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", help="An XLSX or CSV file with the headings of the template."
        )
        parser.add_argument("--user", required=True, help="The user name of the editor who imports.")
        parser.add_argument(
            "--apply",
            action="store_true",
            help="Import the rows, or undo the import. Without it, nothing changes.",
        )
        parser.add_argument(
            "--encoding",
            choices=[*ENCODINGS],
            default="",
            help="The encoding of a CSV file. The default is to detect it.",
        )
        parser.add_argument("--undo", type=int, metavar="N", help="The number of the import to undo.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = User.objects.get_by_natural_key(options["user"])
            if options["undo"]:
                self.undo(Import.objects.get(pk=options["undo"]), person, options["apply"])
            elif options["file"]:
                self.import_file(options["file"], person, options["apply"], options["encoding"])
            else:
                raise CommandError("Enter a file, or --undo with the number of an import.")
        except User.DoesNotExist:
            raise CommandError(f"There is no account “{options['user']}”.") from None
        except Import.DoesNotExist:
            raise CommandError(f"There is no import {options['undo']}.") from None
        except PermissionDenied:
            raise CommandError(f"“{options['user']}” is not an editor. Nothing was changed.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def undo(self, imported: Import, person: User, apply: bool) -> None:
        """Print what undoing an import does to each practice; with `apply`, undo it."""
        for title, made in imports.undo(imported, person, apply):
            self.stdout.write(f"{title} – {UNDONE[made]}")
        done = (
            "The import was undone."
            if apply
            else "Dry run, nothing was changed. Add --apply to save the changes."
        )
        self.stdout.write(done)

    def import_file(self, file: Path, person: User, apply: bool, encoding: str) -> None:
        try:
            data = file.read_bytes()
            found = sheet.read_sheet(data, encoding)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except sheet.SheetError as error:
            raise CommandError(f"{file}: {error} Nothing was changed.") from None
        tried = imports.create_import(file.name, found.lines, person, imports.file_digest(data))
        for remark in (*found.remarks, *imports.file_remarks(tried)):
            self.stdout.write(remark)
        outcomes = []
        for outcome in imports.run_import(tried, person, apply):
            outcomes.append(outcome)
            progress(self.stdout, "Rows", len(outcomes), len(found.lines))
        self.report(imports.errors_first(outcomes))
        if any(outcome.action == "wrong" for outcome in outcomes):
            raise CommandError("Some rows have errors. Nothing was changed.")
        done = (
            f"The rows were imported. The number of this import is {tried.pk}."
            if apply
            else "Dry run, nothing was changed. Add --apply to save the changes."
        )
        self.stdout.write(done)

    def report(self, outcomes: list[imports.Outcome]) -> None:
        """Print what each row does, and every cell with an error."""
        for outcome in outcomes:
            self.stdout.write(f"Row {outcome.number}: {outcome.title} – {outcome.action}")
            for cell, heading, message in outcome.errors:
                place = f"{cell or heading} ({heading})" if heading else "Whole row"
                self.stdout.write(f"    {place}: {message}")
            for remark in outcome.remarks:
                self.stdout.write(f"    Note: {remark}")
            for change in outcome.changes:
                self.stdout.write(f"    {change.label} {change.remark}".rstrip())
