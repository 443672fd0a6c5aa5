"""Natural keys: how fixtures name a row without a database number."""

from typing import Self

from django.db import models


class SlugQuerySet(models.QuerySet):
    """For models whose slug is their name in fixtures and addresses."""

    def get_by_natural_key(self, slug: str) -> models.Model:
        return self.get(slug=slug)


class CodeQuerySet(models.QuerySet):
    """For models known by a standard's code."""

    def get_by_natural_key(self, code: str) -> models.Model:
        return self.get(code=code)


class PracticeChildQuerySet(models.QuerySet):
    """For the rows of one practice, known by the practice and their place in its order."""

    def get_by_natural_key(self, practice: str, order: int) -> models.Model:
        return self.get(practice__slug=practice, order=order)

    def published(self) -> Self:
        """Those that the public may see: the rows of published practices, through the one door."""
        practice = self.model._meta.get_field("practice").related_model
        return self.filter(practice__in=practice.objects.published())
