"""Objectives of the Global Compact for Migration, and targets of the Sustainable Development Goals."""

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from practices.api.counts import PracticeCountMixin
from practices.api.reference import ReferenceViewSet
from practices.models import Objective
from practices.serializers.fields import AddressField


class ObjectiveSerializer(PracticeCountMixin, serializers.ModelSerializer):
    """An objective has no page of its own: `url` is the list of its practices."""

    parameter, key = "objective", "code"

    url = serializers.SerializerMethodField()
    api_url = AddressField("api:objective-detail", "code")

    class Meta:
        model = Objective
        fields = [
            "code", "name", "framework", "url", "api_url", "practice_count", "practices_url",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, objective: Objective) -> str:
        return f"{settings.SITE_URL}{reverse('practices')}?{urlencode({'objective': objective.code})}"


class ObjectiveViewSet(ReferenceViewSet):
    serializer_class = ObjectiveSerializer
    lookup_field = "code"
    normalise = staticmethod(str.lower)

    def get_queryset(self) -> list[Objective]:
        return list(self.facet_index.objectives.values())
