from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from practices.management.progress import progress
from practices.models import ChangeLogEntry, Practice
from practices.models.change_log import log_changes
from practices.search import indexing

BATCH_SIZE = 100


class Command(BaseCommand):
    help = "Rebuilds the search index from the published practices. Searches use the old index until then."

    def handle(self, *args: Any, **options: Any) -> None:
        keys = list(Practice.objects.published().order_by("pk").values_list("pk", flat=True))
        known = ChangeLogEntry.objects.filter(removed=False, practice__isnull=False)
        hidden = known.exclude(practice__status=Practice.Status.PUBLISHED)
        with transaction.atomic():
            indexing.clear_index()
            log_changes(list(hidden.values_list("practice", flat=True)), [])
            for start in range(0, len(keys), BATCH_SIZE):
                batch = Practice.objects.filter(pk__in=keys[start : start + BATCH_SIZE])
                indexing.index_practices(batch, changed=False)
                if self.stdout.isatty():
                    progress(self.stdout, "practices", min(start + BATCH_SIZE, len(keys)), len(keys))
        self.stdout.write(f"Indexed {len(keys)} practices.")
