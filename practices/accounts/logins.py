"""The authentication backend."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from practices.models import User
from practices.models.user import password_forms


class AccountBackend(ModelBackend):
    """Authenticates users by names in any case and passwords in any Unicode form.

    It also returns deactivated users, as Django's AllowAllUsersModelBackend does, so that the login form can
    explain this to somebody who knows the password. The form refuses them (`confirm_login_allowed`), and
    `get_user` of ModelBackend ignores their sessions.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user or None. An unknown name takes as many hashes as a wrong password, so that the time
        does not reveal which names exist."""
        if username is None or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            for form in password_forms(password):
                User().set_password(form)
            return None
        return user if user.check_password(password) else None
