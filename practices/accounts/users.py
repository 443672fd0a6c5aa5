"""Accounts: who comes in, with what, from where; the log of the desk; a password that was forgotten."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyotp
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import PasswordResetForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.accounts import second_factor as factor
from practices.accounts.lookups import ListedLookups, ReadOnlyAdmin
from practices.accounts.pages import page
from practices.accounts.questions import OwnerForm, Question, listed, named
from practices.history.audit import attempt_name, record_audit_entry, too_many_attempts
from practices.models import AuditEntry, SecondFactor, Session, User
from practices.models.session import hash_of
from practices.workflow import owners

RESET = "password reset asked"
MOST_LETTERS = 20  # to one address in a quarter of an hour, whoever asks
MANY = gettext_lazy("Too many attempts. Try again in a quarter of an hour.")
PERSONAL = ["first_name", "last_name", "email", "own_password"]
NEW_ACCOUNT = ["username", "first_name", "last_name", "email", "groups", "is_staff", "must_change_password"]
LOGIN = ["must_change_password", "one_time_until", "must_have_second_factor"]
letters = ThreadPoolExecutor(max_workers=1)  # so that an answer takes as long whether a letter is sent or not


class LoginForm(AdminAuthenticationForm):
    """The admin's own, which looks at no password after too many wrong ones."""

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": gettext_lazy(
            "Please enter the correct %(username)s and password. Upper and lower case count in the password "
            "only."
        )
    }

    def clean(self) -> dict:
        if too_many_attempts(self.cleaned_data.get("username", ""), self.request):
            raise ValidationError(MANY)
        return super().clean()

    def confirm_login_allowed(self, user: User) -> None:
        """Called when the password was right: only then is it said what is wrong with the account."""
        if reason := not_admitted(user):
            record_audit_entry("login not admitted", user, str(user), str(reason), self.request)
            raise ValidationError(reason)
        # Asked of the database: a password whose hash was renewed just now is taken for a lasting one.
        if User.objects.filter(pk=user.pk, one_time_until__lte=timezone.now()).exists():
            record_audit_entry("one-time password expired", user, str(user), request=self.request)
            raise ValidationError(
                _(
                    "Your one-time password has expired: it was good for seven days. Ask an administrator "
                    "for a new one, or have a letter sent by the link below."
                )
            )


def not_admitted(user: User) -> str:
    """Why an account does not open the admin, and what helps; empty where it does."""
    if not user.is_active:
        return _(
            "Your name and password are right, but your account is switched off. Ask an administrator to "
            "tick “Active” at your account."
        )
    if not user.is_staff:
        return _(
            "Your name and password are right, but your account may not use this site. Ask an administrator "
            "to tick “Staff status” at your account."
        )
    return ""


class NewAccountForm(UserCreationForm):
    """All that makes a colleague an editor, on one page: a group, the tick that lets them in, and a password
    that they have to change."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        help_text=gettext_lazy("For a forgotten password."),
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label=gettext_lazy("Groups"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What the account may do. An account without a group may do nothing."),
    )

    class Meta(UserCreationForm.Meta):
        model = User
        fields = NEW_ACCOUNT

    def save(self, commit: bool = True) -> User:
        """Sets the tick after `set_password`, which takes a password for a lasting one."""
        user = super().save(commit=False)
        user.must_change_password = self.cleaned_data["must_change_password"]
        if commit:
            user.save()
            self.save_m2m()
        return user


class AccountForm(UserChangeForm):
    """Letters for a new password go to the e-mail address: whoever changes one, gives their own password."""

    own_password = forms.CharField(
        label=gettext_lazy("Your own password"), required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=gettext_lazy("Only to change the e-mail address, as letters for a new password go there."),
    )  # fmt: skip

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != "own_password"]

    def clean(self) -> dict:
        given, name = self.cleaned_data.get("own_password", ""), self.request.user.get_username()
        if "email" in self.changed_data:
            if too_many_attempts(name, self.request):
                self.add_error("own_password", MANY)
            elif not given or not authenticate(self.request, username=name, password=given):
                self.add_error("own_password", _("Give your own password to change the e-mail address."))
        return super().clean()


@admin.register(User)
class EditorAdmin(ListedLookups, UserAdmin):
    """Accounts of editors. Who is no superuser makes none, and changes none."""

    list_display = ["username", "first_name", "last_name", "email", "roles", "is_active", "last_login"]
    form, add_form = AccountForm, NewAccountForm
    add_form_template = "admin/change_form.html"  # Django's says that the rights come on the next page
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": [*NEW_ACCOUNT, "password1", "password2"]}),
    ]
    fieldsets = [
        UserAdmin.fieldsets[0],
        (gettext_lazy("Personal info"), {"fields": PERSONAL}),
        *UserAdmin.fieldsets[2:],
        (gettext_lazy("Login"), {"fields": LOGIN}),
    ]
    delete_confirmation_template = "admin/delete_one.html"
    delete_selected_confirmation_template = "admin/delete_many.html"
    actions = ["require_second_factor", "take_second_factor_away", "end_sessions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("groups")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True, "must_change_password": True}

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list:
        """People who only look at an account are asked for nothing; single permissions are shown to
        superusers, who alone can give them."""
        left = set() if self.has_change_permission(request, obj) else {"own_password"}
        left |= set() if request.user.is_superuser else {"user_permissions"}
        return [
            (head, told | {"fields": [name for name in told["fields"] if name not in left]})
            for head, told in super().get_fieldsets(request, obj)
        ]

    def get_form(self, request: HttpRequest, obj: User | None = None, **options: Any) -> type:
        form = super().get_form(request, obj, **options)
        form.request = request
        return form

    @admin.display(description=gettext_lazy("groups"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_touch(request, obj)

    def may_touch(self, request: HttpRequest, user: User | None) -> bool:
        return user is None or request.user.is_superuser or not user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        kept = [] if request.user.is_superuser else ["is_superuser", "user_permissions"]
        return [
            *super().get_readonly_fields(request, obj),
            "last_login",
            "date_joined",
            "one_time_until",
            *kept,
        ]

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> Any:
        return self.noted("account made", request, super().log_addition(request, obj, message))

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        return self.noted("account changed", request, super().log_change(request, obj, message))

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> Any:
        for user in queryset:
            owned = list(owners.owned_by([user]))
            record_audit_entry("account deleted", request.user, str(user), request=request, practices=owned)
        return super().log_deletions(request, queryset)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """The question before accounts are deleted: the practices of each, and who owns them then."""
        _listed, _counts, perms, protected = super().get_deleted_objects(objs, request)
        questions = [deletion(user) for user in objs]
        if any(question.named for question in questions):
            asked = bool(request.POST.get("post"))
            request.delete_form = OwnerForm(request.POST if asked else None, leave_out=objs)
            if asked and not request.delete_form.is_valid():
                request.POST = QueryDict()  # which has the question asked again
        return questions, {}, perms, protected

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        self.delete_queryset(request, User.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        form = getattr(request, "delete_form", None)
        with transaction.atomic():
            owners.give_all(list(queryset), form.chosen() if form else None, request.user, request)
            queryset.delete()

    def noted(self, action: str, request: HttpRequest, entry: Any) -> Any:
        record_audit_entry(action, request.user, entry.object_repr, entry.get_change_message(), request)
        return entry

    @admin.action(description=gettext_lazy("Require a second factor"), permissions=["change"])
    def require_second_factor(self, request: HttpRequest, users: QuerySet) -> None:
        for user in self.touchable(request, users):
            User.objects.filter(pk=user.pk).update(must_have_second_factor=True)
            record_audit_entry("second factor required", request.user, str(user), request=request)

    @admin.action(
        description=gettext_lazy("Take the second factor away (lost phone)"), permissions=["change"]
    )
    def take_second_factor_away(self, request: HttpRequest, users: QuerySet) -> None:
        for user in self.touchable(request, users):
            SecondFactor.objects.filter(user=user).delete()
            record_audit_entry("second factor taken away", request.user, str(user), request=request)

    @admin.action(description=gettext_lazy("Log out everywhere"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, users: QuerySet) -> None:
        for user in self.touchable(request, users):
            Session.objects.filter(user=user).except_current(request).delete()
            record_audit_entry("sessions ended", request.user, str(user), request=request)

    def touchable(self, request: HttpRequest, users: QuerySet) -> list[User]:
        """Those of the chosen that one may change; says how many were left."""
        chosen = [user for user in users if self.may_touch(request, user)]
        said = _("Done for %(done)d of %(all)d accounts.") % {"done": len(chosen), "all": users.count()}
        messages.success(request, said)
        return chosen


admin.site.unregister(Group)  # Django has registered it, with the lookups of its own


@admin.register(Group)
class RolesAdmin(ListedLookups, GroupAdmin):
    """Groups and their permissions, for superusers."""


def deletion(user: User) -> Question:
    """What the deletion of an account means. One query."""
    says = [_("What this person wrote stays, and their name stays in the history and in the log.")]
    heading = _("This account owns these practices:")
    return Question(named(user), says, heading=heading, **listed(owners.owned_by([user])))


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    """The log of the desk, to read."""

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
    """The practices of a line of the log by title, each with a link to it; the number of the others."""
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


# One’s own account -------------------------------------------------------------------------------------


def account(request: HttpRequest) -> HttpResponse:
    """Where one is logged in, with a button that ends it everywhere else."""
    sessions = Session.objects.filter(user=request.user, expire_date__gt=timezone.now())
    if request.method == "POST":
        sessions.except_current(request).delete()
        record_audit_entry("sessions ended", request.user, str(request.user), request=request)
        messages.success(request, _("You are logged out everywhere else."))
        return redirect("admin:account")
    rows = []
    for session in sessions:
        data = session.get_decoded()
        here = session.pk == hash_of(request.session.session_key)
        rows.append({**data, "here": here, "began": parse_datetime(data.get("began", ""))})
    rows.sort(key=lambda row: (not row["here"], -row["began"].timestamp() if row["began"] else 0))
    has_factor = SecondFactor.objects.filter(user=request.user).exists()
    return page(request, "account/account", _("Your account"), sessions=rows, has_factor=has_factor)


def code(request: HttpRequest) -> HttpResponse:
    """Asks for the second factor after the password."""
    if not request.session.get(factor.CODE_DUE):
        return redirect("admin:index")
    refused = False
    if request.method == "POST":
        if factor.accepts(request, request.POST.get("code", "")[: factor.LONGEST]):
            del request.session[factor.CODE_DUE]
            request.session.cycle_key()
            record_audit_entry(factor.GIVEN, request.user, str(request.user), request=request)
            return redirect("admin:index")
        refused = True
    return page(request, "account/code", _("Your code"), refused=refused)


def second_factor(request: HttpRequest) -> HttpResponse:
    """Sets up codes; where they are, renews the recovery codes or turns codes off, after one more code."""
    if SecondFactor.objects.filter(user=request.user).exists():
        return change_factor(request)
    secret = request.session.setdefault(factor.NEW_SECRET, pyotp.random_base32())
    if request.method == "POST":
        codes = factor.turn_on(request.user, secret, request.POST.get("code", "")[: factor.LONGEST])
        if codes:
            del request.session[factor.NEW_SECRET]
            Session.objects.filter(user=request.user).except_current(request).delete()
            record_audit_entry("second factor on", request.user, str(request.user), request=request)
            return page(request, "account/codes", _("Recovery codes"), codes=codes)
    import segno  # only to set up codes

    square = segno.make(factor.address_for_app(request.user, secret)).svg_inline(
        svgclass="code", lineclass=None, light="#fff", omitsize=True
    )
    return page(
        request,
        "account/set_up",
        _("Second factor"),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        square=mark_safe(square),
        refused=request.method == "POST",
    )


def change_factor(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("do")
    right = request.method == "POST" and factor.accepts(
        request, request.POST.get("code", "")[: factor.LONGEST]
    )
    if right and asked == "renew":
        record_audit_entry("recovery codes renewed", request.user, str(request.user), request=request)
        return page(request, "account/codes", _("Recovery codes"), codes=factor.renew_codes(request.user))
    if right and asked == "off" and not request.user.needs_second_factor:
        SecondFactor.objects.filter(user=request.user).delete()
        record_audit_entry("second factor off", request.user, str(request.user), request=request)
        messages.success(request, _("From now on the password alone is enough."))
        return redirect("admin:account")
    left = len(SecondFactor.objects.get(user=request.user).recovery)
    refused = request.method == "POST" and not right
    return page(request, "account/change_factor", _("Second factor"), left=left, refused=refused)


# A password that was forgotten -------------------------------------------------------------------------


class ResetForm(PasswordResetForm):
    def save(self, **options: Any) -> None:
        """Sends the letter, whose link leads to the site's own address whatever the request says."""
        site = urlsplit(settings.SITE_URL)
        options |= {"domain_override": site.netloc, "use_https": settings.HTTPS}
        super().save(**options)

    def send_mail(self, *args: Any, **options: Any) -> None:
        letters.submit(super().send_mail, *args, **options)


class Reset(PasswordResetView):
    """Says the same whoever asks; sends at most five e-mails in a quarter of an hour to one address when one
    network asks, and twenty when many do.

    Where no e-mail can be sent, a page says whom to ask instead.
    """

    form_class = ResetForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.EMAIL_BACKEND != "django.core.mail.backends.dummy.EmailBackend":
            return super().dispatch(request, *args, **kwargs)
        return page(request, "account/no_email", _("Reset password"), contact=settings.CONTACT_EMAIL)

    def form_valid(self, form: ResetForm) -> HttpResponse:
        email = form.cleaned_data["email"].casefold()
        if too_many_attempts(email, self.request, RESET, MOST_LETTERS):
            return redirect(self.get_success_url())
        record_audit_entry(RESET, about=attempt_name(email), request=self.request)
        return super().form_valid(form)


class NewPassword(PasswordResetConfirmView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        Session.objects.filter(user=form.user).delete()
        record_audit_entry("password reset", form.user, str(form.user), request=self.request)
        return response
