"""Natural keys: how fixtures name a row without a database number."""

from itertools import count
from typing import Self

from django.db import models

from practices.text import slug_of


class KeyedQuerySet(models.QuerySet):
    def get_by_natural_key(self, key: str) -> models.Model:
        return self.get(**{self.model.KEY: key})


class Keyed(models.Model):
    """A row that one column names in fixtures, records and addresses: its slug, or a standard's code."""

    KEY = "slug"

    objects = KeyedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def key(self) -> str:
        return getattr(self, self.KEY)

    def natural_key(self) -> tuple[str]:
        return (self.key,)

    @classmethod
    def free_slug(cls, text: str) -> str:
        """A slug for the text that no row has yet."""
        longest = cls._meta.get_field("slug").max_length - 4
        stem = slug_of(text, longest) or cls._meta.model_name
        tries = (f"{stem}-{number}" if number > 1 else stem for number in count(1))
        return next(slug for slug in tries if not cls.objects.filter(slug=slug).exists())


class PracticeChildQuerySet(models.QuerySet):
    """For the rows of one practice, known by the practice and their place in its order."""

    def get_by_natural_key(self, practice: str, order: int) -> models.Model:
        return self.get(practice__slug=practice, order=order)

    def published(self) -> Self:
        """Those that the public may see: the rows of published practices, through the one door."""
        practice = self.model._meta.get_field("practice").related_model
        return self.filter(practice__in=practice.objects.published())
