"""All addresses: the editors' desk, the API, and the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("practices.api.urls")),
    path("", include("practices.urls")),
]

handler400 = "practices.views.errors.bad_request"
handler404 = "practices.views.errors.not_found"
