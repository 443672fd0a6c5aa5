"""Publications in which practices first appeared."""

from collections import Counter

from practices.api.reference import ReferenceViewSet
from practices.models import Practice, Publication
from practices.serializers.publications import PublicationSerializer
from practices.values.text import sort_key


class PublicationViewSet(ReferenceViewSet):
    serializer_class = PublicationSerializer

    def get_queryset(self) -> list[Publication]:
        """Return the publications of published practices, by title. Four queries."""
        practices = Practice.objects.published().filter(publication__isnull=False)
        counts = Counter(practices.values_list("publication", flat=True))
        rows = Publication.objects.filter(pk__in=counts).select_related("publisher")
        rows = rows.prefetch_related("funders", "implementers")
        for row in rows:
            row.practice_count = counts[row.pk]
        return sorted(rows, key=lambda row: (sort_key(row.title), row.pk))
