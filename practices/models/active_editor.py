"""Editors who have a practice open in the admin."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ActiveEditor(models.Model):
    """When an editor last had the form of a practice open. It locks nothing."""

    practice = models.ForeignKey("practices.Practice", models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "user"], name="active_editor_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.practice}"
