"""A practice on one page, its children inline."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextareaWidget
from django.db.models import F, QuerySet, TextField, URLField
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from practices.models import Corridor, Lesson, Participation, Place, Practice, Source
from practices.search.index import together

OUT_OF_THE_WAY = 10_000


class OrderedForm(forms.ModelForm):
    """A child's row. Its order is checked among all rows of the form together, not against those stored."""

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"order"}


class OrderedFormSet(BaseInlineFormSet):
    """Children in the order their numbers say; a row without a number goes last; numbers close up from 1."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["order"].required = False
        form.fields["order"].min_value = 1
        form.fields["order"].help_text = _("Empty: last.")

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [form for form in self.forms if self.stays(form)]
        rows.sort(key=lambda form: form.cleaned_data.get("order") or OUT_OF_THE_WAY)
        for number, form in enumerate(rows, start=1):
            if form.instance.order != number or form.initial.get("order") != number:
                form.instance.order = number
                form.changed_data = list({*form.changed_data, "order"})

    def stays(self, form: forms.ModelForm) -> bool:
        if self.can_delete and self._should_delete_form(form):
            return False
        return bool(form.instance.pk) or form.has_changed()

    def save(self, commit: bool = True) -> list:
        """Saves the rows; those that change places step aside first, as no two may share a number."""
        aside = {form for form in self.initial_forms if "order" in form.changed_data}
        aside.update(self.deleted_forms)  # a row that is deleted later still holds its number
        moved = [form.instance.pk for form in aside if form.instance.pk]
        self.model.objects.filter(pk__in=moved).update(order=F("order") + OUT_OF_THE_WAY)
        return super().save(commit)


class ChildInline(admin.TabularInline):
    """Rows of a practice: an empty one on a new page, on others as many as one asks for."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field:
        unknown = _("“%(value)s” is not known here. Type a part of the name and choose from the list.")
        kwargs.setdefault("error_messages", {"invalid_choice": unknown})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_extra(self, request: HttpRequest, obj: Practice | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1


class OrderedInline(ChildInline):
    form = OrderedForm
    formset = OrderedFormSet
    ordering = ["order"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if isinstance(db_field, TextField):
            kwargs["widget"] = AdminTextareaWidget(attrs={"rows": self.rows})
        if db_field.name == "order":
            kwargs["widget"] = AdminIntegerFieldWidget(attrs={"class": "order", "min": 1})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    rows = 2  # of a text


class PlaceInline(OrderedInline):
    model = Place
    fields = ["order", "name", "country", "latitude", "longitude"]
    autocomplete_fields = ["country"]


class CorridorInline(ChildInline):
    model = Corridor
    autocomplete_fields = ["origin", "destination"]


class ParticipationInline(OrderedInline):
    model = Participation
    fields = ["order", "actor", "role", "group", "note"]
    autocomplete_fields = ["actor"]


class SourceInline(OrderedInline):
    model = Source
    fields = ["order", "text", "url", "date"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}


class LessonInline(OrderedInline):
    model = Lesson
    fields = ["order", "text"]
    rows = 6


@admin.register(Practice)
class PracticeAdmin(admin.ModelAdmin):
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
