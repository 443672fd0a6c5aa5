"""Views that import practices from a file: try, import, undo."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.accounts.pages import practice_page
from practices.exchange import imports, sheet
from practices.exchange.booklet import BookletError
from practices.exchange.booklet_import import booklet_lines
from practices.exchange.csv_reader import ENCODINGS
from practices.models import Import

TEMPLATES = "admin/practices/practice"
MIDDLE = "<!--outcomes-->"  # where the number of rows that are read grows, and the outcomes follow
ROWS_PER_SIGN = 10  # rows after which the page shows how far it is
ACTIONS = ("new", "changed", "same", "wrong")


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "XLSX or CSV as in the template, or the text of the booklet (TXT). At most 5 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )

    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding of a CSV file"),
        required=False,
        choices=[("", gettext_lazy("Detect automatically (see the result)")), *ENCODINGS.items()],
        help_text=gettext_lazy("Select the encoding if characters are wrong in the result."),
    )

    def clean(self) -> dict[str, Any]:
        """Add `sheet`, the rows of the file with remarks, and `digest`, which identifies the file."""
        cleaned = super().clean()
        if "file" in cleaned and "encoding" in cleaned:
            data = cleaned["file"].read()
            cleaned["digest"] = imports.file_digest(data)
            try:
                cleaned["sheet"] = self.read(data, cleaned["file"].name, cleaned["encoding"])
            except (sheet.SheetError, BookletError) as error:
                self.add_error("file", str(error))
            except ValidationError as error:  # practices that exist already
                self.add_error("file", [*error.messages, _("Nothing was changed.")])
        return cleaned

    def read(self, data: bytes, name: str, encoding: str) -> sheet.Sheet:
        if name.lower().endswith(".txt") and not sheet.looks_like_sheet(data):
            return sheet.Sheet(booklet_lines(data), [])
        return sheet.read_sheet(data, encoding)

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > sheet.MAX_BYTES:
            raise ValidationError(
                _("The file is larger than %(most)d MB.") % {"most": sheet.MAX_BYTES // 1024**2}
            )
        return file


def import_file(request: HttpRequest) -> HttpResponse:
    """Show earlier imports and the form. An uploaded file is tried; the response grows row by row."""
    imports.require_editor(request.user)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        name = form.files["file"].name
        read = form.cleaned_data["sheet"]
        tried = imports.create_import(name, read.lines, request.user, form.cleaned_data["digest"])
        return stream(request, tried, [*read.remarks, *imports.file_remarks(tried)])
    past = Import.objects.exclude(state=Import.State.TRIED).defer("lines")[:50]
    return practice_page(request, "import", _("Import practices"), form=form, imports=past)


def imported(request: HttpRequest, key: int) -> HttpResponse:
    """Show one import, with a button that carries it out after it was tried, or undoes it."""
    imports.require_editor(request.user)
    row = get_object_or_404(Import, pk=key)
    if request.method == "POST" and row.state == Import.State.TRIED:
        return stream(request, row, imports.file_remarks(row), apply=True)
    refused: list[str] = []
    if request.method == "POST":
        try:
            imports.undo(row, request.user)
        except ValidationError as error:
            refused = error.messages
        else:
            messages.success(request, _("The import was undone. All its changes were reversed."))
            return redirect("admin:practices_practice_import")
    return practice_page(request, "imported", _("Import"), imported=row, refused=refused)


def stream(
    request: HttpRequest, row: Import, remarks: list[str], apply: bool = False
) -> StreamingHttpResponse:
    """Return the page of an import in pieces, so that a long import shows its progress."""
    title = _("Import") if apply else _("Check an import")
    context = {"imported": row, "total": len(row.lines), "middle": MIDDLE, "remarks": remarks}
    before, after = practice_page(request, "outcomes", title, **context).rendered_content.split(MIDDLE)
    response = StreamingHttpResponse(pieces(request, row, apply, before, after))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def pieces(request: HttpRequest, row: Import, apply: bool, before: str, after: str) -> Iterator[str]:
    yield before
    outcomes: list[imports.Outcome] = []
    refused: list[str] = []
    try:
        for outcome in imports.run_import(row, request.user, apply):
            outcomes.append(outcome)
            if len(outcomes) % ROWS_PER_SIGN == 0:
                yield f" {len(outcomes)} …"
    except ValidationError as error:
        refused = error.messages
    yield "</p>"
    found = {name: sum(outcome.action == name for outcome in outcomes) for name in ACTIONS}
    wrong = [outcome for outcome in outcomes if outcome.action == "wrong"]
    end = {"found": found, "wrong": wrong, "apply": apply, "imported": row, "refused": refused}
    yield render_to_string(f"{TEMPLATES}/_outcomes_end.html", end, request)
    for outcome in imports.errors_first(outcomes):
        yield render_to_string(f"{TEMPLATES}/_outcome.html", {"outcome": outcome})
    yield after
