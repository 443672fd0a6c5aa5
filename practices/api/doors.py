"""The views of the API by the names of their addresses."""

from practices.api import views
from practices.api.nouns import NOUNS, NounDetail, NounList
from practices.api.schema import Schema, docs

DOORS = {
    "root": views.Root.as_view(),
    "practice-list": views.PracticeList.as_view(),
    "practice-detail": views.PracticeDetail.as_view(),
    "practices-file": views.PracticesFile.as_view(),
    "table-file": views.TableFile.as_view(),
    "practice-file": views.PracticeFile.as_view(),
    "removed": views.Removed.as_view(),
    "lesson-list": views.LessonList.as_view(),
    "lesson-detail": views.LessonDetail.as_view(),
    **{f"{noun.name}-list": NounList.as_view(noun=noun) for noun in NOUNS.values()},
    **{f"{noun.name}-detail": NounDetail.as_view(noun=noun) for noun in NOUNS.values()},
    "schema": Schema.as_view(),
    "docs": docs,
}
