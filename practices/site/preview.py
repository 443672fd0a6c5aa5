"""Previews: unpublished practices as their pages will be, for people with a valid link."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from practices.index.facet_index import get_facet_index
from practices.models import Practice
from practices.search.index_rows import index_row
from practices.site.practice import page_context
from practices.workflow.preview_links import LINK_LIFETIME, draft_key

# No cache stores a preview, no search engine lists it, and linked sites do not receive its address.
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Return the page of a draft, or a link to the practice if it was published since."""
    try:
        key = draft_key(token)
    except signing.SignatureExpired:
        return expired(request)
    except signing.BadSignature:
        raise Http404 from None
    practice = Practice.objects.for_detail().select_related("replaces").filter(pk=key).first()
    if practice is None or practice.status == Practice.Status.ARCHIVED:
        return expired(request)
    if practice.status == Practice.Status.PUBLISHED:
        return private(redirect(practice))
    shown = as_published(practice)
    context = page_context(shown, get_facet_index(), timezone.localdate())
    return private(render(request, "practice.html", context))


def expired(request: HttpRequest) -> HttpResponse:
    context = {"days": LINK_LIFETIME.days}
    return private(render(request, "preview_expired.html", context, status=410))


def as_published(draft: Practice) -> Practice:
    """Return the draft in memory as its publication would leave it: its replaced row, index row and date.

    Never save it.
    """
    live = draft.replaces
    if live:
        draft.pk, draft.slug, draft.published_at = live.pk, live.slug, live.published_at
    draft.published_at = draft.published_at or timezone.now()
    draft.indexed = index_row(draft)
    return draft


def private(response: HttpResponse) -> HttpResponse:
    for name, value in PRIVATE.items():
        response.headers[name] = value
    return response
