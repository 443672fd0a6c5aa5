"""Sessions with their users, so that users can see where they are logged in and end sessions."""

from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Self

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import DatabaseError, models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

IDLE = timedelta(hours=2)  # without a page or a saved form, and a login ends
REFRESH = timedelta(minutes=5)  # so seldom is written down that somebody is there: SQLite has one writer


class SessionQuerySet(models.QuerySet):
    def except_current(self, request: HttpRequest) -> Self:
        """Return all of these except the session of the request. No query."""
        return self.exclude(pk=hash_of(request.session.session_key))


class Session(AbstractBaseSession):
    """Django's session with its user.

    Only the cookie contains the key, so a person who reads the table or a backup cannot log in with it.
    """

    session_key = models.CharField(_("SHA-256 hash of the session key"), max_length=64, primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", editable=False
    )

    objects = SessionQuerySet.as_manager()

    @classmethod
    def get_session_store_class(cls) -> type:
        return SessionStore


class SessionStore(DatabaseStore):
    """A session ends twelve hours (the age of the cookie) after the login, and two hours after its last use.

    Rows are found by the hash of the key. The portal has no asynchronous views: of the asynchronous methods
    of Django's store only the one that creates a row is adapted, so that none stores a key.
    """

    ends_at: datetime | None = None  # as the database has it

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        row.session_key = hash_of(row.session_key)
        row.user_id = data.get("_auth_user_id")
        row.expire_date = end_of(data)
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        return self.create_model_instance(data)

    def _get_session_from_db(self) -> Session | None:
        rows = Session.objects.filter(pk=hash_of(self.session_key), expire_date__gt=timezone.now())
        row = rows.first()
        if row is None:
            self._session_key = None
        self.ends_at = row.expire_date if row else None
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(hash_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(hash_of(key))

    def used(self) -> None:
        """Extend the session. A page is shown even if this cannot be stored."""
        end = end_of(self)
        if self.ends_at and end - self.ends_at > REFRESH:
            with suppress(DatabaseError):
                Session.objects.filter(pk=hash_of(self.session_key)).update(expire_date=end)


def hash_of(session_key: str | None) -> str:
    """Return the hash of a key. A key has 165 random bits, so a fast hash without salt suffices (ASVS 5 asks
    for 112)."""
    return sha256((session_key or "").encode()).hexdigest()


def end_of(data: Any) -> datetime:
    now = timezone.now()
    began = datetime.fromisoformat(data["began"]) if "began" in data else now
    return min(now + IDLE, began + timedelta(seconds=settings.SESSION_COOKIE_AGE))
