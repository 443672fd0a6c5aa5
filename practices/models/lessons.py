"""Lessons and their permanent numbers."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from practices.models.children import PracticeChild
from practices.models.fields import MarkdownField
from practices.models.natural_keys import PracticeChildQuerySet

MAX_LESSON_NUMBER = 1_000_000  # the highest number that a file may name


class LessonQuerySet(PracticeChildQuerySet):
    def get_by_natural_key(self, practice: str, number: int | None, order: int) -> "Lesson":
        """Return the lesson with a number; older fixtures have None as the number, and match by order."""
        key = {"order": order} if number is None else {"number": number}
        return self.get(practice__slug=practice, **key)


class Lesson(PracticeChild):
    """One lesson learned. Its address is the practice's with `#lesson-` and its number.

    The number stays when lessons are reordered, and the practice gives it to no other lesson.
    """

    number = models.PositiveIntegerField(
        _("number"),
        blank=True,  # then the practice gives the next one
        editable=False,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_LESSON_NUMBER)],
        help_text=_("Permanent number, which is part of the web address. Leave empty for a new lesson."),
    )
    text = MarkdownField(
        _("lesson"), max_length=10_000, help_text=_("Markdown. One lesson that can be understood on its own.")
    )

    objects = LessonQuerySet.as_manager()

    class Meta(PracticeChild.Meta):
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        constraints = [
            *PracticeChild.Meta.constraints,
            models.UniqueConstraint(
                fields=["practice", "number"],
                name="lesson_number_unique",
                violation_error_message=_("Another lesson of this practice has this number."),
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="lesson_number_from_1"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def get_absolute_url(self) -> str:
        return f"{self.practice.get_absolute_url()}#{self.anchor}"

    def natural_key(self) -> tuple[str, int | None, int]:
        return (self.practice.slug, self.number, self.order)

    natural_key.dependencies = ["practices.practice"]

    @property
    def anchor(self) -> str:
        return f"lesson-{self.number}"


@receiver(pre_save, sender=Lesson)
def give_number(instance: Lesson, **kwargs) -> None:
    """Give a lesson without a number the next one of its practice, which remembers the highest.

    Two queries for a new lesson, one if it has a number, none for a stored one. A signal and not `save()`,
    because fixtures are loaded without calling it.
    """
    practices = type(instance.practice).objects
    if instance.number is None and instance.pk:  # of a fixture from before lessons had numbers
        instance.number = Lesson.objects.get(pk=instance.pk).number
    elif instance.number is None:
        own = practices.filter(pk=instance.practice_id)
        # A draft of a change and its practice count together, so that neither gives a number of the other.
        partner = practices.filter(Q(replaces=instance.practice_id) | Q(replacement=instance.practice_id))
        highest = Coalesce(models.Subquery(partner.values("last_lesson_number")[:1]), 0)
        own.update(last_lesson_number=Greatest("last_lesson_number", highest) + 1)  # which locks the row
        instance.number = own.values_list("last_lesson_number", flat=True).get()
        instance.practice.last_lesson_number = instance.number
    elif instance._state.adding:
        known = practices.filter(pk=instance.practice_id, last_lesson_number__lt=instance.number)
        known.update(last_lesson_number=instance.number)
