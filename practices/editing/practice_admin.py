"""The admin of practices: one form with all children inline, and the addresses of its other pages."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from practices.accounts.admin_site import LinkedError
from practices.accounts.deletion import ReasonForm
from practices.accounts.lookups import ListedLookups
from practices.editing import export_views, form_ajax, history_views, import_views, workflow_views
from practices.editing.completeness import completeness, stored_values
from practices.editing.conflict_admin import ConflictMixin
from practices.editing.inlines import (
    CorridorInline,
    ImageInline,
    LessonInline,
    ParticipationInline,
    PlaceInline,
    SourceInline,
    markdown,
    period,
)
from practices.editing.place_form import PlaceForm, warn_of_points
from practices.editing.practice_permissions import PracticePermissionsMixin
from practices.editing.slugs import SlugForm
from practices.editing.waiting_filter import WaitingFilter
from practices.editing.workflow_views import PREVIEW, comment_in, deletion_of, redirect_to_step
from practices.history import versions
from practices.history.snapshots import RELATIONS, take_snapshot
from practices.models import Practice, User
from practices.models.fields import MarkdownField, PeriodField
from practices.models.images import draw_pictures
from practices.models.practice import BY_TITLE
from practices.values.projection import HEIGHT, WIDTH
from practices.values.text import lang_dir
from practices.workflow import permissions, transitions

# The parts of the form: a set of fields by its first one, rows by their name. What is not named stands last.
PARTS = [
    *("title", "places", "corridors", "period", "participations", "sources", "story", "lessons", "images"),
    *("themes", "publication"),
]


class PracticeForm(SlugForm):
    """The form of a practice. If an editor submits a new practice twice, it says that the practice is already
    saved.
    """

    person: User | None = None  # who sends it

    def free_slug(self, text: str) -> str:
        """Return the slug of a practice that this user saved under the same title, or else a free one.

        Two queries.
        """
        own = Practice.objects.filter(title=text, owner=self.person, replaces=None)
        stem = Practice.slug_stem(text)
        saved = own.filter(slug__startswith=stem).values_list("slug", flat=True).first() if stem else None
        return saved or Practice.free_slug(text)

    def _post_clean(self) -> None:
        super()._post_clean()
        if not (self.instance._state.adding and self.has_error("slug", "unique")):
            return
        new = self.instance
        saved = Practice.objects.filter(slug=new.slug, title=new.title, owner=self.person).first()
        if saved:
            url = reverse("admin:practices_practice_change", args=[saved.pk])
            message = LinkedError(
                _("You have already saved this practice."), url, _("Open the saved practice")
            )
            self._errors["slug"] = self.error_class([message], renderer=self.renderer)


class PlaceWithPoint(PlaceInline):
    form = PlaceForm


@admin.register(Practice)
class PracticeAdmin(PracticePermissionsMixin, ListedLookups, ConflictMixin, admin.ModelAdmin):
    """The admin of practices. The form follows the order of the booklet: what, where, when, who, sources,
    story, lessons.
    """

    form = PracticeForm
    change_form_template = "admin/practices/practice/change_form.html"
    delete_confirmation_template = "admin/delete_one.html"
    delete_selected_confirmation_template = "admin/delete_many.html"
    list_display = ["sorted_title", "state", "owner", "where", "period", "kind", "updated_at"]
    list_select_related = ["owner"]
    list_filter = [
        WaitingFilter,
        "status",
        "kind",
        "activity",
        "language",
        ("places__country", admin.RelatedOnlyFieldListFilter),
        ("themes", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["title", "slug", "summary", "story", "places__name", "places__country__name",
                     "participations__actor__name", "participations__actor__acronym"]  # fmt: skip
    date_hierarchy = "updated_at"
    ordering = ["-updated_at", "title_sort"]
    list_per_page = 50
    autocomplete_fields = ["themes", "objectives", "publication"]
    readonly_fields = ["published_at", "created_at", "updated_at"]
    loaded_with_row = RELATIONS
    actions = [
        workflow_views.publish,
        workflow_views.return_to_draft,
        workflow_views.change_owner,
        export_views.as_xlsx,
        export_views.as_csv,
    ]
    fieldsets = [
        (None, {"fields": ["title", "slug", ("status", "kind", "language"), "summary"]}),
        (_("When"), {"fields": ["period", ("activity", "activity_checked_on", "activity_checked_by")]}),
        (_("Story"), {"fields": ["story", "editors_note"]}),
        (_("Subjects"), {"fields": ["themes", "objectives"]}),
        (_("Origin"), {"fields": ["publication", ("published_at", "created_at", "updated_at")]}),
    ]

    inlines = [PlaceWithPoint, CorridorInline, ParticipationInline, SourceInline, LessonInline, ImageInline]
    formfield_overrides = {MarkdownField: {"widget": markdown(12)}, PeriodField: {"widget": period()}}

    # Addresses and permissions

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        views = {
            "deleted/": (history_views.deleted, "deleted"),
            "version/<int:key>/": (history_views.version, "version"),
            "import/": (import_views.import_file, "import"),
            "import/template.<slug:kind>": (export_views.template, "import_template"),
            "import/<int:key>/": (import_views.imported, "imported"),
            "owner/": (workflow_views.choose_owner, "owner"),
            "found/<int:key>/": (workflow_views.find_practice, "found"),
            "step/<slug:name>/": (workflow_views.take_step, "step"),
            "<int:key>/preview/": (workflow_views.preview, "preview"),
            "<int:key>/prepare/": (workflow_views.prepare_change, "prepare"),
        }
        own = [
            path(route, view(function), name=f"practices_practice_{name}")
            for route, (function, name) in views.items()
        ]
        return [*own, *form_ajax.get_urls(view), *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return history_views.history(request, object_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("places__country")

    # The form

    def get_readonly_fields(self, request: HttpRequest, obj: Practice | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "status", "address"]

    def get_fieldsets(self, request: HttpRequest, obj: Practice | None = None) -> list:
        """Return the fieldsets; for a pending change, with the address of its practice instead of its own
        slug.
        """
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.replaces_id:
            return fieldsets
        return [
            (name, {**has, "fields": ["address" if field == "slug" else field for field in has["fields"]]})
            for name, has in fieldsets
        ]

    @admin.display(description=_("replaces"))
    def address(self, practice: Practice) -> str:
        url = practice.replaces.get_absolute_url()
        return format_html('<a href="{}">{}</a>', url, url)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and (
            self.has_change_permission(request) or self.has_add_permission(request)
        ):
            draw_pictures(request.FILES)
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            if any(args) or kwargs.get("object_id"):
                raise
        # The same new practice was sent twice at once: the second try finds the first one.
        return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        form.person = request.user
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        first = [fieldset.fields[0] for fieldset in context["adminform"]]
        names = [field if isinstance(field, str) else field[0] for field in first]
        parts = dict(zip(names, context["adminform"], strict=True))
        parts |= {inline.formset.prefix: inline for inline in context["inline_admin_formsets"]}
        in_order = dict.fromkeys(name for name in (*PARTS, *parts) if name in parts)
        context |= {
            "parts": [parts[name] for name in in_order],
            "completeness": completeness(stored_values(obj)) if obj else None,
            "map": {"width": WIDTH, "height": HEIGHT},
            "every": form_ajax.PRESENCE_INTERVAL,
            # A new practice has the steps of a draft.
            "steps": transitions.open_steps(request.user, obj or Practice(owner=request.user)),
            "reason": request.POST.get("reason", ""),
        }
        if obj:
            change = Practice.objects.filter(replaces=obj).first()
            context |= {
                "pending_change": change if change and permissions.may_see(request.user, change) else None,
                "may_prepare": obj.status == Practice.Status.PUBLISHED and change is None,
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def lock_row(self, object_id: str) -> Practice | None:
        """The practice, with a snapshot from before the form changes its rows."""
        row = super().lock_row(object_id)
        if row is not None:
            row.stored_snapshot = take_snapshot(row)
        return row

    def closed_reason(self, row: Practice | None) -> str:
        return workflow_views.closed_reason(row)

    # Saving and deleting

    def save_model(self, request: HttpRequest, obj: Practice, form: Any, change: bool) -> None:
        if change:
            versions.ensure_first_version(obj, obj.stored_snapshot)
        else:
            obj.owner = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        action = versions.Action.CHANGED if change else versions.Action.CREATED
        # The rows as they are stored now, not as the form fetched them.
        rows = Practice.objects.select_related("replaces").prefetch_related(*RELATIONS)
        stored = rows.get(pk=form.instance.pk)
        versions.save_version(stored, action, request.user, comment_in(request))
        warn_of_points(request, formsets)

    def response_add(self, request: HttpRequest, obj: Practice, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.redirect_after_saving(request, obj) or super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Practice) -> HttpResponse:
        return self.redirect_after_saving(request, obj) or super().response_change(request, obj)

    def redirect_after_saving(self, request: HttpRequest, practice: Practice) -> HttpResponse | None:
        """Return a redirect to the page that the button asks for: a preview, or a step such as publishing."""
        if request.POST.get("_step") == PREVIEW:
            return redirect("admin:practices_practice_preview", practice.pk)
        if request.POST.get("_step") in transitions.open_steps(request.user, practice):
            return redirect_to_step(request.POST["_step"], Practice.objects.filter(pk=practice.pk))
        return None

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Return the consequences of each deletion, and ask for a reason."""
        _listed, _counts, perms, _protected = super().get_deleted_objects(objs, request)
        asked = request.POST if request.POST.get("post") else None
        request.delete_form = ReasonForm(asked)
        changing = set(Practice.objects.filter(replaces__in=objs).values_list("replaces", flat=True))
        return [deletion_of(row, row.pk in changing) for row in objs], {}, perms, []

    def delete_model(self, request: HttpRequest, obj: Practice) -> None:
        transitions.delete_practices([obj], request.user, comment_in(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        transitions.delete_practices(list(queryset), request.user, comment_in(request))

    # The list

    def view_on_site(self, practice: Practice) -> str | None:
        return practice.get_absolute_url() if practice.status == Practice.Status.PUBLISHED else None

    @admin.display(description=_("title"), ordering=BY_TITLE[0])
    def sorted_title(self, practice: Practice) -> SafeString:
        return format_html("<span {}>{}</span>", lang_dir(practice.language), practice.title)

    @admin.display(description=_("where"))
    def where(self, practice: Practice) -> str:
        return ", ".join(country.local_name for country in practice.countries)

    @admin.display(description=_("status"), ordering="status")
    def state(self, practice: Practice) -> str:
        state = practice.get_status_display()
        if practice.publish_at:
            state += " · " + _("to be published on %(day)s") % {
                "day": f"{timezone.localtime(practice.publish_at):%Y-%m-%d}"
            }
        return f"{state} · {_('pending change')}" if practice.replaces_id else state
