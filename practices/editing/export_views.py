"""Sheets for editors: an empty template for imports, and actions that export selected practices."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from practices.exchange import imports, sheet
from practices.exchange.formats import FORMATS
from practices.history.snapshots import RELATIONS
from practices.models import Practice
from practices.workflow import permissions


def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Return an empty sheet with all headings."""
    imports.require_editor(request.user)
    return sheet_response(Practice.objects.none(), kind, "template")


@admin.action(description=gettext_lazy("Export selected practices as XLSX"))
def as_xlsx(model_admin: admin.ModelAdmin, request: HttpRequest, practices: QuerySet) -> HttpResponse:
    return as_file(request, practices, "xlsx")


@admin.action(description=gettext_lazy("Export selected practices as CSV"))
def as_csv(model_admin: admin.ModelAdmin, request: HttpRequest, practices: QuerySet) -> HttpResponse:
    return as_file(request, practices, "csv")


def as_file(request: HttpRequest, practices: QuerySet, kind: str) -> HttpResponse | None:
    """Return a sheet of the practices that the user may see; None with a message if it cannot be created."""
    own = practices.filter(pk__in=permissions.seen_by(request.user))
    try:
        return sheet_response(own.prefetch_related(*RELATIONS), kind, "practices")
    except sheet.SheetError as error:
        messages.error(request, str(error))
        return None


def sheet_response(practices: QuerySet, kind: str, name: str) -> HttpResponse:
    """Return a sheet of practices, of the kind "csv" or "xlsx"."""
    if kind not in {"csv", "xlsx"}:
        raise PermissionDenied
    made = sheet.to_xlsx(practices) if kind == "xlsx" else sheet.to_csv(practices)
    response = HttpResponse(made, content_type=FORMATS[kind].content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
