"""Base classes of all views of the API."""

from collections.abc import Callable, Collection
from functools import cache, cached_property, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_etags
from django.utils.translation import get_language, override
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from practices.api.links import JSON, Link, link_header
from practices.api.parameters import COMMON, PAGING, QueryParameters
from practices.index.etags import content_etag
from practices.index.facet_index import FacetIndex, get_facet_index
from practices.models.content_version import content_version, version_made_at

Handler = Callable[..., HttpResponseBase]


def conditional(handler: Handler) -> Handler:
    """Decorate a GET handler: return 304 to clients that have the current response.

    Unlike Django's `condition`, only 200 has validators, and a date never turns an error into a 304.
    """

    @wraps(handler)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        moment = version_made_at(view.version)
        response = HttpResponse() if view.client_is_current else handler(view, request, *args, **kwargs)
        if response.status_code != 200:
            return response
        response.headers["ETag"] = view.etag
        if moment:
            response.headers["Last-Modified"] = http_date(moment.timestamp())
        seconds = int(moment.timestamp()) if moment else None
        return get_conditional_response(request, view.etag, seconds, response)

    return wrapped


@cache
def description_links() -> list[Link]:
    """The links to the OpenAPI document and to the guide."""
    return [
        (reverse("api:schema"), "service-desc", JSON),
        (reverse("api:docs"), "service-doc", "text/html"),
    ]


class ReadOnlyAPIMixin:
    """Mix-in of all views: reads the parameters, counts requests, and adds validators and links.

    One query: the content version.
    """

    common: Collection[str] = COMMON  # parameters that every view accepts
    parameters: Collection[str] = ()  # the other ones
    field_names: Collection[str] = ()  # what the parameter `fields` may name

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.links: list[Link] = []
        language = request.GET.get("lang")
        with override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if isinstance(response, Response) else response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        formats = [renderer.format for renderer in self.renderer_classes]
        accepted = {*self.common, *self.parameters}
        self.params = QueryParameters(request.query_params, accepted, formats, self.field_names)
        super().initial(request, *args, **kwargs)

    def check_throttles(self, request: Request) -> None:
        """Check the limit. Requests of clients that have the current response do not count."""
        if not self.client_is_current:
            super().check_throttles(request)

    @cached_property
    def version(self) -> str:
        return content_version()

    @cached_property
    def facet_index(self) -> FacetIndex:
        return get_facet_index(self.version)

    @cached_property
    def etag(self) -> str:
        """The entity tag: the same for the same content, URL, format, language and site."""
        address, media_type = self.request.get_full_path(), self.request.accepted_media_type
        return content_etag(self.version, address, media_type, get_language(), settings.SITE_URL)

    @cached_property
    def client_is_current(self) -> bool:
        """Whether the client has the current response. Only valid requests ever receive this tag."""
        tags = self.request.headers.get("If-None-Match")
        return bool(tags) and self.etag in {tag.removeprefix("W/") for tag in parse_etags(tags)}

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(status=204)

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any):
        self.headers["Link"] = link_header([*self.links, *description_links()])
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Allow": "GET, HEAD, OPTIONS", "Vary": "Accept"}


class ReadOnlyViewSet(ReadOnlyAPIMixin, GenericViewSet):
    """A list and its rows. `detail_serializer_class` has all fields."""

    list_parameters: Collection[str] = (*PAGING, "fields")
    detail_parameters: Collection[str] = ("fields",)
    detail_serializer_class: Any = None

    @property
    def parameters(self) -> Collection[str]:
        return self.detail_parameters if self.detail else self.list_parameters

    @property
    def field_names(self) -> Collection[str]:
        return (self.detail_serializer_class or self.serializer_class).Meta.fields

    def get_serializer_class(self) -> Any:
        return (self.detail and self.detail_serializer_class) or self.serializer_class

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"facet_index": self.facet_index}

    def get_paginated_response(self, data: list[Any], **more: Any) -> Response:
        return self.paginator.get_paginated_response(data, **more)

    def selected(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document with the fields that the parameter `fields` names; all fields without it."""
        names = self.params.fields
        return {name: document[name] for name in names if name in document} if names else document
