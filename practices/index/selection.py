"""The practices that a list shows, as an immutable set of primary keys that filters narrow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from pyroaring import BitMap

from practices.index.facet_index import FacetIndex, get_facet_index
from practices.models import Practice


@dataclass(frozen=True)
class Selection:
    """Published practices of one facet index: what the filters of django-filter get as their queryset.

    `model` and `all()` are what django-filter asks of a queryset. No query.
    """

    model: ClassVar = Practice

    facet_index: FacetIndex
    pks: BitMap

    def all(self) -> "Selection":
        return self

    def intersect(self, pks: BitMap) -> "Selection":
        return Selection(self.facet_index, self.pks & pks)

    def having_any(self, parameter: str, values: Iterable[str]) -> "Selection":
        """The practices that have at least one of the values of a parameter."""
        return self.intersect(
            BitMap().union(*(self.facet_index.having(parameter, value) for value in values))
        )

    def __len__(self) -> int:
        return len(self.pks)

    def __iter__(self) -> Iterator[int]:
        return iter(self.pks)

    def __contains__(self, pk: int) -> bool:
        return pk in self.pks


def published(facet_index: FacetIndex | None = None) -> Selection:
    """All published practices. At most the queries of `get_facet_index()`."""
    facet_index = facet_index or get_facet_index()
    return Selection(facet_index, facet_index.published)
