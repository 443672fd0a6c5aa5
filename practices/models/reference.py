"""Reference data: standards of other bodies that the portal refers to by code."""

from datetime import date
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from practices.models.fields import LineField
from practices.models.natural_keys import NaturalKeyModel


@lru_cache(maxsize=32)
def _cldr_names(language: str) -> dict[str, str]:
    """CLDR's territory names by ISO 3166-1 and M49 code; empty for a language CLDR does not know."""
    try:
        return dict(Locale.parse(language, sep="-").territories)
    except (UnknownLocaleError, ValueError):
        return {}


class Territory(NaturalKeyModel):
    """Base of regions and countries: a code, an English name, and CLDR's name in other languages."""

    KEY = "code"

    name = LineField(_("name"), max_length=100, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        """The name in the active language: the stored one in English, else CLDR's, else the stored one."""
        language = get_language() or "en"
        if language.startswith("en"):
            return self.name
        return _cldr_names(language).get(self.code, self.name)


class Region(Territory):
    """A region, sub-region or intermediate region of the UN M49 standard."""

    code = models.CharField(_("M49 code"), max_length=3, primary_key=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")


class Country(Territory):
    """A country or territory of ISO 3166-1; `region` is the most specific M49 region it lies in."""

    code = models.CharField(_("ISO 3166-1 alpha-2 code"), max_length=2, primary_key=True)
    alpha3 = models.CharField(_("ISO 3166-1 alpha-3 code"), max_length=3, unique=True)
    numeric = models.CharField(_("ISO 3166-1 numeric code"), max_length=3, unique=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="countries", verbose_name=_("region")
    )
    latitude = models.DecimalField(_("latitude"), max_digits=6, decimal_places=3, help_text=_("WGS 84"))
    longitude = models.DecimalField(_("longitude"), max_digits=6, decimal_places=3, help_text=_("WGS 84"))

    class Meta:
        ordering = ["name"]
        verbose_name = _("country")
        verbose_name_plural = _("countries")


class ActorType(NaturalKeyModel):
    """A kind of actor, after paragraphs 15 and 44 of the Global Compact for Migration."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = LineField(_("name"), max_length=80, unique=True)
    order = models.PositiveSmallIntegerField(_("order"), unique=True)

    class Meta:
        ordering = ["order"]
        verbose_name = _("actor type")
        verbose_name_plural = _("actor types")

    def __str__(self) -> str:
        return self.name


class Theme(NaturalKeyModel):
    """A subject: JMDI's own, in two levels, or one of the five lenses of the JMDI toolbox."""

    class Scheme(models.TextChoices):
        JMDI = "jmdi", _("JMDI themes")
        TOOLBOX = "toolbox", _("Themes of the JMDI toolbox")

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = LineField(_("name"), max_length=80, unique=True)
    scheme = models.CharField(_("scheme"), max_length=10, choices=Scheme.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    order = models.PositiveSmallIntegerField(_("order"))
    definition = models.TextField(
        _("definition"),
        validators=[MaxLengthValidator(1_000)],
        help_text=_("Describe the theme in one or two sentences."),
    )

    class Meta:
        ordering = ["scheme", "order"]
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scheme__in=["jmdi", "toolbox"]), name="theme_scheme_known"
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="theme_not_its_own_part",
                violation_error_message=_("A theme cannot be part of itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a third level. Two queries."""
        if self.parent and self.parent.parent_id:
            message = _("“%(parent)s” is a sub-theme. Select a main theme.")
            raise ValidationError({"parent": message % {"parent": self.parent}})
        if self.parent and self.pk and self.parts.exists():
            raise ValidationError({"parent": _("This theme has sub-themes, so it must be a main theme.")})


class Framework(models.TextChoices):
    """An international agreement whose objectives practices are related to."""

    GCM = "gcm", _("Global Compact for Migration")
    SDG = "sdg", _("Sustainable Development Goals")

    @property
    def adopted(self) -> date:
        """The day of adoption: A/CONF.231/3 (Marrakech) and A/RES/70/1 (New York)."""
        return {Framework.GCM: date(2018, 12, 10), Framework.SDG: date(2015, 9, 25)}[self]


class Objective(NaturalKeyModel):
    """An objective of the Global Compact for Migration or a target of the Sustainable Development Goals."""

    KEY = "code"

    code = models.CharField(
        _("code"), max_length=12, unique=True, help_text=_("For example gcm-20 or sdg-10.7.")
    )
    framework = models.CharField(_("framework"), max_length=3, choices=Framework.choices)
    name = LineField(_("name"), max_length=120)
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        ordering = ["framework", "order"]
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(framework__in=Framework.values), name="objective_framework_known"
            ),
            models.UniqueConstraint(fields=["framework", "order"], name="objective_order_unique"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in lists: GCM 20: Remittances and financial inclusion."""
        return f"{self.label}: {self.name}"

    @property
    def label(self) -> str:
        """The code as people write it: GCM 20, SDG 10.7."""
        return self.code.upper().replace("-", " ", 1)
