"""The history of a practice: its versions with their changes, and restoring one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.core.validators import MaxLengthValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from practices.accounts.lookups import is_key
from practices.accounts.pages import practice_page
from practices.history import versions
from practices.history.differences import Reader, changes
from practices.history.snapshots import split_unknown, take_snapshot
from practices.history.versions import MAX_COMMENT_LENGTH, Action
from practices.models import Practice, Revision
from practices.workflow import permissions, transitions

VERSIONS_PER_PAGE = 20


def history(request: HttpRequest, object_id: str) -> HttpResponse:
    """Show the versions of a practice, the newest first, each with its changes."""
    if not is_key(Practice, object_id):
        raise Http404
    practice = get_object_or_404(permissions.seen_by(request.user), pk=object_id)
    page = Paginator(versions.versions_of(practice.pk), VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    older = versions.versions_of(practice.pk).filter(pk__lt=rows[-1].pk).first() if rows else None
    read = Reader()
    shown = [
        (row, changes(before.snapshot, row.snapshot, read) if before else None)
        for row, before in zip(rows, [*rows[1:], older], strict=False)  # none before the first form
    ]
    may = may_restore(request, practice)
    context = {"original": practice, "page": page, "versions": shown, "may_restore": may}
    return practice_page(request, "history", _("History"), **context)


def may_restore(request: HttpRequest, practice: Practice | None) -> bool:
    """Return whether the user may restore versions: of drafts that they may change, of published practices as
    a pending change, and editors also of deleted ones."""
    if practice is None:
        return permissions.is_editor(request.user)
    public = practice.status == Practice.Status.PUBLISHED
    return public or permissions.may_change(request.user, practice)


def deleted(request: HttpRequest) -> HttpResponse:
    """Show deleted practices, the latest first, to editors."""
    if not permissions.is_editor(request.user):
        raise PermissionDenied
    page = Paginator(versions.deleted_practices(), 100).get_page(request.GET.get("page"))
    return practice_page(request, "deleted", _("Deleted practices"), page=page)


def version(request: HttpRequest, key: int) -> HttpResponse:
    """Show a version next to the present state, with a button that restores it."""
    revision = get_object_or_404(Revision, pk=key)
    practice = Practice.objects.filter(pk=revision.key).first()
    if practice and not permissions.may_see(request.user, practice):
        raise Http404
    if not may_restore(request, practice):
        raise PermissionDenied
    refused: list[str] = []
    comment = request.POST.get("comment", "").strip()
    if request.method == "POST":
        try:
            MaxLengthValidator(MAX_COMMENT_LENGTH)(comment)
            restored = transitions.restore_practice(revision, request.user, comment)
        except ValidationError as error:
            refused = error.messages
        else:
            message = _("This version was restored as a draft. Owner: %(owner)s.")
            messages.success(request, message % {"owner": restored.owner or _("nobody")})
            return redirect("admin:practices_practice_change", restored.pk)
    made = take_snapshot(practice) if practice else {}
    now = versions.restorable_content(made)
    return practice_page(
        request,
        "version",
        _("Restore this version"),
        original=practice,
        version=revision,
        changes=changes(now, versions.restorable_content(revision.snapshot, made["lessons"]))
        if practice
        else None,
        gone=revision.action == Action.DELETED,
        refused=refused,
        unknown=split_unknown(revision.snapshot)[1],
        comment=comment,
    )
