"""Pages of a list: their rows, and the addresses of the other pages."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from practices.api.links import JSON
from practices.api.parameters import MAX_NUMBER_LENGTH, MAX_PAGE_SIZE, PAGE_SIZE


class PagePagination(PageNumberPagination):
    """One page by the parameters `page` and `page_size`, as the view has read them; 404 without such a page.

    Links use the site's own URL, with parameters sorted by name.
    """

    page_size, max_page_size, page_size_query_param = PAGE_SIZE, MAX_PAGE_SIZE, "page_size"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any) -> list[Any]:
        self.request = request
        paginator = self.django_paginator_class(queryset, view.params.page_size)
        if view.params.page > paginator.num_pages:
            sent = request.query_params["page"]
            shown = sent if len(sent) <= MAX_NUMBER_LENGTH else f"{sent[: MAX_NUMBER_LENGTH - 1]}…"
            message = _("There is no page %(page)s. The last page is %(last)s.")
            raise exceptions.NotFound(message % {"page": shown, "last": paginator.num_pages}, "no_such_page")
        self.page = paginator.page(view.params.page)
        self.next, self.previous = self.get_next_link(), self.get_previous_link()
        others = {"next": self.next, "prev": self.previous, "first": self.address_of(1)}
        others["last"] = self.address_of(paginator.num_pages)
        view.links += [(address, relation, JSON) for relation, address in others.items() if address]
        return list(self.page.object_list)

    def get_next_link(self) -> str | None:
        return self.address_of(self.page.next_page_number()) if self.page.has_next() else None

    def get_previous_link(self) -> str | None:
        return self.address_of(self.page.previous_page_number()) if self.page.has_previous() else None

    def address_of(self, number: int) -> str:
        """The list's address with another page; the first one has no number."""
        return changed_address(self.request, page=str(number) if number > 1 else None)

    def get_paginated_response(self, data: list[Any], **more: Any) -> Response:
        head = {"count": self.page.paginator.count, "next": self.next, "previous": self.previous}
        return Response(head | {"results": data} | more)


def changed_address(request: Request, **changes: str | None) -> str:
    """Return the URL with some parameters changed, or removed (None), sorted by name."""
    data: dict[str, list[str]] = dict(request.query_params.lists())
    data |= {name: [] if value is None else [value] for name, value in changes.items()}
    query = urlencode(sorted(data.items()), doseq=True)
    return f"{settings.SITE_URL}{request.path}{'?' if query else ''}{query}"
