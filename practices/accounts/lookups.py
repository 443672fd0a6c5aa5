"""Parameters of lists in the admin: only those of their own filters."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

MAX_SEARCH_LENGTH = 200  # characters
MAX_SEARCH_WORDS = 20  # each one is a condition in every search field: SQLite takes at most 1,000 in a row
MAX_QUOTE_LENGTH = 200  # characters of an address in a message


class UnusableValue(Exception):
    """The value of a parameter is not usable for the list."""


class ListedLookups:
    """For a ModelAdmin: accepts only the parameters of its own filters.

    Django's `lookup_allowed` accepts any field of the model and the primary key of any related row, so that a
    list would reveal values that it does not show, such as passwords.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Return whether a filter of this list has a parameter of this name. No query."""
        return lookup in set(self.listed_lookups(request))

    def listed_lookups(self, request: HttpRequest) -> Iterator[str]:
        if self.date_hierarchy:
            yield from (f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day"))
        for item in self.get_list_filter(request):
            if isinstance(item, type):
                yield item.parameter_name
            else:
                yield from field_lookups(self.model, item if isinstance(item, str) else item[0])

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        query = request.GET.get("q", "")
        if len(query) > MAX_SEARCH_LENGTH or len(query.split()) > MAX_SEARCH_WORDS:
            raise UnusableValue
        try:
            return super().get_changelist_instance(request)
        except (IncorrectLookupParameters, ValidationError, ValueError, OverflowError) as error:
            if not request.GET:
                raise  # a fault of ours, which a redirect to the same page would repeat for ever
            raise UnusableValue from error

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> Any:
        """Return the rows that match. Long search texts are cut to their beginning."""
        words = search_term[:MAX_SEARCH_LENGTH].split()[:MAX_SEARCH_WORDS]
        return super().get_search_results(request, queryset, " ".join(words))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
            if not is_key(self.model, key):
                messages.error(request, _("“%(key)s” is not a valid key.") % {"key": key[:MAX_QUOTE_LENGTH]})
                return redirect(request.path)
        try:
            return super().changelist_view(request, extra_context)
        except UnusableValue:
            asked = request.GET.urlencode(safe="/ ")[:MAX_QUOTE_LENGTH]
            message = _(
                "The address of this list contains “%(asked)s”, which is not valid: a date or "
                "number out of range, a page that does not exist, or a search of more than "
                "%(letters)d characters or %(words)d words. The list is shown without it."
            )
            limits = {"asked": asked, "letters": MAX_SEARCH_LENGTH, "words": MAX_SEARCH_WORDS}
            messages.error(request, message % limits)
            return redirect(request.path)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return no initial values: no link of the admin uses them, and values in a URL are not checked."""
        return {}


def field_lookups(model: type[Model], path: str) -> list[str]:
    """The parameters of Django's filter for a field: `expected_parameters()` of the filters for relations,
    yes or no, choices and all values in django.contrib.admin.filters."""
    field = get_fields_from_path(model, path)[-1]
    if field.is_relation:
        return [f"{path}__{name}__exact" for name in (field.target_field.name, "pk")] + [f"{path}__isnull"]
    exact = f"{path}__exact" if field.flatchoices or isinstance(field, BooleanField) else path
    return [exact, f"{path}__isnull"]


def is_key(model: type[Model], text: str) -> bool:
    """Return whether a text can be the primary key of a row: of the right type and in the range of the
    column."""
    try:
        model._meta.pk.run_validators(model._meta.pk.to_python(text))
    except ValidationError:
        return False
    return "\0" not in text


class ReadOnlyAdmin(ListedLookups, admin.ModelAdmin):
    """For rows of a standard: upgrades change them, editors do not."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
