"""Pages of the desk beside Django's own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from practices.models import Practice


def page(request: HttpRequest, name: str, title: str, status: int = 200, **context: Any) -> TemplateResponse:
    """The template `name` below templates/admin/, with what every page of the desk shows."""
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/{name}.html", context, status=status)


def practice_page(request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
    """One that stands below the list of practices."""
    return page(request, f"practices/practice/{name}", title, opts=Practice._meta, **context)
