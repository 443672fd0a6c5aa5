"""When something goes wrong: each page says what happened and what to do next."""

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
from practices.search import find
from practices.search.backends import IndexDamaged
from practices.search.suggestions import countries, themes
from practices.search.tokenizer import STOP_WORDS, words
from practices.serializers.problems import UNREADABLE, problem
from practices.values.rate_limit import seconds_to_wait

log = logging.getLogger(__name__)
MOST_MEANT = 5
MOST_WORDS = 4  # of an address, the longest ones, as they tell the most: each may cost two queries
ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}/?$")  # .html, .php
FEWEST_LETTERS = 3
RETRY_SECONDS = 5
READ_ONLY = "25006"
LONGEST_ORIGIN = 200  # characters of a header that a page repeats


@dataclass(frozen=True)
class Meant:
    """A page that an address may have meant."""

    label: str
    url: str
    language: str = ""  # of the label, where it is not the reader's


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(reverse("api:root")):
        return problem(400, str(UNREADABLE), code="unreadable_request")
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Searches for the words of the address, so that a slip or an old link still leads somewhere."""
    return lost(request, "404.html", 404)


def gone(request: HttpRequest) -> HttpResponse:
    """The same for a practice that was public once."""
    return lost(request, "410.html", 410)


def lost(request: HttpRequest, template: str, status: int) -> HttpResponse:
    text = words_of(request)
    if text and seconds_to_wait(request):  # it would search, and this client searched too much
        text = ""
    try:
        found = meant(text) if text else []
    except Exception:  # the page that helps must not be the next one to break
        log.exception("Nothing can be offered for an address that leads nowhere")
        found = []
    return render(request, template, {"text": text, "meant": found}, status=status)


def failed(request: HttpRequest) -> HttpResponse:
    """503 while the database or the disk cannot do its work (lost, full, read-only), which heals; 500 for our
    own faults. A form gets back what was typed.

    Django calls it while the error is being handled. No query.
    """
    error = sys.exc_info()[1]
    passing = heals(error)
    status = 503 if passing else 500
    if request.path.startswith(reverse("api:root")):
        lost = _("The store of practices cannot be reached just now. Try again in a moment.")
        if isinstance(error, IndexDamaged):
            lost = _("The search does not work just now. Lists without q do.")
        detail = lost if passing else _("Something went wrong on our side.")
        response = problem(status, detail)
    elif passing and request.POST:
        response = resubmit(request, status=503)
    else:
        context = {"seconds": RETRY_SECONDS, "search_alone": isinstance(error, IndexDamaged)}
        response = render(request, f"{status}.html", context, status=status)
    if passing:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def heals(error: BaseException | None) -> bool:
    """Whether it is the store that cannot do its work just now. PostgreSQL calls it an internal error when a
    server takes no writes, as a standby does not."""
    if isinstance(error, OSError):
        return error.errno in {ENOSPC, EDQUOT, EROFS}
    takes_no_writes = getattr(error.__cause__, "sqlstate", "") == READ_ONLY
    return isinstance(error, OperationalError | InterfaceError | IndexDamaged) or takes_no_writes


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that does not prove to be from this site: which of Django's checks failed, and what helps."""
    return resubmit(request, check=failed_check(request, reason))


def failed_check(request: HttpRequest, reason: str) -> Check:
    """The check that failed, from the reason that Django's CsrfViewMiddleware gives."""
    site = {"site": settings.SITE_URL, "origin": request.headers.get("Origin", "")[:LONGEST_ORIGIN]}
    allow = _(
        "Allow the headers Origin and Referer for %(site)s: in the privacy settings and add-ons of your "
        "browser, or ask the people who run your network’s proxy. Then send the form again."
    )
    unproven = _("The origin of this form could not be checked")
    if reason == REASON_NO_REFERER:
        said = _("Neither of the headers Origin and Referer came with it, which tell the page that sent it.")
        return Check(unproven, said, allow % site)
    if reason.startswith("Referer checking failed"):
        said = _("The check of the header Referer failed: it names another site than %(site)s.")
        return Check(unproven, said % site, allow % site)
    if reason.startswith("Origin checking failed"):
        said = _("The check of the header Origin failed: it says “%(origin)s”, not %(site)s.")
        return Check(unproven, said % site, allow % site)
    stale = _("This form has gone stale")
    cookies = _("Allow cookies for this site: the editors’ desk needs one to know that a form is yours.")
    if reason == REASON_NO_CSRF_COOKIE:
        return Check(stale, _("Your browser sent no cookie of this site with it."), cookies)
    said = _("It was open for long, or you logged in or out in another window meanwhile.")
    return Check(stale, said, cookies)


def words_of(request: HttpRequest) -> str:
    """The words of an address that leads nowhere; none where the page is there, but not that part of it."""
    if request.resolver_match and not request.resolver_match.kwargs:
        return ""
    parts = [part for part in ENDING.sub("", request.path[:500]).split("/") if part]
    folded = [
        word.folded for word in words(" ".join(parts[1:] or parts))
    ]  # the first tells what kind of page
    telling = [word for word in folded if len(word) >= FEWEST_LETTERS and word not in STOP_WORDS]
    longest = sorted(telling, key=len, reverse=True)[:MOST_WORDS]
    return " ".join(word for word in dict.fromkeys(telling) if word in longest)


def meant(text: str) -> list[Meant]:
    """Themes and countries by the beginnings of their names, then practices as a search finds them."""
    facet_index = get_facet_index()
    found = [*named(facet_index, text.split()), *searched(facet_index, text)]
    return found[:MOST_MEANT]


def named(facet_index: FacetIndex, asked: list[str]) -> list[Meant]:
    """No query."""
    rows = (Meant(row.label, row.url) for find in (themes, countries) for row in find(asked, facet_index))
    return sorted(rows, key=lambda row: (len(row.label), row.label))


def searched(facet_index: FacetIndex, text: str) -> list[Meant]:
    found = find(text, facet_index)
    keys = list(islice(found.in_order(found.keys), MOST_MEANT))
    rows = list_items(keys, facet_index)
    return [Meant(rows[key].title, rows[key].url, rows[key].language) for key in keys if key in rows]
