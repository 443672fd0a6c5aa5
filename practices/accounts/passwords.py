"""Validators of passwords."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from practices.search.tokenizer import fold

SITE_WORDS = (
    "practice practices portal useful migration migrant migrants development local editor admin password jmdi"
)
MIN_OTHER_LETTERS = 4


class SiteWordsValidator:
    """Refuses passwords that consist mostly of words of this site (ASVS 6.2.11)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError. Digits and signs do not count."""
        left = "".join(re.findall(r"[^\W\d_]", fold(password)))
        words = {*SITE_WORDS.split(), *fold(str(settings.SITE_NAME)).split()}
        held = [word for word in sorted(words, key=len, reverse=True) if word in left]
        for word in held:
            left = left.replace(word, "")
        if held and len(left) < MIN_OTHER_LETTERS:
            raise ValidationError(
                _("This password consists of words that appear on this site. Choose other words."),
                code="site_words",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t consist of words that appear on this site.")
