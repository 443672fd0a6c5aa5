"""Fields that several serializers use."""

from operator import attrgetter
from typing import Any

import orjson
from django.conf import settings
from django.urls import reverse
from rest_framework import serializers


class AddressField(serializers.URLField):
    """The address of a named URL pattern for a row: `SITE_URL` and the path.

    `arguments` are the attributes of the row that the pattern takes. The serializer's context may name
    another `site`; the search index stores documents with an empty one.
    """

    def __init__(self, view_name: str, *arguments: str, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self.view_name, self.arguments = view_name, arguments

    def to_representation(self, row: Any) -> str:
        path = reverse(self.view_name, args=[attrgetter(name)(row) for name in self.arguments])
        return self.context.get("site", settings.SITE_URL) + path


def to_json_bytes(document: Any) -> bytes:
    """Compact JSON. Moments are in UTC and end with Z; translated strings become text."""
    return orjson.dumps(document, default=str, option=orjson.OPT_UTC_Z)


def to_json(document: Any) -> str:
    return to_json_bytes(document).decode()
