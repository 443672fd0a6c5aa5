"""Edit conflicts in the admin: the second editor of a row chooses between two versions."""

import json
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field, Model, Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from practices.accounts.admin_site import is_script_request
from practices.accounts.pages import page, with_direction
from practices.accounts.resubmit import resubmit
from practices.editing.conflicts import (
    NUMBERS,
    SEEN_FIELD,
    Conflict,
    FormSets,
    find_conflicts,
    fingerprints,
    opened_values,
    resolve,
)
from practices.search.indexing import batch_reindex


class ConflictMixin:
    """For a ModelAdmin: no save overwrites a change that its editor has not seen.

    Costs a lock and the queries of the form as it would be opened.
    """

    change_form_template = "admin/edit_form.html"
    loaded_with_row: tuple[str | Prefetch, ...] = ()  # relations that the form shows

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        return with_direction(db_field, super().formfield_for_dbfield(db_field, request, **kwargs))

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> Any:
        """Add the fingerprints of the opened form to the page."""
        sets = [inline.formset for inline in context["inline_admin_formsets"]]
        opened = fingerprints(context["adminform"].form, sets) if context.get("original") else {}
        context["seen"] = request.POST.get(SEEN_FIELD) or json.dumps(opened, separators=(",", ":"))
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra: Any = None
    ) -> HttpResponse:
        if request.method != "POST":  # opening a form does not wait for a writer
            return super().changeform_view(request, object_id, form_url, extra)
        with batch_reindex():
            refused = self.lock_or_refuse(request, object_id) if object_id is not None else None
            return refused or super().changeform_view(request, object_id, form_url, extra)

    def lock_or_refuse(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Lock the row for this request and resolve what needs no choice; return a response that refuses the
        save if the row is closed or there are conflicts.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = self.lock_row(object_id)
        if row is None or not self.has_change_permission(request, row):
            visible = row is not None and self.get_queryset(request).filter(pk=row.pk).exists()
            row = row if visible else None
            return closed_response(request, row, self.closed_reason(row))
        request.locked_row = row
        form, sets = self.stored_form(request, row)
        if conflicts := list(find_conflicts(form, sets, request.POST)):
            return self.conflict_response(request, row, conflicts, fingerprints(form, sets))
        request.resolved_data = resolve(sets, request.POST)
        return None

    def get_formset_kwargs(self, request: HttpRequest, obj: Model, inline: Any, prefix: str) -> dict:
        """Return the arguments with the submitted rows as `resolve` prepared them."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in kwargs and hasattr(request, "resolved_data"):
            kwargs["data"] = request.resolved_data
        return kwargs

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        """Return the row that this request has locked, or the stored row."""
        locked = getattr(request, "locked_row", None)
        return locked or super().get_object(request, object_id, from_field)

    def closed_reason(self, row: Model | None) -> str:
        """Return why a row (None if deleted) cannot be saved now."""
        return (
            _("Your account no longer has permission to change this.")
            if row
            else _("Someone has deleted this.")
        )

    def lock_row(self, object_id: str) -> Model | None:
        """Return the row, locked until the end of the transaction, so that concurrent saves queue."""
        try:
            rows = self.model._base_manager.select_for_update().prefetch_related(*self.loaded_with_row)
            return rows.filter(pk=unquote(object_id)).first()
        except (ValueError, ValidationError):
            return None

    def stored_form(self, request: HttpRequest, row: Model) -> tuple[forms.ModelForm, FormSets]:
        """The form and the formsets of a row as they would be opened now."""
        fields = flatten_fieldsets(self.get_fieldsets(request, row))
        form = self.get_form(request, row, change=True, fields=fields)(instance=row)
        sets = [
            rows(instance=row, prefix=rows.get_default_prefix(), queryset=inline.get_queryset(request))
            for rows, inline in self.get_formsets_with_inlines(request, row)
        ]
        return form, sets

    def conflict_response(
        self, request: HttpRequest, row: Model, conflicts: list[Conflict], now: dict
    ) -> HttpResponse:
        """The page that shows both versions (409). `now`: the fingerprints of the stored row."""
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        leave = {SEEN_FIELD, "csrfmiddlewaretoken", *(conflict.name for conflict in conflicts)}
        for name, numbers in opened_values(request.POST).items():
            if name.endswith(f".{NUMBERS}") and isinstance(numbers, dict):  # of removed rows, too
                now[name] = numbers | now.get(name, {})
        log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(self.model))
        return page(
            request,
            "edit_conflict",
            _("Two versions"),
            status=409,
            opts=self.opts,
            original=row,
            conflicts=conflicts,
            sent=[(name, value) for name, value in sent if name not in leave],
            seen=json.dumps(now, separators=(",", ":")),
            last=log.filter(object_id=row.pk).select_related("user").first(),
        )


def closed_response(request: HttpRequest, row: Model | None, reason: str) -> HttpResponse:
    """Return the submitted text with the reason why it cannot be saved: JSON with 423 or 410 for scripts, or
    a page."""
    if is_script_request(request):
        return JsonResponse({"message": reason}, status=423 if row else 410)
    return resubmit(request, closed=reason)
