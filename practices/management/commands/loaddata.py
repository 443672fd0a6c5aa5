from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.commands import loaddata
from django.db import DEFAULT_DB_ALIAS

from practices.history.reference_versions import recorded_changes
from practices.models import Practice
from practices.search.indexing import batch_reindex


class Command(loaddata.Command):
    """Django's command, which updates the search index once at the end.

    Fixtures that change practices of a portal save versions of them and an audit entry.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        names = ", ".join(Path(name).name for name in args)
        ours = options["database"] == DEFAULT_DB_ALIAS and Practice.objects.exists()
        with batch_reindex(), recorded_changes("fixtures loaded", names) if ours else nullcontext():
            super().handle(*args, **options)
