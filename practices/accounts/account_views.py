"""The page of the user's own account, with its sessions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from practices.accounts.pages import page
from practices.history.audit import record_audit_entry
from practices.models import SecondFactor, Session
from practices.models.session import hash_of


def account(request: HttpRequest) -> HttpResponse:
    """Show the sessions of the user, with a button that ends all others."""
    sessions = Session.objects.filter(user=request.user, expire_date__gt=timezone.now())
    if request.method == "POST":
        sessions.except_current(request).delete()
        record_audit_entry("sessions ended", request.user, str(request.user), request=request)
        messages.success(request, _("You are logged out everywhere else."))
        return redirect("admin:account")
    rows = []
    for session in sessions:
        data = session.get_decoded()
        here = session.pk == hash_of(request.session.session_key)
        rows.append({**data, "here": here, "began": parse_datetime(data.get("began", ""))})
    rows.sort(key=lambda row: (not row["here"], -row["began"].timestamp() if row["began"] else 0))
    has_factor = SecondFactor.objects.filter(user=request.user).exists()
    return page(request, "account/account", _("Your account"), sessions=rows, has_factor=has_factor)
