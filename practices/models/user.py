import unicodedata
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ONE_TIME = timedelta(days=7)


INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0"  # letters for Unicode, and so for Django’s validator
BEYOND_ASCII = "[^ -~]"
TAKEN = _("An account with this name already exists. Account names are not case-sensitive.")


def folded_name(name: str) -> str:
    """Return a user name for comparisons: the same in any case and Unicode form."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def password_forms(raw_password: str | None) -> list[str | None]:
    """Return a password as it is stored (NFKC), then as typed, for those stored so before.

    One entry if both are the same. Keyboards write accents in several ways.
    """
    if raw_password is None:
        return [None]
    return list(dict.fromkeys([unicodedata.normalize("NFKC", raw_password), raw_password]))


def validate_visible(name: str) -> None:
    """Refuse a name with an invisible character; Django's validator refuses spaces and signs."""
    for letter in name:
        if letter in INVISIBLE_LETTERS:
            raise ValidationError(
                _("“%(name)s” contains an invisible character (U+%(code)s). Enter the name without it."),
                params={"name": name, "code": f"{ord(letter):04X}"},
                code="invisible",
            )


class AccountManager(UserManager):
    """Finds accounts by their names in any case."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str) -> "User":
        """Return the account with this name. Raises DoesNotExist.

        One query for the account in any case and for all accounts with names beyond ASCII: databases do not
        treat “straße” and “STRASSE” as equal, nor does SQLite “É” and “é”.
        """
        wanted = folded_name(username)
        alike = models.Q(folded=wanted) | models.Q(username__regex=BEYOND_ASCII)
        rows = self.alias(folded=Lower("username")).filter(alike).order_by("pk")
        found = [row for row in rows if folded_name(row.username) == wanted]
        if not found:
            raise self.model.DoesNotExist
        # Of accounts that were made before their names counted as the same, each is found by its own.
        return next((row for row in found if row.username == username), found[0])

    def create_user(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> "User":
        return super().create_user(username, email, password_forms(password)[0], **fields)

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> "User":
        return super().create_superuser(username, email, password_forms(password)[0], **fields)


class User(AbstractUser):
    """An editor. A one-time password allows only choosing a lasting one."""

    username = models.CharField(
        _("username"),
        max_length=150,
        unique=True,
        help_text=_("At most 150 letters, digits and @ . + - _. Not case-sensitive."),
        validators=[AbstractUser.username_validator, validate_visible],
        error_messages={"unique": TAKEN},
    )
    must_change_password = models.BooleanField(
        _("must choose a new password"),
        default=False,
        help_text=_("The user must choose a new password at the next login."),
    )
    one_time_until = models.DateTimeField(_("one-time password expires at"), null=True, editable=False)

    must_have_second_factor = models.BooleanField(
        _("must use two-factor authentication"),
        default=False,
        help_text=_("The user must set up an authenticator app at the next login."),
    )

    objects = AccountManager()

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="user_name_in_any_case", violation_error_message=TAKEN
            )
        ]

    def clean(self) -> None:
        """Refuse a name that differs only in case from that of another account. Up to two queries."""
        super().clean()
        if not self.username:
            return  # the form has refused it already
        try:
            other = User.objects.get_by_natural_key(self.username)
        except User.DoesNotExist:
            return
        if other.pk != self.pk:
            raise ValidationError({"username": TAKEN})

    @property
    def needs_second_factor(self) -> bool:
        """Whether this account, or every account, requires codes."""
        return self.must_have_second_factor or settings.REQUIRE_SECOND_FACTOR

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(password_forms(raw_password)[0])
        self.must_change_password = False
        self.one_time_until = None

    def check_password(self, raw_password: str) -> bool:
        """Return whether the password is right. Compares one hash, or two for a password with several Unicode
        forms.
        """
        return any(super(User, self).check_password(form) for form in password_forms(raw_password))

    def set_one_time_password(self, raw_password: str) -> None:
        """Set a password that is valid for one login only. The caller saves."""
        self.set_password(raw_password)
        self.must_change_password = True

    def save(self, *args: Any, **options: Any) -> None:
        """Save; a password that must be changed expires after a week."""
        if not self.must_change_password:
            self.one_time_until = None
        elif self.one_time_until is None:
            self.one_time_until = timezone.now() + ONE_TIME
        super().save(*args, **options)


class SecondFactor(models.Model):
    """The secret that codes of an app are checked against. The row exists after a first correct code."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    secret = models.CharField(max_length=64)  # in base 32, as an app reads it
    last_step = models.PositiveBigIntegerField(default=0)  # the half minute of the last code that was used
    recovery = models.JSONField(default=list)  # hashes of the codes for a lost phone that are left

    def __str__(self) -> str:
        return str(self.user)
