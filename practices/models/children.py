"""The children of a practice, which keep its order.

To add a kind of row, follow `Source` or a later kind:

- Declare a subclass of `PracticeChild`, import it in models/__init__.py and run `makemigrations`. The order
  of the classes is the order in snapshots.
- Add an inline (editing/inlines.py) to `PracticeAdmin.inlines` and its name to `PARTS`
  (editing/practice_admin.py); if editors should be asked for it, add a check (editing/completeness.py).
- Prefetch it in `PracticeQuerySet._relations`, or in `with_relations()` if lists do not show it
  (models/practice.py), and show it in templates/site/practice.html.
- Add a serializer and name it in the fields of `PracticeSummarySerializer` or `PracticeSerializer`
  (serializers/practices.py) and in the example of a practice in api/openapi.yaml.
- Add columns to `CSV_COLUMNS` (exchange/tables.py) and `WORKBOOK_COLUMNS` (exchange/xlsx_writer.py). If need
  be, add a table to exchange/child_tables.py, a node to exchange/schema_org.py, and the number of empty rows
  in the template to `EMPTY_ROWS` (exchange/sheet.py).
- Add its texts to `searchable_texts()` (search/index_rows.py), if the search should find them.
- Describe it in docs/reference/data-model.md.

`child_models()` (models/practice.py) finds the kind by its foreign key, so these follow: indexing and the
content version at each change, snapshots, versions, differences, conflicts, imports and their undo, sheets,
the permissions of the groups, the export of the collection and backups. tests/models/test_child_models.py
fails if a list lacks a kind.
"""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from practices.models.actors import Actor
from practices.models.checks import CheckedInPython
from practices.models.fields import LineField, MarkdownField, PeriodField
from practices.models.natural_keys import PracticeChildQuerySet
from practices.models.reference import Country


class PracticeChild(CheckedInPython):
    """A row of a practice with its place in the practice's order, from 1."""

    practice = models.ForeignKey(
        "practices.Practice", models.CASCADE, related_name="%(class)ss", verbose_name=_("practice")
    )
    order = models.PositiveSmallIntegerField(_("order"))

    objects = PracticeChildQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "order"], name="%(class)s_order_unique"),
            models.CheckConstraint(condition=models.Q(order__gte=1), name="%(class)s_order_from_1"),
        ]

    def natural_key(self) -> tuple[str, int]:
        return (self.practice.slug, self.order)

    natural_key.dependencies = ["practices.practice"]

    @property
    def anchor(self) -> str:
        """The anchor on the page of its practice: lesson-3, source-1."""
        return f"{self._meta.model_name}-{self.order}"


class Place(PracticeChild):
    """A place where the practice happens: a territory, or the whole country if `name` is empty."""

    name = LineField(
        _("place or region"), max_length=200, blank=True, help_text=_("Leave empty for the whole country.")
    )
    country = models.ForeignKey(Country, models.PROTECT, related_name="places", verbose_name=_("country"))
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("Decimal degrees (WGS 84) from -90 to 90. North is positive."),
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("Decimal degrees (WGS 84) from -180 to 180. East is positive."),
    )

    class Meta(PracticeChild.Meta):
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            *PracticeChild.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True) | models.Q(latitude__range=(-90, 90)),
                name="place_latitude_in_range",
                violation_error_message=_("Enter a latitude from -90 to 90."),
            ),
            models.CheckConstraint(
                condition=models.Q(longitude__isnull=True) | models.Q(longitude__range=(-180, 180)),
                name="place_longitude_in_range",
                violation_error_message=_("Enter a longitude from -180 to 180."),
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__isnull=False, longitude__isnull=False),
                name="place_point_whole",
                violation_error_message=_("Enter both latitude and longitude, or leave both empty."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.country}" if self.name else str(self.country)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        super().validate_constraints(exclude)
        known = not {"latitude", "longitude"} & set(exclude or ())
        if known and (self.latitude is None) != (self.longitude is None):
            raise ValidationError(_("Enter both latitude and longitude, or leave both empty."))


class CorridorQuerySet(models.QuerySet):
    def get_by_natural_key(self, practice: str, origin: str, destination: str) -> "Corridor":
        return self.get(practice__slug=practice, origin=origin, destination=destination)


class Corridor(CheckedInPython):
    """A country of origin and a country of destination that the practice links."""

    practice = models.ForeignKey(
        "practices.Practice", models.CASCADE, related_name="corridors", verbose_name=_("practice")
    )
    origin = models.ForeignKey(
        Country, models.PROTECT, related_name="corridors_from", verbose_name=_("origin")
    )
    destination = models.ForeignKey(
        Country, models.PROTECT, related_name="corridors_to", verbose_name=_("destination")
    )

    objects = CorridorQuerySet.as_manager()

    class Meta:
        ordering = ["origin", "destination"]
        verbose_name = _("corridor")
        verbose_name_plural = _("corridors")
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "origin", "destination"],
                name="corridor_unique",
                violation_error_message=_("This corridor is already listed."),
            ),
            models.CheckConstraint(
                condition=~models.Q(origin=models.F("destination")),
                name="corridor_ends_differ",
                violation_error_message=_("Select two different countries."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin} → {self.destination}"

    @property
    def code(self) -> str:
        """The code in URLs: PH-IT."""
        return f"{self.origin_id}-{self.destination_id}"

    def natural_key(self) -> tuple[str, str, str]:
        return (self.practice.slug, self.origin_id, self.destination_id)

    natural_key.dependencies = ["practices.practice"]

    def clean(self) -> None:
        if self.origin_id and self.origin_id == self.destination_id:
            raise ValidationError(
                {
                    "destination": _(
                        "Select two different countries. Origin and destination are both %(country)s."
                    )
                    % {"country": self.origin}
                }
            )


class Participation(PracticeChild):
    """An actor's part in a practice, under the heading that the source groups it under."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Lead")
        PARTNER = "partner", _("Partner")
        FUNDER = "funder", _("Funder")
        PARTICIPANT = "participant", _("Participant")

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="participations", verbose_name=_("actor"))
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.PARTNER)
    group = LineField(
        _("heading"),
        max_length=120,
        blank=True,
        help_text=_("Optional. Use the heading under which the source lists the actor."),
    )
    note = MarkdownField(_("note"), blank=True, max_length=2_000)

    class Meta(PracticeChild.Meta):
        verbose_name = _("participating actor")
        verbose_name_plural = _("participating actors")
        constraints = [
            *PracticeChild.Meta.constraints,
            models.UniqueConstraint(
                fields=["practice", "actor", "role"],
                name="participation_unique",
                violation_error_message=_("This actor already has this role in the practice."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["lead", "partner", "funder", "participant"]),
                name="participation_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor} ({self.get_role_display()})"


class Source(PracticeChild):
    """One citation."""

    text = MarkdownField(
        _("citation"), max_length=3_000, help_text=_("Markdown. Put titles of works in *italics*.")
    )
    url = models.URLField(_("address"), blank=True, max_length=500)
    date = PeriodField(_("date"), null=True, blank=True)

    class Meta(PracticeChild.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.text[:80]
