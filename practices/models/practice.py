"""The practice, and the querysets from which every page and response starts."""

from collections.abc import Collection
from functools import cache
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from practices.models.actors import Publication
from practices.models.checks import CheckedInPython
from practices.models.children import Corridor, Participation, Place
from practices.models.fields import Binary, LineField, MarkdownField, PeriodField, SortKeyField
from practices.models.lessons import MAX_LESSON_NUMBER
from practices.models.natural_keys import NaturalKeyModel, NaturalKeyQuerySet
from practices.models.reference import Country, Framework, Objective, Theme
from practices.values.text import isolated, sort_key

NOT_IN_LISTS = ("story", "editors_note")  # long texts that lists do not fetch


class PracticeQuerySet(NaturalKeyQuerySet):
    def published(self) -> Self:
        """Return what the public may see. Every public query starts here."""
        return self.filter(status=Practice.Status.PUBLISHED)

    def with_changed_at(self) -> Self:
        """Add `changed_at`: when any public content of a published practice last changed.

        Harvesters compare it. It also changes with the rows that the practice names; `updated_at` does not.
        """
        slugs = self.model._meta.get_field("change_log_entries").related_model.objects
        own = slugs.filter(practice=OuterRef("pk"), removed=False).order_by("-sequence")
        return self.annotate(changed_at=Coalesce(Subquery(own.values("changed_at")[:1]), "updated_at"))

    def for_api(self) -> Self:
        """Fetch what a row of the API's list shows. Eight queries for any number of rows."""
        return (
            self.with_changed_at()
            .defer(*NOT_IN_LISTS)
            .select_related("publication__publisher")
            .prefetch_related(*self._relations)
        )

    def with_relations(self) -> Self:
        """Fetch the whole practice, for downloads. Ten queries for any number of rows."""
        return (
            self.with_changed_at()
            .select_related("publication__publisher")
            .prefetch_related(*self._relations, "lessons", "images")
        )

    def for_detail(self) -> Self:
        """Fetch what a practice's page and snapshot contain."""
        return self.with_relations().select_related("indexed")

    def for_index(self) -> Self:
        """Fetch what the index contains."""
        return self.with_relations().prefetch_related("themes__parent")

    _relations = (  # a join costs less than a query more
        Prefetch("places", Place.objects.select_related("country__region__parent__parent")),
        Prefetch("corridors", Corridor.objects.select_related("origin", "destination")),
        "themes",
        "objectives",
        Prefetch("participations", Participation.objects.select_related("actor__type")),
        "sources",
        "publication__funders",
        "publication__implementers",
    )


# Titles by their stored keys; those that differ only in case, accents or signs by their characters.
BY_TITLE = (Binary("title_sort"), Binary("title"))


class Practice(CheckedInPython, NaturalKeyModel):
    """One case: what was done, where, when, by whom, and what was learned.

    To add a field, declare it here, run `makemigrations`, and name it in:

    - `PracticeAdmin.fieldsets` (editing/practice_admin.py),
    - templates/site/_facts.html or practice.html, for the page and the preview,
    - `PracticeSummarySerializer.Meta.fields` (serializers/practices.py), or for a long text
      `PracticeSerializer.Meta.fields` and `NOT_IN_LISTS`, and the example of a practice in api/openapi.yaml,
    - `CSV_COLUMNS` (exchange/tables.py; also for GeoJSON) and `WORKBOOK_COLUMNS` (exchange/xlsx_writer.py),
    - if need be `article()` or `practice_node()` (exchange/schema_org.py), and for a text that should not be
      in the YAML header `TEXTS` (exchange/markdown.py),
    - `searchable_texts()` (search/index_rows.py), if the search should find it, and `list_item_data()` and
      `ListItem` (index/list_items.py), if lists on pages should show it,
    - docs/api.md and docs/reference/data-model.md.

    The index needs no rebuild by hand: `bootstrap` finds outdated rows after an upgrade. These follow without
    further change: snapshots, versions, differences, conflicts, imports and their undo, sheets, permissions,
    the export of the collection and backups. Fields that are derived or belong to the workflow are named in
    `DERIVED` or `OF_THE_WORKFLOW` (history/snapshots.py) instead.

    tests/models/test_practice_fields.py fails if the form, the API or an export lacks a field.
    """

    class Kind(models.TextChoices):
        PRACTICE = "practice", _("Practice")
        THINKING_POINT = "thinking_point", _("Thinking point")
        PERSONAL_STORY = "personal_story", _("Personal story")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Withdrawn")

    class Activity(models.TextChoices):
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")
        UNKNOWN = "unknown", _("Not known")

    SLUG_SOURCE = "title"

    title = LineField(_("title"), max_length=250)
    title_sort = SortKeyField("title")
    slug = models.SlugField(
        _("slug"),
        max_length=100,
        unique=True,
        help_text=_(
            "Last part of the web address. If you change it, the old address redirects to the new one."
        ),
        error_messages={"unique": _("Another practice has this slug. Enter a different slug.")},
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.PRACTICE)
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=Status.choices,
        default=Status.DRAFT,
        help_text=_("Only published practices are visible to the public."),
    )
    language = models.CharField(
        _("language"),
        max_length=12,
        choices=settings.CONTENT_LANGUAGES,
        default="en",
        help_text=_("The language of the text."),
    )
    summary = MarkdownField(
        _("summary"),
        blank=True,
        max_length=1_000,
        help_text=_("At most 60 words: what was done, where, by whom, and why it is useful."),
    )
    period = PeriodField(_("period"), null=True, blank=True)
    period_start = models.DateField(_("start date"), null=True, editable=False)
    period_end = models.DateField(_("end date"), null=True, editable=False)
    activity = models.CharField(
        _("activity"), max_length=8, choices=Activity.choices, default=Activity.UNKNOWN
    )
    activity_checked_on = models.DateField(_("activity checked on"), null=True, blank=True)
    activity_checked_by = LineField(_("activity checked by"), max_length=120, blank=True)
    story = MarkdownField(
        _("story"),
        max_length=50_000,
        help_text=_("Markdown. You can use lists, *emphasis* and footnotes[^1]."),
    )
    editors_note = MarkdownField(
        _("editors’ note"),
        blank=True,
        max_length=10_000,
        help_text=_("Explain contradictions and corrections of the source."),
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="practices", verbose_name=_("themes"))
    objectives = models.ManyToManyField(
        Objective, blank=True, related_name="practices", verbose_name=_("objectives")
    )
    publication = models.ForeignKey(
        Publication,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="practices",
        verbose_name=_("first published in"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    publish_at = models.DateTimeField(_("publication date"), null=True, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="practices",
        verbose_name=_("owner"),
    )
    last_lesson_number = models.PositiveIntegerField(
        _("highest lesson number used"),
        default=0,
        editable=False,
        validators=[MaxValueValidator(MAX_LESSON_NUMBER)],
    )
    public_lessons = models.JSONField(
        _("numbers of lessons that have been public"), default=list, blank=True, editable=False
    )
    replaces = models.OneToOneField(
        "self",
        models.CASCADE,
        null=True,
        editable=False,
        related_name="replacement",
        verbose_name=_("replaces"),
    )

    objects = PracticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practices")
        permissions = [("publish_practice", _("Can publish practices"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(replaces__isnull=True) | models.Q(status__in=["draft", "in_review"]),
                name="practice_replacement_is_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(publish_at__isnull=True) | models.Q(status="in_review"),
                name="practice_scheduled_in_review",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["practice", "thinking_point", "personal_story"]),
                name="practice_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "in_review", "published", "archived"]),
                name="practice_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(activity__in=["running", "ended", "unknown"]),
                name="practice_activity_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(activity="running") | models.Q(activity_checked_on__isnull=False),
                name="practice_running_was_checked",
                violation_error_message=_("Enter the date when you checked that it is running."),
            ),
            models.CheckConstraint(
                condition=~models.Q(status="published") | models.Q(published_at__isnull=False),
                name="practice_published_has_date",
            ),
            models.CheckConstraint(
                condition=models.Q(period_start__isnull=True)
                | models.Q(period_end__isnull=True)
                | models.Q(period_start__lte=models.F("period_end")),
                name="practice_period_in_order",
                violation_error_message=_("The end of the period must not be before its start."),
            ),
        ]

    def __str__(self) -> str:
        """The title with isolated direction, for messages and lists of the admin."""
        return isolated(self.title)

    def save(self, *args, **kwargs) -> None:
        """Save, and store the former slug after a change of slug. One query more than a plain save."""
        with transaction.atomic(savepoint=False):
            before = self.keep_lesson_numbers()
            super().save(*args, **kwargs)
            if before and before != self.slug:
                FormerSlug.objects.update_or_create(slug=before, defaults={"practice": self})

    def keep_lesson_numbers(self) -> str | None:
        """Read the lesson numbers given since this row was fetched; return the stored slug.

        One query. Without it, saving a row that was fetched before would lose them.
        """
        names = ("slug", "last_lesson_number", "public_lessons")
        stored = Practice.objects.filter(pk=self.pk).values_list(*names).first()
        if stored is None:
            return None
        slug, last, public = stored
        self.last_lesson_number = max(self.last_lesson_number, last)
        self.public_lessons = sorted({*self.public_lessons, *public})
        return slug

    def note_public_lessons(self) -> None:
        """Store which lessons were public. Call it with each change of a published practice.

        One query if there is a new one; none after a prefetch of its lessons otherwise.
        """
        numbers = self.once_public_lessons
        if numbers != self.public_lessons:
            self.public_lessons = numbers
            Practice.objects.filter(pk=self.pk).update(public_lessons=numbers)

    @property
    def once_public_lessons(self) -> list[int]:
        """The numbers of the lessons that are or were public. No query after a prefetch of its lessons."""
        public = self.lessons.all() if self.status == Practice.Status.PUBLISHED else []
        return sorted({*self.public_lessons, *(lesson.number for lesson in public)})

    @property
    def removed_lessons(self) -> list[int]:
        """The numbers of public lessons that were removed; of a pending change, those its publication would
        remove.

        No query after `with_relations()`.
        """
        live = self.replaces or self
        return sorted(set(live.public_lessons) - {lesson.number for lesson in self.lessons.all()})

    def get_absolute_url(self) -> str:
        return reverse("practice", args=[self.slug])

    def clean(self) -> None:
        words = len(self.summary.split())
        if words > 60:
            raise ValidationError(
                {"summary": _("The summary has %(words)d words. The maximum is 60.") % {"words": words}}
            )

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        super().validate_constraints(exclude)
        known = not {"activity", "activity_checked_on"} & set(exclude or ())
        if known and self.activity == self.Activity.RUNNING and self.activity_checked_on is None:
            raise ValidationError(_("Enter the date when you checked that it is running."))

    @property
    def countries(self) -> list[Country]:
        """The countries of its places, without repeats, in order. No query after for_api()."""
        return list(dict.fromkeys(place.country for place in self.places.all()))

    def assigned_by_editors(self, objective: Objective) -> bool:
        """Return whether the editors assigned the objective: the practice began before the framework was
        adopted, or its beginning is unknown.
        """
        adopted = Framework(objective.framework).adopted
        return self.period_start is None or self.period_start < adopted


@receiver(pre_save, sender=Practice)
def keep_bounds_and_date(instance: Practice, **kwargs) -> None:
    """Derive the sort key of the title, the bounds of the period, and the date of the first publication.

    A signal and not `save()`, because fixtures are loaded without calling it.
    """
    if kwargs.get("raw"):  # fixtures do not name what the practice remembers of its lessons
        instance.keep_lesson_numbers()
    instance.title_sort = sort_key(instance.title)
    instance.period = Practice._meta.get_field("period").to_python(instance.period)
    instance.period_start = instance.period.start if instance.period else None
    instance.period_end = instance.period.end if instance.period else None
    if instance.status == Practice.Status.PUBLISHED and instance.published_at is None:
        instance.published_at = timezone.now()


class FormerSlug(NaturalKeyModel):
    """A former slug of a practice; its address redirects to the current one."""

    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    practice = models.ForeignKey(
        Practice, models.CASCADE, related_name="former_slugs", verbose_name=_("practice")
    )

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")

    def __str__(self) -> str:
        return self.slug


@cache
def child_models() -> dict[str, type[models.Model]]:
    """Return the kinds of rows that belong to a practice: accessor → model, in the order of their classes.

    They are the models with a cascading foreign key to it. Call it only when all models are loaded.
    """
    return {
        relation.get_accessor_name(): relation.related_model
        for relation in Practice._meta.related_objects
        if relation.one_to_many and relation.on_delete is models.CASCADE
    }
