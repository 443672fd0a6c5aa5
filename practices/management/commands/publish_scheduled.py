from typing import Any

from django.core.management.base import BaseCommand

from practices.workflow.transitions import publish_scheduled


class Command(BaseCommand):
    help = (
        "Publishes practices whose scheduled time has passed. Requests also publish them; a timer that "
        "runs this command makes the first request faster."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for practice in publish_scheduled():
            self.stdout.write(f"{practice.title} ({practice.slug}) was published.")
