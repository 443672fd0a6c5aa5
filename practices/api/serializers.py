"""What the API adds to the documents of practices: passages and facets."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from practices import documents
from practices.facets import Choice, Facet
from practices.models import Practice


def highlights(practice: Practice) -> dict[str, Any]:
    """After a search, the passage that answers it best, if any: safe HTML with `mark`, and its address."""
    if not hasattr(practice, "passage"):
        return {}
    passage = practice.passage
    address = settings.SITE_URL + practice.get_absolute_url()
    return {"highlights": [{"url": f"{address}#{passage.anchor}", "html": passage.html}] if passage else []}


class PracticeSummarySerializer(serializers.BaseSerializer):
    """A practice in a list. No query after `for_api()`."""

    def to_representation(self, practice: Practice) -> dict[str, Any]:
        return documents.summary(practice) | highlights(practice)


class PracticeSerializer(serializers.BaseSerializer):
    """A practice whole, with its story and lessons. No query after `for_detail()`."""

    def to_representation(self, practice: Practice) -> dict[str, Any]:
        return documents.whole(practice)


def choice(row: Choice) -> dict[str, Any]:
    return {"value": row.value, "label": row.label, "count": row.count, "selected": row.selected}


def facet_lists(rows: list[Facet]) -> dict[str, list[dict[str, Any]]]:
    return {facet.parameter: [choice(row) for row in facet.choices] for facet in rows}
