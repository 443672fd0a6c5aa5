"""A page that shows a form that could not be saved, with a button that submits it again."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, RejectRequest, get_token
from django.shortcuts import render

NOT_TYPED = re.compile(
    r"^_|_FORMS$|-(id|order|practice)$|__prefix__"
)  # fields of a form that no person fills
NOT_RETURNED = {"csrfmiddlewaretoken", "own_password"}  # fields that the page does not send back


@dataclass(frozen=True)
class Check:
    """A check that a form failed: a heading, what failed, and what to allow."""

    head: str
    message: str
    allow: str


def is_ours(request: HttpRequest) -> bool:
    """Return whether a page of the portal sent the form: by its Origin header; without it, by Sec-Fetch-Site,
    which no page can set, or by the CSRF token."""
    origin = request.headers.get("Origin") or "null"
    if origin != "null":
        return origin in {f"{request.scheme}://{request.get_host()}", settings.SITE_URL}
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or has_token(request)


def has_token(request: HttpRequest) -> bool:
    """Return whether the token of a form matches the cookie. Django has no public function for this."""
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
    """Return a page with the submitted form and a button that submits it again (403, or 503 if nothing can be
    stored).

    `first`: the page of the admin that comes first, such as "login"; `closed`: why it cannot be saved as it
    is, and what the editor can do; `check`: the check that failed. Only a form of the portal is shown again:
    otherwise another site could submit forms in an editor's name. A page contains no password.
    """
    ours = is_ours(request)
    sent = [(name, values) for name, values in request.POST.lists() if name not in NOT_RETURNED]
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
