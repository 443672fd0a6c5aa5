"""Users and groups in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import authenticate
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.accounts.attempts import too_many_attempts, too_many_message
from practices.accounts.deletion import OwnerForm, Question, listed, named
from practices.accounts.lookups import ListedLookups
from practices.history.audit import record_audit_entry
from practices.models import SecondFactor, Session, User
from practices.workflow import owners

PERSONAL = ["first_name", "last_name", "email", "own_password"]
NEW_ACCOUNT = ["username", "first_name", "last_name", "email", "groups", "is_staff", "must_change_password"]
LOGIN = ["must_change_password", "one_time_until", "must_have_second_factor"]


class NewAccountForm(UserCreationForm):
    """The form of a new user on one page: groups, staff status, and a password that has to be changed."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("Used to reset the password."),
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label=gettext_lazy("Groups"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Groups give permissions. An account without a group has none."),
    )

    class Meta(UserCreationForm.Meta):
        model = User
        fields = NEW_ACCOUNT

    def save(self, commit: bool = True) -> User:
        """Set `must_change_password` after `set_password`, which resets it."""
        user = super().save(commit=False)
        user.must_change_password = self.cleaned_data["must_change_password"]
        if commit:
            user.save()
            self.save_m2m()
        return user


class AccountForm(UserChangeForm):
    """The form of a user. Changing the e-mail address requires one's own password, because password resets
    are sent there.
    """

    own_password = forms.CharField(
        label=gettext_lazy("Your own password"), required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=gettext_lazy("Needed only to change the e-mail address, because password resets "
                               "are sent there."),
    )  # fmt: skip

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != "own_password"]

    def clean(self) -> dict:
        given, name = self.cleaned_data.get("own_password", ""), self.request.user.get_username()
        if "email" in self.changed_data:
            if too_many_attempts(name, self.request):
                self.add_error("own_password", too_many_message())
            elif not given or not authenticate(self.request, username=name, password=given):
                self.add_error("own_password", _("Enter your own password to change the e-mail address."))
        return super().clean()


@admin.register(User)
class PortalUserAdmin(ListedLookups, UserAdmin):
    """Users. Only superusers may change superusers or give single permissions."""

    list_display = ["username", "first_name", "last_name", "email", "roles", "is_active", "last_login"]
    form, add_form = AccountForm, NewAccountForm
    add_form_template = "admin/change_form.html"  # Django's says that the rights come on the next page
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": [*NEW_ACCOUNT, "password1", "password2"]}),
    ]
    fieldsets = [
        UserAdmin.fieldsets[0],
        (gettext_lazy("Personal details"), {"fields": PERSONAL}),
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
        """Return the fieldsets without the user's own password if the form is read-only, and without single
        permissions except for superusers.
        """
        left = set() if self.has_change_permission(request, obj) else {"own_password"}
        left |= set() if request.user.is_superuser else {"user_permissions"}
        return [
            (head, options | {"fields": [name for name in options["fields"] if name not in left]})
            for head, options in super().get_fieldsets(request, obj)
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
        """Return the practices of each user, and ask for their new owner."""
        _listed, _counts, perms, protected = super().get_deleted_objects(objs, request)
        questions = [deletion_of(user) for user in objs]
        if any(question.named for question in questions):
            data = request.POST if request.POST.get("post") else None
            request.delete_form = OwnerForm(data, leave_out=objs)
            protected = [*protected, *request.delete_form.errors]
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

    @admin.action(description=gettext_lazy("Require two-factor authentication"), permissions=["change"])
    def require_second_factor(self, request: HttpRequest, users: QuerySet) -> None:
        for user in self.touchable(request, users):
            User.objects.filter(pk=user.pk).update(must_have_second_factor=True)
            record_audit_entry("second factor required", request.user, str(user), request=request)

    @admin.action(
        description=gettext_lazy("Turn off two-factor authentication (lost phone)"), permissions=["change"]
    )
    def take_second_factor_away(self, request: HttpRequest, users: QuerySet) -> None:
        for user in self.touchable(request, users):
            SecondFactor.objects.filter(user=user).delete()
            record_audit_entry("second factor removed", request.user, str(user), request=request)

    @admin.action(description=gettext_lazy("Log out everywhere"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, users: QuerySet) -> None:
        for user in self.touchable(request, users):
            Session.objects.filter(user=user).except_current(request).delete()
            record_audit_entry("sessions ended", request.user, str(user), request=request)

    def touchable(self, request: HttpRequest, users: QuerySet) -> list[User]:
        """Return the selected users that the user may change; a message gives their number."""
        chosen = [user for user in users if self.may_touch(request, user)]
        message = _("%(done)d of %(all)d accounts changed.") % {"done": len(chosen), "all": users.count()}
        messages.success(request, message)
        return chosen


admin.site.unregister(Group)  # Django has registered it, with the lookups of its own


@admin.register(Group)
class PortalGroupAdmin(ListedLookups, GroupAdmin):
    """Groups and their permissions, for superusers."""


def deletion_of(user: User) -> Question:
    """Return the consequences of deleting a user. One query."""
    says = [_("This person’s texts are kept, and their name stays in the history and in the audit log.")]
    heading = _("This account owns these practices:")
    return Question(named(user), says, heading=heading, **listed(owners.owned_by([user])))
