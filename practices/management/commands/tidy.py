from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from practices.models import AuditEntry

KEPT = timedelta(days=400)  # of the log of the desk: a year, and a month to look back at it


class Command(BaseCommand):
    help = (
        "Takes away what is no longer needed: logins that ended, and lines of the log of the desk that are "
        f"older than {KEPT.days} days. Run it once a day."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("clearsessions")
        gone, _by_model = AuditEntry.objects.filter(at__lt=timezone.now() - KEPT).delete()
        self.stdout.write(f"{gone} lines of the log of the desk were older than {KEPT.days} days.")
