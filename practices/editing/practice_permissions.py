"""Permissions for practices in the admin."""

from django.db.models import QuerySet
from django.http import HttpRequest

from practices.models import Practice
from practices.workflow import permissions


class PracticePermissionsMixin:
    """For the admin of practices: contributors see and change their own drafts, editors all practices."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        found = super().get_queryset(request)
        return (
            found
            if permissions.is_editor(request.user)
            else found.filter(pk__in=permissions.seen_by(request.user))
        )

    def has_view_permission(self, request: HttpRequest, obj: Practice | None = None) -> bool:
        right = super().has_view_permission(request, obj)
        return right and (obj is None or permissions.may_see(request.user, obj))

    def has_change_permission(self, request: HttpRequest, obj: Practice | None = None) -> bool:
        right = super().has_change_permission(request, obj)
        return right and (obj is None or permissions.may_change(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Practice | None = None) -> bool:
        right = super().has_delete_permission(request, obj)
        return right and (obj is None or permissions.may_delete(request.user, obj))

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return permissions.is_editor(request.user)
