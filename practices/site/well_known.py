"""Addresses that browsers and search engines request."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from practices.search.suggestions import MAX_TEXT_LENGTH, suggestions

SUGGESTION_FORMATS = ("json", "opensearch")
SECURITY_NOTE_DAYS = 180  # RFC 9116 wants less than a year


@require_safe
@cache_control(public=True, max_age=60)
def suggest(request: HttpRequest) -> JsonResponse:
    """Return suggestions for the search box. At most eight queries.

    `format=opensearch` is for the address bar of a browser, which reads only the format of OpenSearch.
    """
    text, form = request.GET.get("q", ""), request.GET.get("format") or "json"
    if form not in SUGGESTION_FORMATS:
        message = _("“%(value)s” is not a valid choice. Accepted: %(accepted)s.")
        accepted = {"value": form[:60], "accepted": ", ".join(SUGGESTION_FORMATS)}
        return JsonResponse({"error": f"format: {message % accepted}"}, status=400)
    if len(text) > MAX_TEXT_LENGTH:
        message = _("q has %(length)s characters. Suggestions accept at most %(most)s.")
        return JsonResponse({"error": message % {"length": len(text), "most": MAX_TEXT_LENGTH}}, status=400)
    found = suggestions(text)
    if form == "opensearch":
        return JsonResponse(
            [
                text,
                [row.label for row in found],
                [str(row.kind.label) for row in found],
                [settings.SITE_URL + row.url for row in found],
            ],
            safe=False,
            content_type="application/x-suggestions+json",
        )
    rows = [
        {"kind": row.kind.value, "kind_label": str(row.kind.label), "label": row.label, "url": row.url}
        for row in found
    ]
    return JsonResponse({"suggestions": rows})


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def opensearch(request: HttpRequest) -> HttpResponse:
    """Return the description that lets a browser search the portal from its address bar (OpenSearch 1.1)."""
    context = {"description": _("Practices on migration and local development")}
    return render(request, "opensearch.xml", context, "application/opensearchdescription+xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Return robots.txt: everything is allowed except the admin and suggestions."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        f"Disallow: {reverse('suggest')}",
        "Disallow: /*?in=",  # a practice within a list, which has its own address
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return plain(lines)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Return where to report a vulnerability (RFC 9116); 404 without a contact address."""
    if not settings.CONTACT_EMAIL:
        raise Http404
    until = timezone.now() + timedelta(days=SECURITY_NOTE_DAYS)
    lines = [
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        f"Expires: {until:%Y-%m-%dT00:00:00Z}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.SITE_URL}{reverse('security')}",
    ]
    return plain(lines)


def plain(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Redirect to the icon for pages that name none, such as the admin."""
    return redirect(static("img/icon.svg"))
