from typing import Any

from django.core.management.commands import loaddata

from practices.search.index import together


class Command(loaddata.Command):
    """Django's own, with the search index brought up to date once at the end."""

    def handle(self, *args: Any, **options: Any) -> None:
        with together():
            super().handle(*args, **options)
