"""The form of a practice, laid out as the booklet is: what, where, when, who, sources, story, lessons."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from practices.admin import assist
from practices.admin.both import BothTexts
from practices.admin.rows import (
    CorridorInline,
    ImageInline,
    LessonInline,
    ParticipationInline,
    PlaceInline,
    SourceInline,
)
from practices.admin.widgets import markdown, period
from practices.completeness import completeness, stored
from practices.map import HEIGHT, WIDTH
from practices.models.fields import MarkdownField, PeriodField

# The parts of the form: a set of fields by its first one, rows by their name. What is not named stands last.
PARTS = [
    *("title", "places", "corridors", "period", "participations", "sources", "story", "lessons", "images"),
    *("themes", "publication"),
]


class PracticeForm(BothTexts):
    """What PracticeAdmin needs for its form."""

    change_form_template = "admin/practice_form.html"
    inlines = [
        *(PlaceInline, CorridorInline, ParticipationInline, SourceInline, LessonInline, ImageInline),
    ]
    formfield_overrides = {MarkdownField: {"widget": markdown(12)}, PeriodField: {"widget": period()}}

    def get_urls(self) -> list:
        return [*assist.addresses(self.admin_site.admin_view), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        sets = {fieldset.fields[0] if isinstance(fieldset.fields[0], str) else fieldset.fields[0][0]: fieldset
                for fieldset in context["adminform"]}  # fmt: skip
        parts = sets | {inline.formset.prefix: inline for inline in context["inline_admin_formsets"]}
        context |= {
            "parts": [parts[name] for name in sorted(parts, key=lambda name: place_of(name, list(parts)))],
            "lacks": completeness(stored(obj)) if obj else None,
            "map": {"width": WIDTH, "height": HEIGHT},
            "every": assist.EVERY,
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


def place_of(name: str, names: list[str]) -> int:
    return PARTS.index(name) if name in PARTS else len(PARTS) + names.index(name)
