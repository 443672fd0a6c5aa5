"""A form that arrived too late or cannot be stored: the page that shows what was typed and sends it again."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, RejectRequest, get_token
from django.shortcuts import render

NOT_TYPED = re.compile(
    r"^_|_FORMS$|-(id|order|practice)$|__prefix__"
)  # fields of a form that no person fills
NEVER_BACK = {"csrfmiddlewaretoken", "own_password"}  # of a form, the rest of which is given back


@dataclass(frozen=True)
class Check:
    """A check of a form that failed: a heading, what failed, what to allow."""

    head: str
    message: str
    allow: str


def is_ours(request: HttpRequest) -> bool:
    """Whether one of our own pages sent the form: by its Origin; where that was removed, by Sec-Fetch-Site,
    which no page can set, or by the token, which no other site knows."""
    origin = request.headers.get("Origin") or "null"
    if origin != "null":
        return origin in {f"{request.scheme}://{request.get_host()}", settings.SITE_URL}
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or has_token(request)


def has_token(request: HttpRequest) -> bool:
    """Whether the token of a form fits the cookie. Django has no public function that only answers this."""
    try:
        CsrfViewMiddleware(lambda request: HttpResponse())._check_token(request)
    except RejectRequest:
        return False
    return True


def resubmit(
    request: HttpRequest,
    first: str = "",
    closed: str = "",
    status: int = 403,
    check: Check | None = None,
) -> HttpResponse:
    """A form that came too late, or cannot be stored (503), with what was typed and a way to send it again.

    `first`: the page of the desk that has to be passed before, such as "login"; `closed`: why it cannot be
    saved as things stand, and what one can do; `check`: what did not prove that it is ours. Only our own page
    gets back what it sent: else another site could put its words into an editor's hands. Nor is a password
    ever written into a page.
    """
    ours = is_ours(request)
    sent = [(name, values) for name, values in request.POST.lists() if name not in NEVER_BACK]
    typed = sent if ours and not any("password" in name for name, _values in sent) else []
    fields = [(name, value) for name, values in typed for value in values]
    context = {
        "fields": fields,
        "typed": [(name, value) for name, value in fields if value.strip() and not NOT_TYPED.search(name)],
        "again": request.get_full_path(),
        "first": first,
        "closed": closed,
        "check": check,
        "csrf_token": get_token(request),
        "status": status,
    }
    return render(request, "resubmit.html", context, status=status)
