from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """An editor. A one-time password opens only the page where a lasting one is chosen."""

    must_change_password = models.BooleanField(
        _("must choose a new password"),
        default=False,
        help_text=_("At the next login, nothing else opens before a new password is chosen."),
    )

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.must_change_password = False

    def set_one_time_password(self, raw_password: str) -> None:
        """Like set_password, but good for one login only. The caller saves."""
        self.set_password(raw_password)
        self.must_change_password = True
