"""A practice on one page, its children inline."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from practices.accounts.admin_site import LinkedError
from practices.accounts.lookups import ListedLookups
from practices.editing import form_ajax
from practices.editing.completeness import completeness, stored_values
from practices.editing.conflicts import ConflictMixin
from practices.editing.history_views import Versions
from practices.editing.import_views import Imports
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
from practices.editing.slugs import SlugForm
from practices.editing.workflow_views import Waiting, Workflow
from practices.history.snapshots import RELATIONS
from practices.models import Practice, User
from practices.models.fields import MarkdownField, PeriodField
from practices.models.images import draw_pictures
from practices.models.practice import BY_TITLE
from practices.values.projection import HEIGHT, WIDTH
from practices.values.text import lang_dir

# The parts of the form: a set of fields by its first one, rows by their name. What is not named stands last.
PARTS = [
    *("title", "places", "corridors", "period", "participations", "sources", "story", "lessons", "images"),
    *("themes", "publication"),
]


class PracticeForm(SlugForm):
    """Tells people who save a new practice twice, by a double click or after Back, that it is saved."""

    person: User | None = None  # who sends it

    def free_slug(self, text: str) -> str:
        """The slug of a practice that this person saved under the same title; else a free one.

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
            said = LinkedError(_("You saved this practice already."), url, _("Open the saved practice"))
            self._errors["slug"] = self.error_class([said], renderer=self.renderer)


class PlaceWithPoint(PlaceInline):
    form = PlaceForm


@admin.register(Practice)
class PracticeAdmin(Imports, Versions, Workflow, ListedLookups, ConflictMixin, admin.ModelAdmin):
    """The page is laid out as the booklet is: what, where, when, who, sources, story, lessons."""

    form = PracticeForm
    list_display = ["sorted_title", "state", "owner", "where", "period", "kind", "updated_at"]
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
    ordering = ["-updated_at", "title_sort"]
    list_per_page = 50
    autocomplete_fields = ["themes", "objectives", "publication"]
    readonly_fields = ["published_at", "created_at", "updated_at"]
    loaded_with_row = RELATIONS
    actions = ["publish", "take_back", "hand_over", "as_xlsx", "as_csv"]
    fieldsets = [
        (None, {"fields": ["title", "slug", ("status", "kind", "language"), "summary"]}),
        (_("When"), {"fields": ["period", ("activity", "activity_checked_on", "activity_checked_by")]}),
        (_("Story"), {"fields": ["story", "editors_note"]}),
        (_("Subjects"), {"fields": ["themes", "objectives"]}),
        (_("Origin"), {"fields": ["publication", ("published_at", "created_at", "updated_at")]}),
    ]

    inlines = [PlaceWithPoint, CorridorInline, ParticipationInline, SourceInline, LessonInline, ImageInline]
    formfield_overrides = {MarkdownField: {"widget": markdown(12)}, PeriodField: {"widget": period()}}

    def get_urls(self) -> list:
        return [*form_ajax.get_urls(self.admin_site.admin_view), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("places__country")

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
            "every": form_ajax.EVERY,
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        warn_of_points(request, formsets)

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
            state += " · " + _("public on %(day)s") % {
                "day": f"{timezone.localtime(practice.publish_at):%Y-%m-%d}"
            }
        return f"{state} · {_('change of what is public')}" if practice.replaces_id else state
