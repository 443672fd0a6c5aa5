"""A filter of the list of practices in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from practices.workflow import permissions
from practices.workflow.transitions import Status


class WaitingFilter(admin.SimpleListFilter):
    """Practices that wait for the user: their own drafts; for editors also practices in review."""

    title = gettext_lazy("needs action")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = dict(self.asked(request))
        counts = permissions.seen_by(request.user).aggregate(
            **{name: Count("pk", filter=which) for name, which in asked.items()}
        )
        return [(name, f"{LABELS[name]} ({counts[name]})") for name in asked]

    def asked(self, request: HttpRequest) -> list[tuple[str, Q]]:
        review = Q(status=Status.IN_REVIEW, publish_at__isnull=True)
        mine = Q(status=Status.DRAFT, owner=request.user)
        scheduled = Q(publish_at__isnull=False)
        editor = permissions.is_editor(request.user)
        me = [("me", review | mine if editor else mine)]
        return [*me, ("review", review), ("scheduled", scheduled)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        known = dict(self.asked(request))
        return queryset.filter(known[self.value()]) if self.value() in known else queryset


LABELS = {
    "me": gettext_lazy("Mine"),
    "review": gettext_lazy("In review"),
    "scheduled": gettext_lazy("Scheduled"),
}
