"""Sessions that know whose they are, so that people see where they are logged in, and end it."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import DatabaseError, models
from django.utils import timezone

IDLE = timedelta(hours=2)  # without a page or a saved form, and a login ends
REFRESH = timedelta(minutes=5)  # so seldom is written down that somebody is there: SQLite has one writer


class Session(AbstractBaseSession):
    """Django's own session, with its user beside it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions", editable=False
    )

    @classmethod
    def get_session_store_class(cls) -> type:
        return SessionStore


class SessionStore(DatabaseStore):
    """A login ends twelve hours (the age of the cookie) after it began, and two hours after its last use."""

    ends_at: datetime | None = None  # as the database has it

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        row.user_id = data.get("_auth_user_id")
        row.expire_date = end_of(data)
        return row

    def _get_session_from_db(self) -> Session | None:
        row = super()._get_session_from_db()
        self.ends_at = row.expire_date if row else None
        return row

    def used(self) -> None:
        """Moves the end of the login; a page is shown even where that cannot be written."""
        end = end_of(self)
        if self.ends_at and end - self.ends_at > REFRESH:
            with suppress(DatabaseError):
                Session.objects.filter(pk=self.session_key).update(expire_date=end)


def end_of(data: Any) -> datetime:
    now = timezone.now()
    began = datetime.fromisoformat(data["began"]) if "began" in data else now
    return min(now + IDLE, began + timedelta(seconds=settings.SESSION_COOKIE_AGE))
