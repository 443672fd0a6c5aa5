"""Groups of synonyms, which editors maintain."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from practices.models.natural_keys import NaturalKeyModel

MAX_ENTRY_LENGTH = 900  # characters: a unique index of PostgreSQL takes at most 2,704 bytes


def split_words(text: str) -> list[str]:
    """The distinct words or short phrases of a group: one a line, or separated by commas."""
    words = (" ".join(word.split()) for word in text.replace(",", "\n").splitlines())
    return list(dict.fromkeys(word for word in words if word))


class Synonym(NaturalKeyModel):
    """A group of words with the same meaning, in any languages. A search for one finds the others too."""

    KEY = "words"

    words = models.TextField(
        _("words"),
        unique=True,
        validators=[MaxLengthValidator(MAX_ENTRY_LENGTH)],
        help_text=_(
            "Enter two or more, one on each line or separated by commas: seafarers, "
            "sailors, gens de mer, marinos"
        ),
    )

    class Meta:
        ordering = ["words"]
        verbose_name = _("group of synonyms")
        verbose_name_plural = _("groups of synonyms")

    def __str__(self) -> str:
        return ", ".join(split_words(self.words))

    def clean(self) -> None:
        if len(split_words(self.words)) < 2:
            message = _("Enter at least two words. “%(words)s” is only one.") % {"words": self.words}
            raise ValidationError({"words": message})
