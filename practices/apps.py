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
        # Only now are the models there to listen to. Who is logged in is written down, then asked for a code.
        from practices.history import audit  # noqa: F401
        from practices.models import version
        from practices.search import signals
        from practices.workflow import permissions, transitions

        signals.connect()
        version.due.connect(transitions.publish_scheduled)
        pre_migrate.connect(refuse_other_encodings, sender=self)
        post_migrate.connect(permissions.make_groups, sender=self)
        register(has_full_text_search, Tags.database)


def refuse_other_encodings(using: str, **kwargs: object) -> None:
    """CommandError before the first migration of a PostgreSQL database that cannot hold every character."""
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
    """An SQLite built without FTS5 cannot search: says so at the start."""
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
