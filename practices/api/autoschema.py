"""How drf-spectacular reads the views. A module of its own, because REST framework imports it by its name."""

from typing import Any

from drf_spectacular.openapi import AutoSchema


class DocumentSchema(AutoSchema):
    """Reads the serializers. `openapi.yaml` describes the parameters of filters."""

    def get_filter_backends(self) -> list[Any]:
        return []
