from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class EditorsDesk(AdminSite):
    """The admin under the portal's name; a one-time password opens only the page to choose a lasting one."""

    site_header = settings.SITE_NAME
    site_title = _("Editors’ desk")
    index_title = _("Editors’ desk")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)
        free = {self.password_change, self.password_change_done, self.logout}

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if getattr(request.user, "must_change_password", False) and view not in free:
                return redirect(f"{self.name}:password_change")
            return inner(request, *args, **kwargs)

        return guarded
