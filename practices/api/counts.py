"""Serializer fields with the number of practices of a value and the URL of their list."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class PracticeCountMixin(serializers.Serializer):
    # `parameter` is the filter that has the rows as values, `key` the field that names them there.
    parameter: str
    key = "slug"

    practice_count = serializers.SerializerMethodField()
    practices_url = serializers.SerializerMethodField(
        help_text="The list of its practices; null for an actor that has a part only in a publication."
    )

    @extend_schema_field(serializers.IntegerField(min_value=0))
    def get_practice_count(self, row: Any) -> int:
        return len(self.context["facet_index"].having(self.parameter, getattr(row, self.key)))

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_practices_url(self, row: Any) -> str | None:
        query = urlencode({self.parameter: getattr(row, self.key)})
        return f"{settings.SITE_URL}{reverse('api:practice-list')}?{query}"
