"""The children of a practice as inlines of its form."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from math import inf
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Model, QuerySet, URLField
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from practices.accounts.pages import with_direction
from practices.editing.conflicts import KEPT_NUMBER
from practices.history.snapshot_values import MAX_ROWS, over_limit
from practices.models import Corridor, Image, Lesson, Participation, Place, Source
from practices.models.fields import MarkdownField, PeriodField
from practices.models.practice import child_models


def markdown(rows: int) -> AdminTextareaWidget:
    """Return a widget for Markdown, with a toolbar and a preview (static/js/admin/markdown.js)."""
    return AdminTextareaWidget(attrs={"rows": rows, "data-markdown": ""})


def period() -> AdminTextInputWidget:
    """Return a widget for a period, which shows how it is understood (static/js/admin/period.js)."""
    return AdminTextInputWidget(attrs={"data-period": reverse_lazy("admin:assist_period")})


class LoadedChoiceField(forms.ModelChoiceField):
    """A choice of a related row. `loaded` holds the rows that the form names, by primary key as text, so that
    ten rows of a form need one query."""

    loaded: Mapping[str, Model] = MappingProxyType({})

    def to_python(self, value: Any) -> Model | None:
        return self.loaded.get(str(value)) or super().to_python(value)


def named_rows(request: HttpRequest, related: type[Model]) -> dict[str, Model]:
    """Return the rows of a table that the form names in any row. One query, cached on the request."""
    kept = request.__dict__.setdefault("named_rows", {})
    if related not in kept:
        fields = chain.from_iterable(model._meta.concrete_fields for model in child_models().values())
        ends = tuple(f"-{field.name}" for field in fields if field.related_model is related)
        sent = (request.POST.getlist(name) for name in request.POST if name.endswith(ends))
        keys = set()
        for value in set(chain.from_iterable(sent)):
            with suppress(ValidationError):
                ProhibitNullCharactersValidator()(value)
                keys.add(related._meta.pk.clean(value, None))
        rows = related._default_manager.in_bulk(keys) if keys else {}
        kept[related] = {str(key): row for key, row in rows.items()}
    return kept[related]


class ChildFormSet(BaseInlineFormSet):
    """Children that were prefetched with the practice, without a query for each."""

    def get_queryset(self) -> QuerySet:
        if self.instance.pk and not hasattr(self, "_queryset"):
            self._queryset = getattr(self.instance, self.fk.remote_field.get_accessor_name()).all()
        return super().get_queryset()

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        field = form.fields[self._pk_field.name]
        form.fields[self._pk_field.name] = row = LoadedChoiceField(
            field.queryset, initial=field.initial, required=False, widget=field.widget
        )
        row.loaded = {str(form.instance.pk): form.instance} if form.instance.pk else {}


class OrderedForm(forms.ModelForm):
    """The form of a child. Its order is validated in the formset, not against stored rows."""

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"order"}


class OrderedFormSet(ChildFormSet):
    """Children in the order of their numbers, from 1 without gaps; rows without a number come last.

    Stored rows that the form does not name, because somebody else added them, keep their places.
    """

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["order"].required = False
        form.fields["order"].min_value = 1
        form.fields["order"].help_text = _("Leave empty to add the row at the end.")

    def clean(self) -> None:
        super().clean()
        self.check_amount()
        if any(self.errors):
            return
        spoken_of = {form.instance.pk for form in self.forms}
        self.others = [row for row in self.get_queryset() if row.pk not in spoken_of]
        numbers = [(form.cleaned_data.get("order") or inf, form) for form in self.forms if self.stays(form)]
        numbers += [(row.order, row) for row in self.others]
        for number, (_given, row) in enumerate(sorted(numbers, key=lambda pair: pair[0]), start=1):
            if row in self.others:
                row.order = number
            elif row.instance.order != number or row.initial.get("order") != number:
                row.instance.order = number
                row.changed_data = list({*row.changed_data, "order"})

    def check_amount(self) -> None:
        """Raise ValidationError for too many rows or too much text in them."""
        rows = [
            form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data") and self.stays(form)
        ]
        if wrong := over_limit(rows):
            raise forms.ValidationError(wrong)

    def stays(self, form: forms.ModelForm) -> bool:
        if self.can_delete and self._should_delete_form(form):
            return False
        return bool(form.instance.pk) or form.has_changed()

    def save(self, commit: bool = True) -> list:
        """Save the rows. Rows that change places move aside first, because no two may have the same order."""
        aside = {form for form in self.initial_forms if "order" in form.changed_data}
        aside.update(self.deleted_forms)  # a row that is deleted later still holds its number
        moved = [form.instance.pk for form in aside if form.instance.pk] + [row.pk for row in self.others]
        if moved:
            self.model.objects.filter(pk__in=moved).move_aside()
        for row in self.others:
            row.save(update_fields=["order"])
        return super().save(commit)


class LessonFormSet(OrderedFormSet):
    """Lessons, whose permanent numbers the practice gives."""

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> Lesson:
        """Give a lesson that another editor removed and this one kept its number again, if it is free."""
        number = self.data.get(f"{form.prefix}-{KEPT_NUMBER}", "")
        highest = self.instance.last_lesson_number
        given = number.isdecimal() and len(number) < 10 and 0 < int(number) <= highest
        if given and not self.instance.lessons.filter(number=number).exists():
            form.instance.number = int(number)
        return super().save_new(form, commit)


class ChildInline(admin.StackedInline):
    """Children with one empty row, which scripts remove where it is not needed."""

    template = "admin/inline_rows.html"
    formset = ChildFormSet
    extra = 1
    max_num = MAX_ROWS

    view_on_site = False  # a lesson of a draft has no page

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        return super().get_formset(request, obj, validate_max=True, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field:
        unknown = _("“%(value)s” was not found. Type part of a name and select one from the list.")
        kwargs.setdefault("error_messages", {"invalid_choice": unknown})
        field = super().formfield_for_foreignkey(db_field, request, form_class=LoadedChoiceField, **kwargs)
        if request.method == "POST":
            field.loaded = named_rows(request, db_field.related_model)
        return field


class OrderedInline(ChildInline):
    form = OrderedForm
    formset = OrderedFormSet
    ordering = ["order"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if isinstance(db_field, MarkdownField):
            kwargs["widget"] = markdown(self.rows)
        if isinstance(db_field, PeriodField):
            kwargs["widget"] = period()
        if db_field.name == "order":
            kwargs["widget"] = AdminIntegerFieldWidget(attrs={"class": "order", "min": 1})
        return with_direction(db_field, super().formfield_for_dbfield(db_field, request, **kwargs))

    rows = 2  # of a text


class PlaceInline(OrderedInline):
    model = Place
    fields = ["order", ("name", "country"), ("latitude", "longitude")]
    autocomplete_fields = ["country"]


class CorridorInline(ChildInline):
    model = Corridor
    fields = [("origin", "destination")]
    autocomplete_fields = ["origin", "destination"]


class ParticipationInline(OrderedInline):
    model = Participation
    fields = ["order", ("actor", "role"), "group", "note"]
    autocomplete_fields = ["actor"]


class SourceInline(OrderedInline):
    model = Source
    fields = ["order", "text", ("url", "date")]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}


class LessonInline(OrderedInline):
    model = Lesson
    formset = LessonFormSet
    fields = ["order", "text"]
    rows = 6
    permanent = True  # the heading of a row is the lesson's number, not its place


class ImageInline(OrderedInline):
    model = Image
    fields = ["order", "file", "alt", ("caption", "credit")]
