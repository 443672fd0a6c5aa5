"""The history: versions of practices and other rows, the audit log, and imports."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RecordedAction(models.Model):
    """An action of a user. The name stays after the account is deleted."""

    at = models.DateTimeField(_("time"), auto_now_add=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=150, blank=True)

    class Meta:
        abstract = True
        ordering = ["-pk"]


class Revision(RecordedAction):
    """A version of a practice: after a form, a transition or an import, or before its deletion.

    It outlives its practice, so it stores the primary key as a number, and the slug.
    """

    class Action(models.TextChoices):
        FOUND = "found", _("First version recorded")
        CREATED = "created", _("Created")
        CHANGED = "changed", _("Changed")
        SUBMITTED = "submitted", _("Submitted for review")
        SENT_BACK = "sent_back", _("Returned to author")
        SCHEDULED = "scheduled", _("Publication scheduled")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Withdrawn")
        REOPENED = "reopened", _("Returned to draft")
        PREPARED = "prepared", _("Pending change created")
        DISCARDED = "discarded", _("Pending change discarded")
        RESTORED = "restored", _("Restored")
        IMPORTED = "imported", _("Imported")
        DELETED = "deleted", _("Deleted")

    key = models.PositiveBigIntegerField(_("key of the practice"), db_index=True)
    slug = models.SlugField(_("slug"), max_length=100, db_index=True)
    action = models.CharField(_("action"), max_length=12, choices=Action.choices)
    comment = models.TextField(_("comment"), blank=True)
    snapshot = models.JSONField(_("snapshot"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("owner")
    )

    class Meta(RecordedAction.Meta):
        verbose_name = _("version")
        verbose_name_plural = _("versions")

    def __str__(self) -> str:
        return f"{self.snapshot['title']} – {self.get_action_display()}"


class ReferenceVersion(RecordedAction):
    """A theme, actor, publication, objective or group of synonyms after a change, or before its deletion.

    It outlives the row, so it keeps the primary key as a number, and what was linked to the row.
    """

    class Action(models.TextChoices):
        FOUND = "found", _("First version recorded")
        CHANGED = "changed", _("Changed")
        DELETED = "deleted", _("Deleted")
        RESTORED = "restored", _("Restored")

    kind = models.CharField(_("kind"), max_length=20)  # the name of its model, as in Meta.model_name
    key = models.PositiveBigIntegerField(_("primary key"))
    title = models.CharField(_("title"), max_length=400)
    action = models.CharField(_("action"), max_length=12, choices=Action.choices)
    comment = models.TextField(_("comment"), blank=True)
    snapshot = models.JSONField(_("snapshot"))
    links = models.JSONField(_("linked rows"), default=dict)  # of a deletion: field → primary keys

    class Meta(RecordedAction.Meta):
        verbose_name = _("version of a theme, actor or publication")
        verbose_name_plural = _("versions of themes, actors and publications")
        indexes = [models.Index(fields=["kind", "key"], name="reference_version_of")]

    def __str__(self) -> str:
        return f"{self.title} – {self.get_action_display()}"


class AuditEntry(RecordedAction):
    """An entry of the audit log: logins, workflow transitions, changes of accounts. It is never changed.

    `practices` names those that the entry is about, each as {"key": primary key, "slug": …, "title": …}.
    """

    action = models.CharField(_("action"), max_length=40)
    about = models.CharField(_("about"), max_length=250, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True)
    # The unit that rate limits count (practices/values/client_network.py): an IPv4 address or an IPv6 /64.
    network = models.GenericIPAddressField(_("network"), null=True, editable=False)
    practices = models.JSONField(_("practices"), default=list, blank=True)

    class Meta(RecordedAction.Meta):
        verbose_name = _("audit log entry")
        verbose_name_plural = _("audit log")
        indexes = [models.Index(fields=["action", "at"], name="audit_action_at")]

    def __str__(self) -> str:
        return f"{self.action}: {self.about}"


class Import(RecordedAction):
    """An import of practices from a file, in a trial, completed or undone: its rows, and the result of
    each.
    """

    class State(models.TextChoices):
        TRIED = "tried", _("Checked")
        DONE = "done", _("Imported")
        UNDONE = "undone", _("Undone")

    file = models.CharField(_("file"), max_length=200)
    digest = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True, default="")
    state = models.CharField(_("status"), max_length=6, choices=State.choices, default=State.TRIED)
    lines = models.JSONField(_("rows"))
    done = models.JSONField(_("what was done"), default=list)
    finished_at = models.DateTimeField(_("imported or undone on"), null=True)

    class Meta(RecordedAction.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file
