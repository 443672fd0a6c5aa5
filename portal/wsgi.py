"""The WSGI application that a server runs."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from portal import checks, metrics

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()
checks.log_problems()
metrics.start(settings.METRICS_ADDRESS)
