from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ONE_TIME = timedelta(days=7)


class User(AbstractUser):
    """An editor. A one-time password opens only the page where a lasting one is chosen."""

    must_change_password = models.BooleanField(
        _("must choose a new password"),
        default=False,
        help_text=_("At the next login, nothing else opens before a new password is chosen."),
    )
    one_time_until = models.DateTimeField(_("one-time password good until"), null=True, editable=False)

    must_have_second_factor = models.BooleanField(
        _("must use a second factor"),
        default=False,
        help_text=_("Nothing else opens before codes of an app are set up."),
    )

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"

    @property
    def needs_second_factor(self) -> bool:
        """Whether codes are required of this account, or of all."""
        return self.must_have_second_factor or settings.REQUIRE_SECOND_FACTOR

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.must_change_password = False
        self.one_time_until = None

    def set_one_time_password(self, raw_password: str) -> None:
        """Like set_password, but good for one login only. The caller saves."""
        self.set_password(raw_password)
        self.must_change_password = True

    def save(self, *args: Any, **options: Any) -> None:
        """From the moment that a password must be changed, it is good for a week."""
        if not self.must_change_password:
            self.one_time_until = None
        elif self.one_time_until is None:
            self.one_time_until = timezone.now() + ONE_TIME
        super().save(*args, **options)


class SecondFactor(models.Model):
    """What codes of an app are checked against. There is a row once a first code was right."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    secret = models.CharField(max_length=64)  # in base 32, as an app reads it
    last_step = models.PositiveBigIntegerField(default=0)  # the half minute of the last code that was used
    recovery = models.JSONField(default=list)  # hashes of the codes for a lost phone that are left

    def __str__(self) -> str:
        return str(self.user)
