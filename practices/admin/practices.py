"""A practice on one page, its children inline."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from practices.admin.both import BothTexts
from practices.admin.rows import CorridorInline, LessonInline, ParticipationInline, PlaceInline, SourceInline
from practices.models import Practice
from practices.search.index import together


@admin.register(Practice)
class PracticeAdmin(BothTexts, admin.ModelAdmin):
    """The page is laid out as the booklet is: what, where, when, who, sources, story, lessons."""

    list_display = ["title", "status", "where", "period", "kind", "updated_at"]
    list_filter = [
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
    actions = ["publish", "take_back"]
    inlines = [PlaceInline, CorridorInline, ParticipationInline, SourceInline, LessonInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", ("status", "kind", "language"), "summary"]}),
        (_("When"), {"fields": ["period", ("activity", "activity_checked_on", "activity_checked_by")]}),
        (_("Story"), {"fields": ["story", "editors_note"]}),
        (_("Subjects"), {"fields": ["themes", "objectives"]}),
        (_("Origin"), {"fields": ["publication", ("published_at", "created_at", "updated_at")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("places__country")

    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        with together():
            return super().changeform_view(*args, **kwargs)

    def view_on_site(self, practice: Practice) -> str | None:
        return practice.get_absolute_url() if practice.status == Practice.Status.PUBLISHED else None

    @admin.display(description=_("where"))
    def where(self, practice: Practice) -> str:
        return ", ".join(country.local_name for country in practice.countries)

    @admin.action(description=_("Publish the chosen practices"))
    def publish(self, request: HttpRequest, practices: QuerySet) -> None:
        self.move(request, practices, Practice.Status.PUBLISHED)

    @admin.action(description=_("Take the chosen practices back to drafts"))
    def take_back(self, request: HttpRequest, practices: QuerySet) -> None:
        self.move(request, practices, Practice.Status.DRAFT)

    def move(self, request: HttpRequest, practices: QuerySet, status: Any) -> None:
        """Saves each one, so that its history and its dates are kept, and says how many moved."""
        moved = 0
        for practice in practices.exclude(status=status):
            practice.status = status
            practice.save()
            self.log_change(request, practice, [{"changed": {"fields": ["status"]}}])
            moved += 1
        self.message_user(
            request, _("%(count)d now “%(status)s”.") % {"count": moved, "status": status.label}
        )
