"""Views of the workflow: steps such as publishing, owners, pending changes, previews."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from practices.accounts.deletion import OwnerForm, Question, named
from practices.accounts.lookups import is_key
from practices.accounts.pages import practice_page
from practices.editing.conflict_admin import closed_response
from practices.history import versions
from practices.history.snapshot_values import check_moment
from practices.history.versions import MAX_COMMENT_LENGTH
from practices.models import Practice
from practices.models.practice import BY_TITLE
from practices.search.indexing import batch_reindex
from practices.workflow import owners, permissions, preview_links, transitions
from practices.workflow.transitions import STEPS, Status

CHANGE = "admin:practices_practice_change"
PREVIEW = "preview"  # where a form may lead after saving, as to the steps


class StepForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=MAX_COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Your name, the date and this comment are kept in the history."),
    )
    publish_at = forms.DateTimeField(
        label=gettext_lazy("Publish on"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Leave empty to publish now."),
    )

    def __init__(self, step: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = STEPS[step].needs_comment
        if step != "publish":
            del self.fields["publish_at"]
        else:
            zone = timezone.get_current_timezone_name()
            self.fields["publish_at"].label += f" ({zone})"

    def clean_publish_at(self) -> Any:
        at = self.cleaned_data["publish_at"]
        if at:
            check_moment(at)
        if at and at <= timezone.now() - timedelta(minutes=1):
            raise ValidationError(_("Enter a time in the future, or leave empty."))
        return at


def chosen_practices(request: HttpRequest) -> QuerySet[Practice]:
    """Return the practices in the query string that the user may see, by title."""
    keys = [key for key in request.GET.getlist("practice")[:1000] if is_key(Practice, key)]
    return permissions.seen_by(request.user).filter(pk__in=keys).order_by(*BY_TITLE)


CLOSED = {
    Status.IN_REVIEW: gettext_lazy(
        "The practice has been submitted for review. Only editors can change it now. An editor can return "
        "it to you."
    ),
    Status.PUBLISHED: gettext_lazy(
        "The practice has been published. Changes now need a draft: open the practice, select “Edit in a "
        "draft”, and paste your text."
    ),
    Status.ARCHIVED: gettext_lazy(
        "The practice has been withdrawn. An editor can return it to draft. Then you can change it again."
    ),
    None: gettext_lazy(
        "The practice no longer exists. If someone deleted it, an editor can restore it under “Deleted "
        "practices”. If it was a pending change, it has been published or discarded: select “Edit "
        "in a draft” at the practice again, and paste your text."
    ),
}


def closed_reason(row: Practice | None) -> str:
    """Return why a practice (None if deleted) cannot be saved now, and what an editor can do."""
    return str(CLOSED[row.status if row else None])


def redirect_to_step(name: str, practices: QuerySet) -> HttpResponse:
    """Return a redirect to the page that confirms a step."""
    keys = "&".join(f"practice={key}" for key in practices.values_list("pk", flat=True))
    return redirect(f"{reverse('admin:practices_practice_step', args=[name])}?{keys}")


def take_step(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for a comment and, to publish, a date; then take the step with all the practices or none."""
    if name not in STEPS:
        raise Http404
    practices = list(chosen_practices(request))
    if not practices and request.method == "POST":
        return closed_response(request, None, closed_reason(None))
    if not practices:
        raise Http404
    ready = [row for row in practices if transitions.may_take(STEPS[name], request.user, row)]
    if STEPS[name].editors_only and not permissions.is_editor(request.user):
        raise PermissionDenied
    form = StepForm(name, request.POST if request.method == "POST" else None)
    if ready and request.method == "POST" and form.is_valid():
        try:
            values = form.cleaned_data
            with batch_reindex():
                done = [
                    transitions.take_step(
                        name, row, request.user, values["comment"], values.get("publish_at")
                    )
                    for row in ready
                ]
        except ValidationError as error:
            form.add_error("comment" if hasattr(error, "error_dict") else None, error.messages)
        else:
            return say_done(request, done)
    unavailable = [row for row in practices if row not in ready]
    return practice_page(request, "step", STEPS[name].label, form=form, ready=ready, unavailable=unavailable)


def say_done(request: HttpRequest, done: list[Practice]) -> HttpResponse:
    """Add a message about the new status; return a redirect to the practice or to the list."""
    message = ngettext(
        "“%(title)s” now has the status: %(status)s.",
        "%(count)d practices now have the status: %(status)s.",
        len(done),
    ) % {"title": done[0], "count": len(done), "status": done[0].get_status_display()}
    if done[0].publish_at:
        day = timezone.localtime(done[0].publish_at)
        message += " " + _("It will be published on %(day)s.") % {"day": f"{day:%Y-%m-%d %H:%M %Z}"}
    if len(done) == 1 and done[0].status == Status.PUBLISHED:
        message = format_html('{} <a href="{}">{}</a>', message, done[0].get_absolute_url(), _("View it"))
    messages.success(request, message)
    if len(done) == 1:
        return redirect(CHANGE, done[0].pk)
    return redirect("admin:practices_practice_changelist")


def choose_owner(request: HttpRequest) -> HttpResponse:
    """Give practices to another owner, for editors."""
    if not permissions.is_editor(request.user):
        raise PermissionDenied
    practices = list(chosen_practices(request).select_related("owner"))
    if not practices:
        raise Http404
    form = OwnerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        changed = owners.set_owner(practices, form.chosen(), request.user, request)
        message = ngettext(
            "%(count)d practice has a new owner.", "%(count)d practices have a new owner.", len(changed)
        )
        messages.success(request, message % {"count": len(changed)})
        if len(practices) == 1:
            return redirect(CHANGE, practices[0].pk)
        return redirect("admin:practices_practice_changelist")
    return practice_page(request, "owner", _("Owner"), form=form, practices=practices)


def find_practice(request: HttpRequest, key: int) -> HttpResponse:
    """Redirect from an entry of the audit log to its practice, or to the page that restores it."""
    slug = request.GET.get("slug", "")[:100]
    seen = permissions.seen_by(request.user)
    practice = seen.filter(pk=key).first() or seen.filter(slug=slug).first()
    if practice:
        return redirect(CHANGE, practice.pk)
    gone = versions.deleted_practices().filter(key=key).first()
    if gone is None or not permissions.is_editor(request.user):
        raise Http404
    return redirect("admin:practices_practice_version", gone.pk)


def prepare_change(request: HttpRequest, key: int) -> HttpResponse:
    """Create the pending change of a published practice and open it."""
    practice = get_object_or_404(permissions.seen_by(request.user), pk=key)
    if request.method != "POST":
        return redirect(CHANGE, key)
    try:
        draft = transitions.prepare_change(practice, request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(CHANGE, key)
    messages.info(request, _("Edit this draft. Readers see your changes when you publish it."))
    return redirect(CHANGE, draft.pk)


def preview(request: HttpRequest, key: int) -> HttpResponse:
    """Show a link to the preview, also for people without an account."""
    practice = get_object_or_404(permissions.seen_by(request.user), pk=key)
    address, until = preview_links.link(practice)
    context = {"original": practice, "address": request.build_absolute_uri(address), "until": until}
    return practice_page(request, "preview", _("Preview"), **context)


# Actions of the list


@admin.action(description=gettext_lazy("Publish selected practices"), permissions=["publish"])
def publish(model_admin: admin.ModelAdmin, request: HttpRequest, practices: QuerySet) -> HttpResponse:
    return redirect_to_step("publish", practices)


@admin.action(description=gettext_lazy("Return selected practices to draft"), permissions=["publish"])
def return_to_draft(model_admin: admin.ModelAdmin, request: HttpRequest, practices: QuerySet) -> HttpResponse:
    return redirect_to_step("reopen", practices)


@admin.action(description=gettext_lazy("Change the owner of selected practices"), permissions=["publish"])
def change_owner(model_admin: admin.ModelAdmin, request: HttpRequest, practices: QuerySet) -> HttpResponse:
    keys = "&".join(f"practice={key}" for key in practices.values_list("pk", flat=True))
    return redirect(f"{reverse('admin:practices_practice_owner')}?{keys}")


# What forms send, and what a deletion means


def comment_in(request: HttpRequest) -> str:
    """Return the reason that an editor gives for a change or a deletion."""
    return request.POST.get("reason", "").replace("\0", "").strip()[:MAX_COMMENT_LENGTH]


def deletion_of(practice: Practice, has_change: bool) -> Question:
    """Return the consequences of deleting a practice. No query."""
    if practice.replaces_id:
        says = [
            _("Only this pending change is deleted. The public practice does not change."),
            _("The text stays in the history of the practice."),
        ]
    else:
        says = [_("Editors can restore it under “Deleted practices”, with its history.")]
    if practice.status == Status.PUBLISHED:
        says.insert(0, _("It is removed from the public site immediately."))
    if has_change:
        says.append(_("Its pending change is also deleted."))
    return Question(named(practice), says)
