"""The base of the admin of themes, actors, publications and synonyms: usage, versions and restoring."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _

from practices.accounts.deletion import MAX_NAMED, Question, listed, named
from practices.accounts.lookups import ListedLookups, is_key
from practices.accounts.pages import page
from practices.editing.conflict_admin import ConflictMixin
from practices.history import reference_versions
from practices.models import Practice, ReferenceVersion
from practices.models.practice import BY_TITLE

VERSIONS_PER_PAGE = 50


class ReferenceAdmin(ListedLookups, ConflictMixin, admin.ModelAdmin):
    """The admin of rows that practices refer to: changes save versions and an entry of the audit log."""

    change_form_template = "admin/reference_form.html"
    delete_confirmation_template = "admin/delete_one.html"
    delete_selected_confirmation_template = "admin/delete_many.html"

    def get_urls(self) -> list:
        view, name = self.admin_site.admin_view, self.opts.model_name
        return [
            path("deleted/", view(self.deleted), name=f"practices_{name}_deleted"),
            path("version/<int:key>/", view(self.version), name=f"practices_{name}_version"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        context = {"may_bring_back": self.may_bring_back(request)}
        return super().changelist_view(request, context | (extra_context or {}))

    # A change ------------------------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if obj:
            context["uses"] = listed(users(obj))
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        request.row_change = reference_versions.RowChange(obj) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if request.row_change:
            request.row_change.save_versions(request.user, request)

    # A deletion ----------------------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        _listed, _counts, perms, _protected = super().get_deleted_objects(objs, request)
        questions = [question(row) for row in objs]
        refused = [one.about.name for one in questions if one.refused]
        return questions, {}, perms, refused

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        reference_versions.delete_rows([obj], request.user, request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        reference_versions.delete_rows(list(queryset), request.user, request)

    # Versions ------------------------------------------------------------------------------------------

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the versions of a row, the newest first, each with the fields that changed."""
        key = unquote(object_id)
        if not is_key(self.model, key):
            raise Http404
        row = get_object_or_404(self.model, pk=key)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        shown = Paginator(reference_versions.versions_of_row(row), VERSIONS_PER_PAGE).get_page(
            request.GET.get("page")
        )
        rows = list(shown)
        older = reference_versions.versions_of_row(row).filter(pk__lt=rows[-1].pk).first() if rows else None
        versions = [
            (version, differing(before.snapshot, version.snapshot) if before else [])
            for version, before in zip(rows, [*rows[1:], older], strict=False)
        ]
        may = self.has_change_permission(request, row)
        return self.shown(
            request, "reference_history", _("History"), original=row, page=shown, versions=versions, may=may
        )

    def deleted(self, request: HttpRequest) -> HttpResponse:
        """Show deleted rows, the latest first, to users who may delete and add them."""
        if not self.may_bring_back(request):
            raise PermissionDenied
        shown = Paginator(reference_versions.deleted_rows(self.model), 100).get_page(request.GET.get("page"))
        title = _("Deleted %(rows)s") % {"rows": self.opts.verbose_name_plural}
        return self.shown(request, "reference_deleted", title, page=shown)

    def version(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show a version next to the present row, with a button that restores it."""
        found = ReferenceVersion.objects.filter(kind=self.opts.model_name)
        version = get_object_or_404(found, pk=key)
        row = self.model.objects.filter(pk=version.key).first()
        if not (self.has_change_permission(request, row) if row else self.may_bring_back(request)):
            raise PermissionDenied
        refused: list[str] = []
        if request.method == "POST":
            try:
                restored, changed = reference_versions.restore_row(version, request.user, request)
            except ValidationError as error:
                refused = error.messages
            else:
                message = _("“%(row)s” was restored. Practices changed: %(count)d.")
                messages.success(request, message % {"row": restored, "count": len(changed)})
                return redirect(f"admin:practices_{self.opts.model_name}_change", restored.pk)
        context = {
            "version": version,
            "original": row,
            "changes": differing(reference_versions.row_snapshot(row), version.snapshot) if row else [],
            "uses": listed(users(row) if row else linked(version)),
            "refused": refused,
            "unknown": reference_versions.unknown_fields(version),
        }
        return self.shown(request, "reference_version", _("Restore this version"), **context)

    def may_bring_back(self, request: HttpRequest) -> bool:
        return self.has_delete_permission(request) and self.has_add_permission(request)

    def shown(self, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
        model = self.opts.model_name
        addresses = {
            "list_url": f"admin:practices_{model}_changelist",
            "change_url": f"admin:practices_{model}_change",
            "history_url": f"admin:practices_{model}_history",
            "version_url": f"admin:practices_{model}_version",
            "deleted_url": f"admin:practices_{model}_deleted",
        }
        return page(request, name, title, opts=self.opts, **addresses, **context)


def users(row: Model) -> list[Practice]:
    """Return the practices that show a row, published ones first, by title."""
    rows = Practice.objects.filter(pk__in=reference_versions.practices_using(row)).order_by(*BY_TITLE)
    shown = rows.only("title", "slug", "status", "replaces")
    return sorted(shown, key=lambda practice: practice.status != Practice.Status.PUBLISHED)


def linked(version: ReferenceVersion) -> list[Practice]:
    """Return the practices that would refer to a deleted row again after its restoration."""
    keys = [key for key, _slug in version.links.get("themes", []) + version.links.get("objectives", [])]
    return list(Practice.objects.filter(pk__in=keys).order_by(*BY_TITLE))


def question(row: Model) -> Question:
    """Return the consequences of deleting a row. Some ten queries."""
    about = named(row)
    found = reference_versions.protecting_rows(row)
    if found:
        others = len(found) - MAX_NAMED
        more = [type(about)(_("and %(more)d more") % {"more": others})] if others > 0 else []
        return Question(about, refused=[*map(named, found[:MAX_NAMED]), *more])
    practices = users(row)
    says = [_("You can restore it later, with its links to practices.")]
    if not practices:
        says.insert(0, _("No practices use it."))
    return Question(
        about, says, heading=_("It will be removed from these practices immediately:"), **listed(practices)
    )


def differing(before: dict, after: dict) -> list[tuple[str, str, str]]:
    """Return the fields of two versions that differ, each with both values as text."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [(name.replace("_", " "), text(before.get(name)), text(after.get(name))) for name in names]


def text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)
