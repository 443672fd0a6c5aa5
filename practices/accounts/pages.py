"""Responses for pages of the admin that Django does not have."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import CharField, Field, SlugField, TextField, URLField
from django.http import HttpRequest
from django.template.response import TemplateResponse

from practices.models import Practice
from practices.models.fields import PeriodField


def page(request: HttpRequest, name: str, title: str, status: int = 200, **context: Any) -> TemplateResponse:
    """Return the template `name` below templates/admin/ with the context that all pages of the admin have."""
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/{name}.html", context, status=status)


def practice_page(request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
    """Return a page below the list of practices."""
    return page(request, f"practices/practice/{name}", title, opts=Practice._meta, **context)


def with_direction(db_field: Field, field: forms.Field | None) -> forms.Field | None:
    """Return the form field with `dir=auto` if it holds text, but not codes or addresses."""
    text = isinstance(db_field, CharField | TextField) and not db_field.choices
    if field and text and not isinstance(db_field, SlugField | URLField | PeriodField):
        field.widget.attrs.setdefault("dir", "auto")
    return field
