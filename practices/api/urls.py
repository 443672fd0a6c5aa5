from django.urls import path, re_path

from practices.api import views
from practices.api.nouns import NOUNS, NounDetail, NounList
from practices.api.problems import unknown_address
from practices.api.schema import Schema, docs

app_name = "api"

urlpatterns = [
    path("", views.Root.as_view(), name="root"),
    path("practices/", views.PracticeList.as_view(), name="practice-list"),
    path("practices/<slug:slug>/", views.PracticeDetail.as_view(), name="practice-detail"),
    path("removed/", views.Removed.as_view(), name="removed"),
    path("lessons/", views.LessonList.as_view(), name="lesson-list"),
    path("lessons/<slug:slug>/<int:number>/", views.LessonDetail.as_view(), name="lesson-detail"),
    *(
        path(f"{plural}/", NounList.as_view(noun=noun), name=f"{noun.name}-list")
        for plural, noun in NOUNS.items()
    ),
    *(
        # The code of an SDG target has a dot in it.
        re_path(rf"^{plural}/(?P<key>[-\w.]+)/$", NounDetail.as_view(noun=noun), name=f"{noun.name}-detail")
        for plural, noun in NOUNS.items()
    ),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    re_path(r"^(?P<rest>[\s\S]*)$", unknown_address),
]
