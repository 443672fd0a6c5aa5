"""A practice on one page, its children inline."""

from contextlib import nullcontext
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from practices.admin.form import PracticeForm
from practices.admin.imports import Imports
from practices.admin.versions import Versions
from practices.admin.workflow import Waiting, Workflow
from practices.models import Practice
from practices.search.index import together


@admin.register(Practice)
class PracticeAdmin(Imports, Versions, Workflow, PracticeForm, admin.ModelAdmin):
    """The page is laid out as the booklet is: what, where, when, who, sources, story, lessons."""

    list_display = ["title", "state", "owner", "where", "period", "kind", "updated_at"]
    list_select_related = ["owner"]
    list_filter = [
        Waiting,
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
    ordering = ["-updated_at", "title"]
    list_per_page = 50
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["themes", "objectives", "publication"]
    readonly_fields = ["published_at", "created_at", "updated_at"]
    save_on_top = True
    actions = ["publish", "take_back", "as_xlsx", "as_csv"]
    fieldsets = [
        (None, {"fields": ["title", "slug", ("status", "kind", "language"), "summary"]}),
        (_("When"), {"fields": ["period", ("activity", "activity_checked_on", "activity_checked_by")]}),
        (_("Story"), {"fields": ["story", "editors_note"]}),
        (_("Subjects"), {"fields": ["themes", "objectives"]}),
        (_("Origin"), {"fields": ["publication", ("published_at", "created_at", "updated_at")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("places__country")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Who only opens the form waits for no writer, and needs no room on the disk.
        with together() if request.method == "POST" else nullcontext():
            return super().changeform_view(request, *args, **kwargs)

    def view_on_site(self, practice: Practice) -> str | None:
        return practice.get_absolute_url() if practice.status == Practice.Status.PUBLISHED else None

    @admin.display(description=_("where"))
    def where(self, practice: Practice) -> str:
        return ", ".join(country.local_name for country in practice.countries)

    @admin.display(description=_("status"), ordering="status")
    def state(self, practice: Practice) -> str:
        state = practice.get_status_display()
        if practice.publish_at:
            state += " · " + _("public on %(day)s") % {
                "day": f"{timezone.localtime(practice.publish_at):%Y-%m-%d}"
            }
        return f"{state} · {_('change of what is public')}" if practice.replaces_id else state
