"""Natural keys: how fixtures name a row without a database number."""

from itertools import count
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from practices.values.text import slug_of


class NaturalKeyQuerySet(models.QuerySet):
    def get_by_natural_key(self, key: str) -> models.Model:
        return self.get(**{self.model.KEY: key})


class NaturalKeyModel(models.Model):
    """A row identified by one column in fixtures, snapshots and addresses: its slug, or a standard code."""

    KEY = "slug"
    SLUG_SOURCE = "name"  # the field that an empty slug is made from

    objects = NaturalKeyQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def key(self) -> str:
        return getattr(self, self.KEY)

    def natural_key(self) -> tuple[str]:
        return (self.key,)

    @classmethod
    def free_slug(cls, text: str, fallback: str = "") -> str:
        """Return an unused slug for the text, with a number if the plain one is taken. One query.

        ValidationError asks for a slug if the text yields none and there is no `fallback`, which is for
        programs.
        """
        stem = cls.slug_stem(text) or fallback
        if not stem:
            raise cls.no_slug(text)
        longest = cls._meta.get_field("slug").max_length
        near = cls.objects.filter(slug__startswith=stem[: longest - 10])
        taken = set(near.values_list("slug", flat=True))
        ends = (f"-{number}" if number > 1 else "" for number in count(1))
        tries = (stem[: longest - len(end)].rstrip("-_") + end for end in ends)
        return next(slug for slug in tries if slug not in taken)

    @classmethod
    def slug_stem(cls, text: str) -> str:
        """Return the slug of the text, with room for a number; empty if it yields none."""
        return slug_of(text, cls._meta.get_field("slug").max_length - 4)

    @classmethod
    def no_slug(cls, text: str) -> ValidationError:
        """Return the error that asks for a slug because the text yields none."""
        message = _(
            "Enter a slug: letters a to z, digits and hyphens. A slug could not be created from "
            "the %(field)s “%(text)s”."
        )
        field = cls._meta.get_field(cls.SLUG_SOURCE).verbose_name
        return ValidationError(message % {"field": field, "text": text[:60] + "…" * (len(text) > 60)})


HIGHER_THAN_ANY_ORDER = 10_000  # rows of one kind are far fewer


class PracticeChildQuerySet(models.QuerySet):
    """Rows of practices, identified by the practice and their position in its order."""

    def get_by_natural_key(self, practice: str, order: int) -> models.Model:
        return self.get(practice__slug=practice, order=order)

    def published(self) -> Self:
        """Return the rows of published practices."""
        practice = self.model._meta.get_field("practice").related_model
        return self.filter(practice__in=practice.objects.published())

    def move_aside(self) -> None:
        """Give the rows orders that no row of a practice has, so that others can take theirs. One query."""
        self.update(order=models.F("order") + HIGHER_THAN_ANY_ORDER)
