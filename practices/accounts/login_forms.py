"""The login form of the admin."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.accounts.attempts import too_many_attempts, too_many_message
from practices.history.audit import record_audit_entry
from practices.models import User


class LoginForm(AdminAuthenticationForm):
    """Django's login form, which checks no password after too many failed attempts."""

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": gettext_lazy(
            "Enter the correct %(username)s and password. Only the password is case-sensitive."
        )
    }

    def clean(self) -> dict:
        if too_many_attempts(self.cleaned_data.get("username", ""), self.request):
            raise ValidationError(too_many_message())
        return super().clean()

    def confirm_login_allowed(self, user: User) -> None:
        """Raise ValidationError for an unusable account. Called only after the right password was entered."""
        if reason := refusal_reason(user):
            record_audit_entry("login not admitted", user, str(user), str(reason), self.request)
            raise ValidationError(reason)
        # Asked of the database: a password whose hash was renewed just now is taken for a lasting one.
        if User.objects.filter(pk=user.pk, one_time_until__lte=timezone.now()).exists():
            record_audit_entry("one-time password expired", user, str(user), request=self.request)
            raise ValidationError(
                _(
                    "Your one-time password has expired after seven days. Ask an administrator for "
                    "a new one, or use the link below to reset your password by e-mail."
                )
            )


def refusal_reason(user: User) -> str:
    """Return why a user may not use the admin and what helps, or an empty string."""
    if not user.is_active:
        return _("Your account is not active. Ask an administrator to select “Active” for your account.")
    if not user.is_staff:
        return _(
            "Your account may not use the editors’ pages. Ask an administrator to select “Staff "
            "status” for your account."
        )
    return ""
