from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from practices.api import views
from practices.api.problems import unknown_address

app_name = "api"
router = SimpleRouter()
router.register("practices", views.PracticeViewSet, basename="practice")

urlpatterns = [
    path("", views.Root.as_view(), name="root"),
    *router.urls,
    re_path(r"^(?P<rest>.*)$", unknown_address),
]
