from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from practices.api.actors import ActorViewSet
from practices.api.changes import RemovedViewSet
from practices.api.countries import CountryViewSet
from practices.api.files import PracticeFileViewSet, TableFileViewSet
from practices.api.lessons import LessonViewSet
from practices.api.objectives import ObjectiveViewSet
from practices.api.practices import PracticeViewSet
from practices.api.publications import PublicationViewSet
from practices.api.root import Root
from practices.api.schema import SchemaView, docs
from practices.api.themes import ThemeViewSet
from practices.serializers.problems import unknown_address

app_name = "api"

router = SimpleRouter()
router.register("practices", PracticeViewSet, basename="practice")
router.register("removed", RemovedViewSet, basename="removed")
router.register("actors", ActorViewSet, basename="actor")
router.register("countries", CountryViewSet, basename="country")
router.register("themes", ThemeViewSet, basename="theme")
router.register("objectives", ObjectiveViewSet, basename="objective")
router.register("publications", PublicationViewSet, basename="publication")

one, many = {"get": "retrieve"}, {"get": "list"}
urlpatterns = [
    path("", Root.as_view(), name="root"),
    path("lessons/", LessonViewSet.as_view(many, detail=False), name="lesson-list"),
    path(
        "lessons/<slug:slug>/<int:number>/",
        LessonViewSet.as_view(one, detail=True),
        name="lesson-detail",
    ),
    *router.urls,
    path(
        "files/practices.<str:format>",
        PracticeFileViewSet.as_view(many, detail=False),
        name="practice-list-file",
    ),
    path(
        "files/practices/<slug:slug>.<str:format>",
        PracticeFileViewSet.as_view(one, detail=True),
        name="practice-file",
    ),
    path(
        "files/tables/<slug:table>.csv",
        TableFileViewSet.as_view(many, detail=False),
        {"format": "csv"},
        name="table-file",
    ),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    re_path(r"^(?P<rest>[\s\S]*)$", unknown_address),
]
