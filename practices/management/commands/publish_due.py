from typing import Any

from django.core.management.base import BaseCommand

from practices.workflow.transitions import publish_due


class Command(BaseCommand):
    help = (
        "Publishes what is due. The portal does so by itself when a page is asked for; a timer with this "
        "spares the first reader after the moment a wait."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for practice in publish_due():
            self.stdout.write(f"{practice.title} ({practice.slug}) is public.")
