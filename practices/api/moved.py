"""Redirects from former slugs of practices."""

from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from practices.api.base import ReadOnlyViewSet
from practices.api.errors import Gone
from practices.api.links import with_query
from practices.models import ChangeLogEntry, Practice


def moved_response(view: ReadOnlyViewSet, slug: str) -> HttpResponseBase:
    """Return a redirect (301) from a former slug to the practice; 410 if it was public, else 404."""
    if moved := Practice.objects.published().filter(former_slugs__slug=slug).first():
        match = view.request.resolver_match
        path = reverse(match.view_name, kwargs=match.kwargs | {"slug": moved.slug})
        return redirect(with_query(path, view.request.META["QUERY_STRING"]), permanent=True)
    if ChangeLogEntry.objects.filter(slug=slug, removed=True).exists():
        raise Gone(_("The practice “%(slug)s” has been withdrawn.") % {"slug": slug})
    raise exceptions.NotFound(_("There is no practice “%(slug)s”.") % {"slug": slug})
