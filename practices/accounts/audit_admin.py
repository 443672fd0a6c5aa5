"""The audit log in the admin, read-only."""

from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.accounts.lookups import ReadOnlyAdmin
from practices.models import AuditEntry


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    """The audit log, read-only."""

    list_display = ["at", "action", "name", "about", "about_practices", "address"]
    fields = ["at", "action", "name", "about", "comment", "all_practices", "address"]
    list_filter = ["action"]
    search_fields = ["name", "about", "comment", "address"]
    date_hierarchy = "at"
    ordering = ["-pk"]

    @admin.display(description=gettext_lazy("practices"))
    def about_practices(self, entry: AuditEntry) -> str:
        return links(entry.practices, 5)

    @admin.display(description=gettext_lazy("practices"))
    def all_practices(self, entry: AuditEntry) -> str:
        return links(entry.practices, 1000)


def links(practices: list[dict], most: int) -> str:
    """Return links to the first practices of an entry, and the number of the others."""
    rows = [
        (
            reverse("admin:practices_practice_found", args=[row["key"]]),
            urlencode({"slug": row["slug"]}),
            row["title"],
        )
        for row in practices[:most]
    ]
    shown = format_html_join("; ", '<a href="{}?{}">{}</a>', rows)
    more = len(practices) - most
    return shown if more <= 0 else format_html("{}; {}", shown, _("and %(more)d more") % {"more": more})
