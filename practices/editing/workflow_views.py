"""A practice's steps at the desk: who sees and changes what, and the page on which a step is taken."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from practices.accounts.deletion import OwnerForm, Question, WhyForm, named
from practices.accounts.pages import practice_page
from practices.history import versions
from practices.history.snapshots import RELATIONS, check_moment, take_snapshot
from practices.history.versions import LONGEST_COMMENT
from practices.models import Practice
from practices.models.practice import BY_TITLE
from practices.search.indexing import batch_reindex
from practices.workflow import owners, permissions, preview_links, transitions
from practices.workflow.transitions import STEPS, Status

LARGEST_KEY = 2**63 - 1
CHANGE = "admin:practices_practice_change"
PREVIEW = "preview"  # where a form may lead after saving, as to the steps


class StepForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Kept in the history, with your name and the day."),
    )
    publish_at = forms.DateTimeField(
        label=gettext_lazy("Not before"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Empty: at once."),
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
            raise ValidationError(_("This moment has passed. Choose one to come, or leave it empty."))
        return at


class Waiting(admin.SimpleListFilter):
    """What waits for the one who looks: their own drafts; for editors what is in review, too."""

    title = gettext_lazy("what waits")
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
    "me": gettext_lazy("For me"),
    "review": gettext_lazy("For an editor’s review"),
    "scheduled": gettext_lazy("For its day of publication"),
}


def chosen(request: HttpRequest) -> QuerySet[Practice]:
    """The practices that an address names, of those that the person sees, by title."""
    keys = [key for key in request.GET.getlist("practice")[:1000] if key.isdecimal() and len(key) < 19]
    return permissions.seen_by(request.user).filter(pk__in=keys).order_by(*BY_TITLE)


def why(request: HttpRequest) -> str:
    """What a person gives as the reason of a change or deletion."""
    return request.POST.get("why", "").replace("\0", "").strip()[:LONGEST_COMMENT]


def deletion(practice: Practice, has_change: bool) -> Question:
    """What the deletion of a practice means. No query."""
    if practice.replaces_id:
        says = [
            _("Only this prepared change is deleted. The public practice stays as it is."),
            _("The text stays in the history of the practice."),
        ]
    else:
        says = [_("It can be restored: an editor finds it at “Deleted practices”, with its history.")]
    if practice.status == Status.PUBLISHED:
        says.insert(0, _("It leaves the public site at once."))
    if has_change:
        says.append(_("The prepared change of it is deleted too."))
    return Question(named(practice), says)


# Why a form of a practice cannot be saved any more, by what it is now, and what one can do.
CLOSED = {
    Status.IN_REVIEW: gettext_lazy(
        "It was submitted for review meanwhile, and only editors change it now. One of them can send it back."
    ),
    Status.PUBLISHED: gettext_lazy(
        "It was published meanwhile. What is public is changed through a draft beside it: open the practice, "
        "choose “Prepare a change”, and put your text in there."
    ),
    Status.ARCHIVED: gettext_lazy(
        "It was archived meanwhile. An editor can take it back to a draft; then it can be changed again."
    ),
    None: gettext_lazy(
        "It is no longer there. Either somebody deleted it: an editor finds it at “Deleted practices” and "
        "can bring it back. Or it was the draft of a change, which is now published or thrown away: prepare "
        "a change of the practice anew. Your text goes in there."
    ),
}


class Workflow:
    """For the admin of practices: contributors keep to their own, what is public is changed by a draft beside
    it, and the status changes by steps alone."""

    change_form_template = "admin/practices/practice/change_form.html"
    delete_confirmation_template = "admin/delete_one.html"
    delete_selected_confirmation_template = "admin/delete_many.html"

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("owner/", view(self.owner), name="practices_practice_owner"),
            path("found/<int:key>/", view(self.found), name="practices_practice_found"),
            path("step/<slug:name>/", view(self.step), name="practices_practice_step"),
            path("<int:key>/preview/", view(self.preview), name="practices_practice_preview"),
            path("<int:key>/prepare/", view(self.prepare), name="practices_practice_prepare"),
            *super().get_urls(),
        ]

    # Who may do what -----------------------------------------------------------------------------------

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

    def get_readonly_fields(self, request: HttpRequest, obj: Practice | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "status", "address"]

    def get_fieldsets(self, request: HttpRequest, obj: Practice | None = None) -> list:
        """A draft beside a practice shows the address that it will have in the place of its own slug."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.replaces_id:
            return fieldsets
        return [
            (name, {**has, "fields": ["address" if field == "slug" else field for field in has["fields"]]})
            for name, has in fieldsets
        ]

    @admin.display(description=gettext_lazy("will replace"))
    def address(self, practice: Practice) -> str:
        url = practice.replaces.get_absolute_url()
        return format_html('<a href="{}">{}</a>', url, url)

    def closed_reason(self, row: Practice | None) -> str:
        return CLOSED[row.status if row else None]

    # What is kept ----------------------------------------------------------------------------------------

    def lock_row(self, object_id: str) -> Practice | None:
        """The practice, with its record as it is stored: the form changes the rows before it saves them."""
        row = super().lock_row(object_id)
        if row is not None:
            row.stored_snapshot = take_snapshot(row)
        return row

    def save_model(self, request: HttpRequest, obj: Practice, form: Any, change: bool) -> None:
        if change:
            versions.ensure_first_version(obj, obj.stored_snapshot)
        else:
            obj.owner = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        action = versions.Action.CHANGED if change else versions.Action.CREATED
        # The rows as they are stored now, not as the form fetched them.
        rows = Practice.objects.select_related("replaces").prefetch_related(*RELATIONS)
        stored = rows.get(pk=form.instance.pk)
        versions.save_version(stored, action, request.user, why(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """The question before practices are deleted: what happens, and that it can be undone."""
        _listed, _counts, perms, _protected = super().get_deleted_objects(objs, request)
        asked = request.POST if request.POST.get("post") else None
        request.delete_form = WhyForm(asked)
        changing = set(Practice.objects.filter(replaces__in=objs).values_list("replaces", flat=True))
        return [deletion(row, row.pk in changing) for row in objs], {}, perms, []

    def delete_model(self, request: HttpRequest, obj: Practice) -> None:
        transitions.delete([obj], request.user, why(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        transitions.delete(list(queryset), request.user, why(request))

    # The pages -------------------------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> Any:
        practice = context.get("original")
        if practice:
            beside = Practice.objects.filter(replaces=practice).first()
            context |= {
                "beside": beside if beside and permissions.may_see(request.user, beside) else None,
                "may_prepare": practice.status == Status.PUBLISHED and beside is None,
            }
        # To a new practice the steps of a draft are open.
        context["steps"] = transitions.open_steps(request.user, practice or Practice(owner=request.user))
        context["why"] = request.POST.get("why", "")
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Practice, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.on_to_step(request, obj) or super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Practice) -> HttpResponse:
        return self.on_to_step(request, obj) or super().response_change(request, obj)

    def on_to_step(self, request: HttpRequest, practice: Practice) -> HttpResponse | None:
        """After “Save and publish…” and the like, the page of the step; after “Save and preview”, that."""
        if request.POST.get("_step") == PREVIEW:
            return redirect("admin:practices_practice_preview", practice.pk)
        if request.POST.get("_step") in transitions.open_steps(request.user, practice):
            return self.to_step(request.POST["_step"], Practice.objects.filter(pk=practice.pk))
        return None

    @admin.action(description=gettext_lazy("Publish the chosen practices"), permissions=["publish"])
    def publish(self, request: HttpRequest, practices: QuerySet) -> HttpResponse:
        return self.to_step("publish", practices)

    @admin.action(
        description=gettext_lazy("Take the chosen practices back to drafts"), permissions=["publish"]
    )
    def take_back(self, request: HttpRequest, practices: QuerySet) -> HttpResponse:
        return self.to_step("reopen", practices)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return permissions.is_editor(request.user)

    @admin.action(
        description=gettext_lazy("Give the chosen practices to another owner"), permissions=["publish"]
    )
    def hand_over(self, request: HttpRequest, practices: QuerySet) -> HttpResponse:
        keys = "&".join(f"practice={key}" for key in practices.values_list("pk", flat=True))
        return redirect(f"{reverse('admin:practices_practice_owner')}?{keys}")

    def owner(self, request: HttpRequest) -> HttpResponse:
        """Gives practices to another owner, for editors."""
        if not permissions.is_editor(request.user):
            raise PermissionDenied
        practices = list(chosen(request).select_related("owner"))
        if not practices:
            raise Http404
        form = OwnerForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            changed = owners.hand_over(practices, form.chosen(), request.user, request)
            said = ngettext(
                "%(count)d practice has a new owner.", "%(count)d practices have a new owner.", len(changed)
            )
            messages.success(request, said % {"count": len(changed)})
            if len(practices) == 1:
                return redirect(CHANGE, practices[0].pk)
            return redirect("admin:practices_practice_changelist")
        return practice_page(request, "owner", _("Owner"), form=form, practices=practices)

    def found(self, request: HttpRequest, key: int) -> HttpResponse:
        """From a line of the log to its practice: its form, or the page that restores it."""
        slug = request.GET.get("slug", "")[:100]
        seen = permissions.seen_by(request.user)
        practice = seen.filter(pk=min(key, LARGEST_KEY)).first() or seen.filter(slug=slug).first()
        if practice:
            return redirect(CHANGE, practice.pk)
        gone = versions.deleted_practices().filter(key=min(key, LARGEST_KEY)).first()
        if gone is None or not permissions.is_editor(request.user):
            raise Http404
        return redirect("admin:practices_practice_version", gone.pk)

    def to_step(self, name: str, practices: QuerySet) -> HttpResponse:
        """The page that asks before anything is done."""
        keys = "&".join(f"practice={key}" for key in practices.values_list("pk", flat=True))
        return redirect(f"{reverse('admin:practices_practice_step', args=[name])}?{keys}")

    def step(self, request: HttpRequest, name: str) -> HttpResponse:
        """Asks for a comment and, to publish, a day; then takes the step with all the practices or none."""
        if name not in STEPS:
            raise Http404
        practices = list(chosen(request))
        if not practices and request.method == "POST":
            return self.closed_response(request, None)
        if not practices:
            raise Http404
        ready = [row for row in practices if transitions.may_take(STEPS[name], request.user, row)]
        if STEPS[name].editors_only and not permissions.is_editor(request.user):
            raise PermissionDenied
        form = StepForm(name, request.POST if request.method == "POST" else None)
        if ready and request.method == "POST" and form.is_valid():
            try:
                said = form.cleaned_data
                with batch_reindex():
                    done = [
                        transitions.take_step(
                            name, row, request.user, said["comment"], said.get("publish_at")
                        )
                        for row in ready
                    ]
            except ValidationError as error:
                form.add_error("comment" if hasattr(error, "error_dict") else None, error.messages)
            else:
                return self.after(request, done)
        left = [row for row in practices if row not in ready]
        return practice_page(request, "step", STEPS[name].label, form=form, ready=ready, left=left)

    def after(self, request: HttpRequest, done: list[Practice]) -> HttpResponse:
        """Says what became of them, and goes back to the one or to the list."""
        said = ngettext(
            "“%(title)s” is now: %(status)s.", "%(count)d practices are now: %(status)s.", len(done)
        ) % {"title": done[0], "count": len(done), "status": done[0].get_status_display()}
        if done[0].publish_at:
            day = timezone.localtime(done[0].publish_at)
            said += " " + _("It becomes public on %(day)s.") % {"day": f"{day:%Y-%m-%d %H:%M %Z}"}
        if len(done) == 1 and done[0].status == Status.PUBLISHED:
            said = format_html('{} <a href="{}">{}</a>', said, done[0].get_absolute_url(), _("See it."))
        messages.success(request, said)
        if len(done) == 1:
            return redirect(CHANGE, done[0].pk)
        return redirect("admin:practices_practice_changelist")

    def prepare(self, request: HttpRequest, key: int) -> HttpResponse:
        """Makes the draft beside a public practice, and opens it."""
        practice = get_object_or_404(permissions.seen_by(request.user), pk=min(key, LARGEST_KEY))
        if request.method != "POST":
            return redirect(CHANGE, key)
        try:
            draft = transitions.prepare_change(practice, request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(CHANGE, key)
        messages.info(request, _("Change this draft as you like. The public sees it when it is published."))
        return redirect(CHANGE, draft.pk)

    def preview(self, request: HttpRequest, key: int) -> HttpResponse:
        """A link to the page as it will be, for oneself and for people without an account."""
        practice = get_object_or_404(permissions.seen_by(request.user), pk=min(key, LARGEST_KEY))
        address, until = preview_links.link(practice)
        told = {"original": practice, "address": request.build_absolute_uri(address), "until": until}
        return practice_page(request, "preview", _("Preview"), **told)
