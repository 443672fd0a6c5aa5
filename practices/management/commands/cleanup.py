from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from practices.models import AuditEntry

MAX_AGE = timedelta(days=400)  # of audit log entries: a year and a month


class Command(BaseCommand):
    help = (
        f"Deletes expired sessions, and entries of the audit log that are older than {MAX_AGE.days} days. "
        "Run this command once a day."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("clearsessions")
        deleted, _by_model = AuditEntry.objects.filter(at__lt=timezone.now() - MAX_AGE).delete()
        self.stdout.write(f"Deleted {deleted} entries of the audit log older than {MAX_AGE.days} days.")
