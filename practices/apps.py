import sqlite3
from contextlib import closing

from django.apps import AppConfig
from django.core.checks import Error, Tags, register
from django.core.management.base import CommandError
from django.db import connection, connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class PracticesConfig(AppConfig):
    name = "practices"
    verbose_name = _("Practices")

    def ready(self) -> None:
        # The models are loaded now. The audit log listens to logins before the second factor does.
        from practices.accounts import attempts  # noqa: F401
        from practices.history import audit  # noqa: F401
        from practices.models import content_version
        from practices.search import signals
        from practices.workflow import permissions, transitions

        signals.connect()
        content_version.due.connect(transitions.publish_scheduled)
        pre_migrate.connect(refuse_other_encodings, sender=self)
        post_migrate.connect(permissions.make_groups, sender=self)
        register(has_full_text_search, Tags.database)


def refuse_other_encodings(using: str, **kwargs: object) -> None:
    """Raise CommandError before the first migration of a PostgreSQL database without UTF-8."""
    if connections[using].vendor != "postgresql":
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    if encoding != "UTF8":
        raise CommandError(
            f"The encoding of the database {connections[using].settings_dict['NAME']} is {encoding}, which "
            "cannot hold all texts. Create it again: createdb --encoding UTF8 --template template0 NAME"
        )


def has_full_text_search(**kwargs: object) -> list[Error]:
    """System check: SQLite must have FTS5, the full-text search."""
    if connection.vendor != "sqlite":
        return []
    try:
        with closing(sqlite3.connect(":memory:")) as memory:
            memory.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
    except sqlite3.OperationalError:
        return [
            Error(
                f"This SQLite ({sqlite3.sqlite_version}) was built without FTS5, which the search needs.",
                hint="Use a Python whose SQLite has it, or PostgreSQL through DATABASE_URL.",
                id="practices.E001",
            )
        ]
    return []
