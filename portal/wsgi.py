"""What a server runs: Django, and in front of it the answers that are kept (not in development)."""

import gc
import os

gc.disable()  # while modules load nothing becomes garbage, and to look for it takes a sixth of the start

from django.core.wsgi import get_wsgi_application  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

django = get_wsgi_application()

from django.conf import settings  # noqa: E402 (only now are the settings and models there)

from portal import checks, metrics  # noqa: E402
from portal.front import Front  # noqa: E402
from portal.replica import for_a_reader  # noqa: E402
from practices.models.version import content_version  # noqa: E402

most = 0 if settings.DEBUG else settings.KEPT_MEGABYTES * 1_000_000
application = Front(django, for_a_reader(content_version), most)
checks.tell()
metrics.start(settings.METRICS_ADDRESS)
gc.freeze()  # nor will what is loaded now ever be
gc.enable()
