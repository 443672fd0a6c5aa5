"""Countries, themes, objectives and other lists. What a standard defines can be read here, not changed."""

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, URLField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from practices.admin.lookups import ListedLookups
from practices.admin.references import Referenced
from practices.models import Actor, ActorType, Country, Objective, Publication, Region, Synonym, Theme
from practices.roles import known_to


class ReadOnlyAdmin(ListedLookups, admin.ModelAdmin):
    """For rows that belong to a standard: they come with an upgrade and are the same everywhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


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
class ThemeAdmin(ListedLookups, Referenced, admin.ModelAdmin):
    list_display = ["name", "scheme", "parent", "order", "slug"]
    list_filter = ["scheme"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Actor)
class ActorAdmin(ListedLookups, Referenced, admin.ModelAdmin):
    list_display = ["name", "acronym", "type", "country", "number_of_practices"]
    ordering = ["name"]  # the count below groups, and a grouped query forgets the model's own order
    list_filter = ["type", ("country", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["type", "country"]
    search_fields = ["name", "acronym"]
    autocomplete_fields = ["country", "parent"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        known = Q(participations__practice__in=known_to(request.user))
        number = Count("participations__practice", filter=known, distinct=True)
        return super().get_queryset(request).annotate(practices=number)

    @admin.display(description=_("practices"), ordering="practices")
    def number_of_practices(self, actor: Actor) -> int:
        return actor.practices


@admin.register(Publication)
class PublicationAdmin(ListedLookups, Referenced, admin.ModelAdmin):
    list_display = ["title", "publisher", "date"]
    list_select_related = ["publisher"]
    search_fields = ["title"]
    autocomplete_fields = ["publisher", "funders", "implementers"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    prepopulated_fields = {"slug": ["title"]}


@admin.register(Synonym)
class SynonymAdmin(ListedLookups, Referenced, admin.ModelAdmin):
    search_fields = ["words"]
