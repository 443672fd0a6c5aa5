"""Renderers: JSON, and one for each download format of `practices.exchange.formats`."""

from typing import Any

from rest_framework.renderers import BaseRenderer

from practices.api.links import JSON
from practices.exchange.formats import FORMATS, Format
from practices.serializers.fields import to_json_bytes


class JSONRenderer(BaseRenderer):
    """Serialised rows may be `orjson.Fragment`: JSON that is joined and not read again."""

    media_type, format, charset = JSON, "json", None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else to_json_bytes(data)


class FileRenderer(BaseRenderer):
    """Declares a download format. Views stream files; REST framework's responses cannot."""

    file_format: Format


FILE_RENDERERS: list[type[FileRenderer]] = [
    type(
        f"{name.upper()}Renderer",
        (FileRenderer,),
        {"file_format": kind, "format": name, "media_type": kind.media_type},
    )
    for name, kind in FORMATS.items()
]
