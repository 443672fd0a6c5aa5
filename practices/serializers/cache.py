"""Serialised practices in memory, by content version, language and site."""

from collections.abc import Collection

import orjson
from django.conf import settings
from django.utils.translation import get_language

from practices.models import Practice
from practices.serializers.fields import to_json_bytes
from practices.serializers.practices import PracticeSummarySerializer, addresses
from practices.values.versioned_cache import VersionedCache

DOCUMENTS = VersionedCache(2_000)


def summaries(pks: Collection[int], version: str) -> dict[int, tuple[str, bytes]]:
    """Primary key → slug and JSON in lists, of the practices that are published.

    One query for those that are not cached; thirteen in another language than the site's first.
    """
    return DOCUMENTS.get_many((version, get_language(), settings.SITE_URL), pks, _fetch)


def _fetch(pks: Collection[int]) -> dict[int, tuple[str, bytes]]:
    published = Practice.objects.published()
    if get_language() != settings.LANGUAGE_CODE:
        rows = published.for_api().filter(pk__in=pks)
        pairs = zip(rows, PracticeSummarySerializer(rows, many=True).data, strict=True)
        return {row.pk: (row.slug, to_json_bytes(document)) for row, document in pairs}
    rows = published.filter(pk__in=pks, indexed__isnull=False).with_changed_at()
    found = rows.values_list("pk", "slug", "indexed__document", "changed_at")
    return {
        pk: (slug, to_json_bytes(orjson.loads(text) | addresses(slug) | {"changed_at": moment}))
        for pk, slug, text, moment in found
    }
