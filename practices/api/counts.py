"""The fields that say how many practices have a value, and where they are."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from rest_framework import serializers


class PracticeCountMixin(serializers.Serializer):
    """Reads `facet_index` from the context. `parameter` is the filter, `key` the field that it takes."""

    parameter: str
    key = "slug"

    practice_count = serializers.SerializerMethodField()
    practices_url = serializers.SerializerMethodField()

    def get_practice_count(self, row: Any) -> int:
        return len(self.context["facet_index"].having(self.parameter, getattr(row, self.key)))

    def get_practices_url(self, row: Any) -> str | None:
        query = urlencode({self.parameter: getattr(row, self.key)})
        return f"{settings.SITE_URL}{reverse('api:practice-list')}?{query}"
