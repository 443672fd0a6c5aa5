"""Changed practices and removed slugs in the order of changes, for programs that keep a copy."""

from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from practices.api.base import ReadOnlyViewSet, conditional
from practices.api.errors import Gone
from practices.api.pagination import changed_address
from practices.api.parameters import Cursor
from practices.index.facet_index import FacetIndex
from practices.listing.filters import Results
from practices.models import ChangeLogEntry, Practice
from practices.serializers.fields import AddressField


def check_cursor(cursor: Cursor, facet_index: FacetIndex) -> None:
    """Raise `Gone` for a cursor from another database."""
    if max(cursor) > facet_index.sequence:
        raise Gone(
            _("This cursor is not valid for this collection. Start again with cursor=0."), "unknown_cursor"
        )


class LeftSerializer(serializers.ModelSerializer):
    """A changed practice that the filters do not match (any more): its URL, and when it changed."""

    url = AddressField("practice", "slug")
    api_url = AddressField("api:practice-detail", "slug")
    left = serializers.SerializerMethodField()
    changed_at = serializers.DateTimeField()

    class Meta:
        model = Practice
        fields = ["slug", "url", "api_url", "left", "changed_at"]

    def get_left(self, practice: Practice) -> bool:
        return True


class ChangesPagination(BasePagination):
    """Practices that changed after a cursor and since a moment, the first change first. Two queries more.

    `left` in the response lists those that the filters do not find. During a first harvest (`cursor=0`) it
    lists only those that changed after the harvest began: the client has no copy of the others.
    """

    def paginate_queryset(self, queryset: Results, request: Request, view: Any) -> list[Any]:
        params, facet_index = view.params, view.facet_index
        cursor, since = params.cursor or Cursor(0, 0), params.updated_since
        check_cursor(cursor, facet_index)
        start = bisect_right(facet_index.changes, cursor.after, key=itemgetter(0))
        began = facet_index.sequence if cursor.after == 0 and not since else cursor.began
        if since:
            rows = ChangeLogEntry.objects.filter(changed_at__gte=since)
            first = rows.aggregate(first=Min("sequence", default=facet_index.sequence + 1))["first"]
            start = max(start, bisect_left(facet_index.changes, first, key=itemgetter(0)))
        pks = queryset.filterset.qs.pks
        outside = facet_index.published - pks
        found = [
            (place, pk)
            for place, pk in facet_index.changes[start:]
            if pk in pks or (place > began and pk in outside)
        ]
        shown, more = found[: params.page_size], len(found) > params.page_size
        cursor = Cursor(shown[-1][0], began) if more else Cursor(facet_index.sequence, 0)
        following = changed_address(request, cursor=cursor.text, updated_since=None) if more else None
        count = sum(pk in pks for _place, pk in found)
        self.head = {"count": count, "next": following, "previous": None, "cursor": cursor.text}
        self.left = [pk for _place, pk in shown if pk in outside]
        inside = [pk for _place, pk in shown if pk in pks]
        documents = queryset.fetch(inside)
        return [documents[pk] for pk in inside if pk in documents]

    def get_paginated_response(self, data: list[Any], **more: Any) -> Response:
        found = Practice.objects.published().with_changed_at().in_bulk(self.left) if self.left else {}
        rows = [found[pk] for pk in self.left if pk in found]
        left = LeftSerializer(rows, many=True).data
        return Response(self.head | {"results": data, "left": left} | more)


class RemovedSerializer(serializers.ModelSerializer):
    """A slug that is no longer public; `moved_to` is the current slug of its practice."""

    url = AddressField("practice", "slug")
    api_url = AddressField("api:practice-detail", "slug")
    removed_at = serializers.DateTimeField(source="changed_at")
    moved_to = serializers.SerializerMethodField(help_text="The slug that its practice has now.")

    class Meta:
        model = ChangeLogEntry
        fields = ["slug", "url", "api_url", "removed_at", "moved_to"]

    def get_moved_to(self, row: ChangeLogEntry) -> str | None:
        return self.context["slugs"].get(row.practice_id)


class RemovedViewSet(ReadOnlyViewSet):
    """Slugs that are no longer public, in the order of removal."""

    serializer_class = RemovedSerializer
    list_parameters = ("cursor", "updated_since", "page_size")

    @conditional
    def list(self, request: Request) -> Response:
        params, last = self.params, self.facet_index.sequence
        params.check()
        cursor = params.cursor or Cursor(0, 0)
        check_cursor(Cursor(cursor.after, 0), self.facet_index)
        # The next answer tells of what was removed since the version was read.
        rows = ChangeLogEntry.objects.filter(removed=True, sequence__gt=cursor.after, sequence__lte=last)
        if params.updated_since:
            rows = rows.filter(changed_at__gte=params.updated_since)
        count, found = rows.count(), list(rows.order_by("sequence")[: params.page_size])
        more = count > len(found)
        place = str(found[-1].sequence if more and found else last)
        following = changed_address(request, cursor=place, updated_since=None) if more else None
        practices = Practice.objects.published().filter(pk__in=[row.practice_id for row in found])
        context = {"slugs": dict(practices.values_list("pk", "slug"))}
        results = RemovedSerializer(found, many=True, context=context).data
        head = {"count": count, "next": following, "previous": None, "cursor": place}
        return Response(head | {"results": results})
