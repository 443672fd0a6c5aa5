"""Whose name and password these are."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from practices.models import User
from practices.models.user import password_forms


class AccountBackend(ModelBackend):
    """Names in any case, passwords in any form of their letters.

    An account that is deactivated is returned too, as Django's AllowAllUsersModelBackend does, so that the
    login form can say so to somebody who knows the password. The form lets nobody in who is not active
    (`confirm_login_allowed`), and a session of such an account is nobody's (`get_user` of ModelBackend).
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The account, or None. Takes as many hashes for a name that does not exist as for a wrong password,
        so that the time does not tell which names exist."""
        if username is None or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            for form in password_forms(password):
                User().set_password(form)
            return None
        return user if user.check_password(password) else None
