"""Themes, in two levels of each scheme."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from practices.api.counts import PracticeCountMixin
from practices.api.reference import ReferenceViewSet
from practices.models import Theme
from practices.serializers.fields import AddressField
from practices.serializers.names import SlugAndNameSerializer


class ThemeSerializer(PracticeCountMixin, serializers.ModelSerializer):
    """A theme. Its count includes the practices of its sub-themes."""

    parameter = "theme"

    url = AddressField("theme", "slug")
    api_url = AddressField("api:theme-detail", "slug")
    parent = SlugAndNameSerializer(allow_null=True)
    parts = serializers.SerializerMethodField()

    class Meta:
        model = Theme
        fields = [
            "slug", "name", "url", "api_url", "scheme", "definition", "parent", "parts", "practice_count",
            "practices_url",
        ]  # fmt: skip

    @extend_schema_field(SlugAndNameSerializer(many=True))
    def get_parts(self, theme: Theme) -> list[dict[str, str]]:
        themes = self.context["facet_index"].themes.values()
        return SlugAndNameSerializer([row for row in themes if row.parent_id == theme.pk], many=True).data


class ThemeViewSet(ReferenceViewSet):
    serializer_class = ThemeSerializer
    page_name = "themes"

    def get_queryset(self) -> list[Theme]:
        return list(self.facet_index.themes.values())
