"""The admin of countries, themes, objectives and other lists. Rows of a standard are read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, Q, QuerySet, URLField, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from practices.accounts.lookups import ReadOnlyAdmin
from practices.editing.reference_base import ReferenceAdmin
from practices.editing.slugs import SlugForm
from practices.exchange.name_index import build_index
from practices.models import Actor, ActorType, Country, Objective, Publication, Region, Synonym, Theme
from practices.workflow.permissions import known_to

MAX_SEARCH_LENGTH = 100  # characters of a search for a country


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    list_display = ["name", "code", "parent"]
    list_select_related = ["parent"]
    search_fields = ["name", "code"]


@admin.register(Country)
class CountryAdmin(ReadOnlyAdmin):
    list_display = ["name", "code", "alpha3", "numeric", "region"]
    list_filter = ["region"]
    list_select_related = ["region"]
    search_fields = ["name", "=code", "=alpha3"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> Any:
        """Return countries by every name in use, those of exactly that name first."""
        rows, distinct = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return rows, distinct
        index, term = build_index(Country), search_term[:MAX_SEARCH_LENGTH]
        called = [row.key for row in index.find(term)]
        begin = [row.key for row in index.beginning(term)]
        first = Case(When(pk__in=called, then=0), When(pk__in=begin, then=1), default=2)
        found = queryset.filter(Q(pk__in=begin) | Q(pk__in=rows.values("pk")))
        return found.order_by(first, "name"), distinct


@admin.register(Objective)
class ObjectiveAdmin(ReadOnlyAdmin):
    list_display = ["label", "name", "framework"]
    list_filter = ["framework"]
    search_fields = ["code", "name"]


@admin.register(ActorType)
class ActorTypeAdmin(ReadOnlyAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]


@admin.register(Theme)
class ThemeAdmin(ReferenceAdmin):
    list_display = ["name", "scheme", "parent", "order", "slug"]
    list_filter = ["scheme"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    form = SlugForm


@admin.register(Actor)
class ActorAdmin(ReferenceAdmin):
    list_display = ["name", "acronym", "type", "country", "number_of_practices"]
    ordering = ["name"]  # the count below groups, and a grouped query forgets the model's own order
    list_filter = ["type", ("country", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["type", "country"]
    search_fields = ["name", "acronym"]
    autocomplete_fields = ["country", "parent"]
    form = SlugForm

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        known = Q(participations__practice__in=known_to(request.user))
        number = Count("participations__practice", filter=known, distinct=True)
        return super().get_queryset(request).annotate(practices=number)

    @admin.display(description=_("practices"), ordering="practices")
    def number_of_practices(self, actor: Actor) -> int:
        return actor.practices


@admin.register(Publication)
class PublicationAdmin(ReferenceAdmin):
    list_display = ["title", "publisher", "date"]
    list_select_related = ["publisher"]
    search_fields = ["title"]
    autocomplete_fields = ["publisher", "funders", "implementers"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    form = SlugForm


@admin.register(Synonym)
class SynonymAdmin(ReferenceAdmin):
    search_fields = ["words"]
