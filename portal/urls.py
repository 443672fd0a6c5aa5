"""URL patterns: the admin, the API and the site."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path, re_path

from practices.accounts.admin_site import PortalAdminSite
from practices.accounts.password_reset import NewPasswordView, RequestResetView
from practices.serializers.problems import unknown_address

DESK = {"site_header": settings.SITE_NAME, "site_title": PortalAdminSite.site_title}

urlpatterns = [
    # A forgotten password; the admin’s own templates and names.
    path("admin/password_reset/", RequestResetView.as_view(extra_context=DESK), name="admin_password_reset"),
    path(
        "admin/password_reset/done/",
        auth.PasswordResetDoneView.as_view(extra_context=DESK),
        name="password_reset_done",
    ),
    path(
        "admin/reset/<uidb64>/<token>/",
        NewPasswordView.as_view(extra_context=DESK),
        name="password_reset_confirm",
    ),
    path(
        "admin/reset/done/",
        auth.PasswordResetCompleteView.as_view(extra_context=DESK),
        name="password_reset_complete",
    ),
    path("admin/", admin.site.urls),
    path("api/v1/", include("practices.api.urls")),
    re_path(r"^api(?P<rest>/[\s\S]*)?$", unknown_address),
    path("", include("practices.site.urls")),
]

handler400 = "practices.site.errors.bad_request"
handler404 = "practices.site.errors.not_found"
handler500 = "practices.site.errors.server_error"
