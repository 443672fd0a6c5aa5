"""Actors of practices, and the publications in which practices first appeared."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from practices.models.fields import LineField, MarkdownField, PeriodField
from practices.models.natural_keys import NaturalKeyModel
from practices.models.reference import ActorType, Country


class Actor(NaturalKeyModel):
    """An organisation, a group or a person with a part in practices or publications."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = LineField(_("name"), max_length=300)
    acronym = LineField(_("acronym"), max_length=60, blank=True)
    type = models.ForeignKey(
        ActorType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actors",
        verbose_name=_("type"),
        help_text=_("Leave empty if unknown."),
    )
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="actors", verbose_name=_("country")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("actor")
        verbose_name_plural = _("actors")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="actor_not_its_own_part",
                violation_error_message=_("An actor cannot be part of itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.acronym})" if self.acronym else self.name

    def clean(self) -> None:
        """Refuse a circular chain of parents. One query for each generation."""
        above, seen = self.parent, set()
        while above and self.pk and above.pk not in seen:
            seen.add(above.pk)
            if above.pk == self.pk:
                raise ValidationError(
                    {"parent": _("“%(parent)s” is itself part of this actor.") % {"parent": self.parent}}
                )
            above = above.parent


class Publication(NaturalKeyModel):
    """The book or series that a practice was first published in."""

    SLUG_SOURCE = "title"

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    title = LineField(_("title"), max_length=300)
    publisher = models.ForeignKey(
        Actor, models.PROTECT, related_name="publications", verbose_name=_("publisher")
    )
    funders = models.ManyToManyField(Actor, blank=True, related_name="+", verbose_name=_("funders"))
    implementers = models.ManyToManyField(Actor, blank=True, related_name="+", verbose_name=_("implementers"))
    url = models.URLField(_("address"), blank=True)
    language = models.CharField(_("language"), max_length=12, default="en", help_text=_("BCP 47 code"))
    date = PeriodField(_("date"), null=True, blank=True)
    note = MarkdownField(_("note"), blank=True)

    class Meta:
        ordering = ["title"]
        verbose_name = _("publication")
        verbose_name_plural = _("publications")

    def __str__(self) -> str:
        return self.title
