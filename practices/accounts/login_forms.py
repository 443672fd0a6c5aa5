"""The login form of the admin."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.history.audit import record_audit_entry, too_many_attempts
from practices.models import User

TOO_MANY = gettext_lazy("Too many attempts. Try again in a quarter of an hour.")


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
            raise ValidationError(TOO_MANY)
        return super().clean()

    def confirm_login_allowed(self, user: User) -> None:
        """Called when the password was right: only then is it said what is wrong with the account."""
        if reason := refusal_reason(user):
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


def refusal_reason(user: User) -> str:
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
