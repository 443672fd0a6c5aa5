"""Countries of ISO 3166-1."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from practices.api.counts import PracticeCountMixin
from practices.api.reference import ReferenceViewSet
from practices.index.facet_index import regions_of
from practices.listing.actor_directory import entries
from practices.maps.corridor_lines import corridors
from practices.models import Country
from practices.serializers.fields import AddressField
from practices.serializers.names import ActorNameSerializer, CountryNameSerializer


class CountrySummarySerializer(PracticeCountMixin, serializers.ModelSerializer):
    parameter, key = "country", "code"

    name = serializers.CharField(source="local_name")
    url = AddressField("country", "code")
    api_url = AddressField("api:country-detail", "code")
    regions = serializers.SerializerMethodField(help_text="UN M49, from the narrowest to the widest.")
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()

    class Meta:
        model = Country
        fields = [
            "code", "name", "url", "api_url", "alpha3", "numeric", "regions", "latitude", "longitude",
            "practice_count", "practices_url",
        ]  # fmt: skip
        extra_kwargs = {"code": {"help_text": "ISO 3166-1 alpha-2."}}

    @extend_schema_field(CountryNameSerializer(many=True))
    def get_regions(self, country: Country) -> list[dict[str, str]]:
        regions = self.context["facet_index"].regions
        rows = [regions[code] for code in regions_of(country, regions)]
        return [{"code": region.code, "name": region.local_name} for region in rows]


class CountryCorridorSerializer(serializers.Serializer):
    origin = serializers.CharField(source="origin.code")
    destination = serializers.CharField(source="destination.code")
    practice_count = serializers.IntegerField(source="count", min_value=0)


class CountrySerializer(CountrySummarySerializer):
    """A country of ISO 3166-1. Corridors and actors are only in the document of one country."""

    # No query.

    corridors = serializers.SerializerMethodField(help_text="Those with most practices first.")
    actors = serializers.SerializerMethodField(help_text="Those at home there.")

    class Meta(CountrySummarySerializer.Meta):
        fields = [*CountrySummarySerializer.Meta.fields, "corridors", "actors"]

    @extend_schema_field(CountryCorridorSerializer(many=True))
    def get_corridors(self, country: Country) -> list[dict[str, Any]]:
        facet_index = self.context["facet_index"]
        lines = corridors(facet_index, facet_index.published)
        own = [line for line in lines if country in (line.origin, line.destination)]
        return CountryCorridorSerializer(own, many=True).data

    @extend_schema_field(ActorNameSerializer(many=True))
    def get_actors(self, country: Country) -> list[dict[str, str]]:
        rows = [entry.actor for entry in entries(self.context["facet_index"], country=country.code)]
        return ActorNameSerializer(rows, many=True).data


class CountryViewSet(ReferenceViewSet):
    serializer_class = CountrySummarySerializer
    detail_serializer_class = CountrySerializer
    lookup_field = "code"
    normalise = staticmethod(str.upper)
    page_name = "countries"

    def get_queryset(self) -> list[Country]:
        return sorted(self.facet_index.countries.values(), key=lambda country: country.local_name)
