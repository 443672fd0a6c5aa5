from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from practices.serializers.problems import unknown_address

app_name = "api"


def door(name: str) -> Callable[..., HttpResponseBase]:
    """A view by its name. Pages need the addresses alone, and REST framework, with all it brings along, would
    take a tenth of the whole start: it is imported when the first door opens."""

    @csrf_exempt
    def view(request: HttpRequest, **values: Any) -> HttpResponseBase:
        from practices.api.doors import DOORS

        return DOORS[name](request, **values)

    return view


def noun(name: str, plural: str) -> list[URLPattern]:
    return [
        path(f"{plural}/", door(f"{name}-list"), name=f"{name}-list"),
        # The code of an SDG target has a dot in it.
        re_path(rf"^{plural}/(?P<key>[-\w.]+)/$", door(f"{name}-detail"), name=f"{name}-detail"),
    ]


urlpatterns = [
    path("", door("root"), name="root"),
    path("practices/", door("practice-list"), name="practice-list"),
    path("practices/<slug:slug>/", door("practice-detail"), name="practice-detail"),
    path("files/practices.<str:format>", door("practices-file"), name="practices-file"),
    path("files/tables/<slug:table>.csv", door("table-file"), name="table-file"),
    path("files/practices/<slug:slug>.<str:format>", door("practice-file"), name="practice-file"),
    path("removed/", door("removed"), name="removed"),
    path("lessons/", door("lesson-list"), name="lesson-list"),
    path("lessons/<slug:slug>/<int:number>/", door("lesson-detail"), name="lesson-detail"),
    *noun("actor", "actors"),
    *noun("country", "countries"),
    *noun("theme", "themes"),
    *noun("objective", "objectives"),
    *noun("publication", "publications"),
    path("schema/", door("schema"), name="schema"),
    path("docs/", door("docs"), name="docs"),
    re_path(r"^(?P<rest>[\s\S]*)$", unknown_address),
]
