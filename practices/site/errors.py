"""Error pages: each says what happened and what to do next."""

import logging
import re
import sys
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC, EROFS
from itertools import islice

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE, REASON_NO_REFERER
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from practices.accounts.resubmit import Check, resubmit
from practices.index.facet_index import FacetIndex, get_facet_index
from practices.index.list_items import list_items
from practices.search.backends import IndexDamaged
from practices.search.ranking import rank
from practices.search.retrieval import find
from practices.search.suggestions import suggest_countries, suggest_themes
from practices.search.tokenizer import STOP_WORDS, tokenize
from practices.serializers.problems import UNREADABLE, problem
from practices.values.rate_limit import seconds_to_wait

log = logging.getLogger(__name__)
MAX_SUGGESTIONS = 5
MAX_WORDS = 4  # of a URL, the longest, which are the most specific; each may cost two queries
ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}/?$")  # .html, .php
MIN_LETTERS = 3
RETRY_SECONDS = 5
UNAVAILABLE = 503
READ_ONLY = "25006"  # SQLSTATE read_only_sql_transaction
MAX_ORIGIN_LENGTH = 200  # characters of a header that a page repeats


@dataclass(frozen=True)
class PageSuggestion:
    """A page that the reader may be looking for."""

    label: str
    url: str
    language: str = ""  # of the label; empty if it is the reader's


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(reverse("api:root")):
        return problem(400, str(UNREADABLE), code="unreadable_request")
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404 with suggestions by the words of the URL, for typing errors and old links."""
    return error_with_suggestions(request, "404.html", 404)


def gone(request: HttpRequest) -> HttpResponse:
    """Return 410 with suggestions, for a practice that is no longer public."""
    return error_with_suggestions(request, "410.html", 410)


def error_with_suggestions(request: HttpRequest, template: str, status: int) -> HttpResponse:
    text = search_terms(request)
    if text and seconds_to_wait(request):  # suggestions search, and this client has reached the limit
        text = ""
    try:
        suggestions = did_you_mean(text) if text else []
    except Exception:  # an error page must not fail
        log.exception("Cannot suggest pages for a wrong URL")
        suggestions = []
    return render(request, template, {"text": text, "suggestions": suggestions}, status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 503 while the database or the disk is lost, full or read-only; 500 for other errors. The 503 of
    a form contains the submitted values.

    Django calls it while it handles the exception. No query.
    """
    error = sys.exc_info()[1]
    transient = is_transient(error)
    status = UNAVAILABLE if transient else 500
    if request.path.startswith(reverse("api:root")):
        detail = _("The database is temporarily unavailable. Try again in a moment.")
        if isinstance(error, IndexDamaged):
            detail = _("The search is temporarily unavailable. Lists without q still work.")
        if not transient:
            detail = _("Something went wrong on our server.")
        response = problem(status, detail)
    elif transient and request.POST:
        response = resubmit(request, status=UNAVAILABLE)
    else:
        context = {"seconds": RETRY_SECONDS, "search_alone": isinstance(error, IndexDamaged)}
        response = render(request, f"{status}.html", context, status=status)
    if transient:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def is_transient(error: BaseException | None) -> bool:
    """Return whether the database, the search index or the disk fails at present, rather than the code.

    A PostgreSQL server that accepts no writes, such as a standby, raises an InternalError.
    """
    if isinstance(error, OSError):
        return error.errno in {ENOSPC, EDQUOT, EROFS}
    is_read_only = getattr(error.__cause__, "sqlstate", "") == READ_ONLY
    return isinstance(error, OperationalError | InterfaceError | IndexDamaged) or is_read_only


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a form without a valid CSRF token: the check that failed and what to do."""
    return resubmit(request, check=failed_check(request, reason))


def failed_check(request: HttpRequest, reason: str) -> Check:
    """The check that failed, by the reason of Django's CsrfViewMiddleware."""
    site = {"site": settings.SITE_URL, "origin": request.headers.get("Origin", "")[:MAX_ORIGIN_LENGTH]}
    allow = _(
        "Allow the headers Origin and Referer for %(site)s in the privacy settings and extensions "
        "of your browser, or ask your network administrator. Then send the form again."
    )
    unproven = _("The origin of this form could not be verified")
    if reason == REASON_NO_REFERER:
        detail = _(
            "Your browser did not send the headers Origin and Referer, which identify the page "
            "that sent the form."
        )
        return Check(unproven, detail, allow % site)
    if reason.startswith("Referer checking failed"):
        detail = _("The header Referer names another site than %(site)s.")
        return Check(unproven, detail % site, allow % site)
    if reason.startswith("Origin checking failed"):
        detail = _("The header Origin is “%(origin)s”, not %(site)s.")
        return Check(unproven, detail % site, allow % site)
    stale = _("This form has expired")
    cookies = _(
        "Allow cookies for this site. The editors’ pages need a cookie to verify that a form is yours."
    )
    if reason == REASON_NO_CSRF_COOKIE:
        return Check(stale, _("Your browser did not send this site’s cookie."), cookies)
    detail = _("The form was open for too long, or you logged in or out in another window.")
    return Check(stale, detail, cookies)


def search_terms(request: HttpRequest) -> str:
    """The words of a wrong URL; empty if the page exists but not the requested part of it."""
    if request.resolver_match and not request.resolver_match.kwargs:
        return ""
    parts = [part for part in ENDING.sub("", request.path[:500]).split("/") if part]
    # The first part is the kind of page.
    folded = [word.folded for word in tokenize(" ".join(parts[1:] or parts))]
    telling = [word for word in folded if len(word) >= MIN_LETTERS and word not in STOP_WORDS]
    longest = sorted(telling, key=len, reverse=True)[:MAX_WORDS]
    return " ".join(word for word in dict.fromkeys(telling) if word in longest)


def did_you_mean(text: str) -> list[PageSuggestion]:
    """Themes and countries whose names begin with the words, then the results of a search."""
    facet_index = get_facet_index()
    found = [*matching_names(facet_index, text.split()), *matching_practices(facet_index, text)]
    return found[:MAX_SUGGESTIONS]


def matching_names(facet_index: FacetIndex, terms: list[str]) -> list[PageSuggestion]:
    """Themes and countries, shorter names first. No query."""
    rows = (
        PageSuggestion(row.label, row.url)
        for suggest in (suggest_themes, suggest_countries)
        for row in suggest(terms, facet_index)
    )
    return sorted(rows, key=lambda row: (len(row.label), row.label))


def matching_practices(facet_index: FacetIndex, text: str) -> list[PageSuggestion]:
    result = find(text, facet_index)
    keys = list(islice(rank(result, result.pks), MAX_SUGGESTIONS))
    rows = list_items(keys, facet_index)
    return [PageSuggestion(rows[key].title, rows[key].url, rows[key].language) for key in keys if key in rows]
