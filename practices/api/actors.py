"""Actors of published practices and publications."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from practices.api.counts import PracticeCountMixin
from practices.api.parameters import PAGING
from practices.api.reference import ReferenceViewSet
from practices.listing.actor_directory import PARTS, entries, practices_by_role, publications
from practices.models import Actor, Participation, Practice
from practices.search.suggestions import has_prefixes
from practices.search.tokenizer import tokenize
from practices.serializers.fields import AddressField
from practices.serializers.names import ActorNameSerializer, CountryNameSerializer, SlugAndNameSerializer


class ActorSummarySerializer(PracticeCountMixin, serializers.ModelSerializer):
    """An actor in lists. No query: type, country and parent come from the facet index."""

    parameter = "actor"

    url = AddressField("actor", "slug")
    api_url = AddressField("api:actor-detail", "slug")
    type = serializers.SerializerMethodField()
    country = serializers.SerializerMethodField(help_text="Where it is at home.")
    parent = serializers.SerializerMethodField(help_text="What it is a part of.")

    class Meta:
        model = Actor
        fields = [
            "slug", "name", "acronym", "url", "api_url", "type", "country", "parent", "practice_count",
            "practices_url",
        ]  # fmt: skip

    @extend_schema_field(SlugAndNameSerializer(allow_null=True))
    def get_type(self, actor: Actor) -> dict[str, str] | None:
        types = self.context["facet_index"].actor_types.values()
        found = next((row for row in types if row.pk == actor.type_id), None)
        return {"slug": found.slug, "name": found.name} if found else None

    @extend_schema_field(CountryNameSerializer(allow_null=True))
    def get_country(self, actor: Actor) -> dict[str, str] | None:
        found = self.context["facet_index"].countries.get(actor.country_id)
        return {"code": found.code, "name": found.local_name} if found else None

    @extend_schema_field(ActorNameSerializer(allow_null=True))
    def get_parent(self, actor: Actor) -> dict[str, str] | None:
        actors = self.context["facet_index"].public_actors.values() if actor.parent_id else ()
        found = next((row for row in actors if row.pk == actor.parent_id), None)
        return ActorNameSerializer(found).data if found else None

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_practices_url(self, actor: Actor) -> str | None:
        """Return None for an actor that only takes part in a publication."""
        return super().get_practices_url(actor) if self.get_practice_count(actor) else None


class ActorRoleSerializer(serializers.Serializer):
    role = serializers.ChoiceField(choices=Participation.Role.choices)
    practices = serializers.ListField(child=serializers.CharField())


class ActorPublicationSerializer(serializers.Serializer):
    part = serializers.ChoiceField(choices=PARTS)
    slug = serializers.CharField()
    title = serializers.CharField()


class ActorSerializer(ActorSummarySerializer):
    """An actor. Parts, roles and publications are only in the document of one actor."""

    # Five queries.

    parts = serializers.SerializerMethodField()
    roles = serializers.SerializerMethodField(help_text="The slugs of its practices by role.")
    publications = serializers.SerializerMethodField()

    class Meta(ActorSummarySerializer.Meta):
        fields = [*ActorSummarySerializer.Meta.fields, "parts", "roles", "publications"]

    @extend_schema_field(ActorNameSerializer(many=True))
    def get_parts(self, actor: Actor) -> list[dict[str, str]]:
        actors = self.context["facet_index"].public_actors.values()
        return ActorNameSerializer([row for row in actors if row.parent_id == actor.pk], many=True).data

    @extend_schema_field(ActorRoleSerializer(many=True))
    def get_roles(self, actor: Actor) -> list[dict[str, Any]]:
        facet_index = self.context["facet_index"]
        practices = Practice.objects.published().filter(participations__actor=actor)
        slugs = dict(practices.values_list("pk", "slug"))
        found = []
        for role, pks in practices_by_role(actor).items():
            newest = facet_index.newest(pks & facet_index.published, len(pks))
            found.append({"role": role, "practices": [slugs[pk] for pk in newest if pk in slugs]})
        return found

    @extend_schema_field(ActorPublicationSerializer(many=True))
    def get_publications(self, actor: Actor) -> list[dict[str, str]]:
        return [
            {"part": part, "slug": row.slug, "title": row.title}
            for part, rows in publications(actor).items()
            for row in rows
        ]


class ActorViewSet(ReferenceViewSet):
    serializer_class = ActorSummarySerializer
    detail_serializer_class = ActorSerializer
    list_parameters = (*PAGING, "fields", "q", "actor_type", "country")
    page_name = "actors"

    def get_queryset(self) -> list[Actor]:
        return [entry.actor for entry in entries(self.facet_index)]

    def filter_queryset(self, queryset: list[Actor]) -> list[Actor]:
        """Filter actors by type, country, and words or beginnings of words in their name or acronym."""
        params, facet_index = self.params, self.facet_index
        slugs = params.keys(facet_index, "actor_type")
        types = {row.pk for slug, row in facet_index.actor_types.items() if slug in slugs}
        countries = params.keys(facet_index, "country")
        prefixes = [token.folded for token in tokenize(params.words())]
        return [
            actor
            for actor in queryset
            if (not types or actor.type_id in types)
            and (not countries or actor.country_id in countries)
            and has_prefixes(f"{actor.name} {actor.acronym}", prefixes)
        ]
