"""The schema class of drf-spectacular for our views. REST framework imports this module by name."""

from typing import Any

from drf_spectacular.openapi import AutoSchema


class DocumentSchema(AutoSchema):
    """Reads the serializers. `openapi.yaml` describes the parameters of filters."""

    def get_filter_backends(self) -> list[Any]:
        return []
