"""The pages of the second factor: entering a code, setting up, changing."""

import pyotp
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from practices.accounts import second_factor as factor
from practices.accounts.pages import page
from practices.history.audit import record_audit_entry
from practices.models import SecondFactor, Session


def code(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor after the password."""
    if not request.session.get(factor.CODE_DUE):
        return redirect("admin:index")
    error = ""
    if request.method == "POST":
        if factor.accepts(request, request.POST.get("code", "")[: factor.MAX_CODE_LENGTH]):
            del request.session[factor.CODE_DUE]
            request.session.cycle_key()
            record_audit_entry(factor.CODE_ACCEPTED, request.user, str(request.user), request=request)
            return redirect("admin:index")
        error = factor.wrong_code_message()
    return page(request, "account/code", _("Enter your code"), error=error)


def second_factor(request: HttpRequest) -> HttpResponse:
    """Set up codes; if they exist, renew the recovery codes or turn codes off, after one more code."""
    if SecondFactor.objects.filter(user=request.user).exists():
        return change_factor(request)
    secret = request.session.setdefault(factor.NEW_SECRET, pyotp.random_base32())
    if request.method == "POST":
        codes = factor.turn_on(request.user, secret, request.POST.get("code", "")[: factor.MAX_CODE_LENGTH])
        if codes:
            del request.session[factor.NEW_SECRET]
            Session.objects.filter(user=request.user).except_current(request).delete()
            record_audit_entry("second factor on", request.user, str(request.user), request=request)
            return page(request, "account/codes", _("Recovery codes"), codes=codes)
    import segno  # only to set up codes

    square = segno.make(factor.address_for_app(request.user, secret)).svg_inline(
        svgclass="code", lineclass=None, light="#fff", omitsize=True
    )
    return page(
        request,
        "account/set_up",
        _("Two-factor authentication"),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        square=mark_safe(square),
        error=factor.wrong_code_message() if request.method == "POST" else "",
    )


def change_factor(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("do")
    right = request.method == "POST" and factor.accepts(
        request, request.POST.get("code", "")[: factor.MAX_CODE_LENGTH]
    )
    if right and asked == "renew":
        record_audit_entry("recovery codes renewed", request.user, str(request.user), request=request)
        return page(request, "account/codes", _("Recovery codes"), codes=factor.renew_codes(request.user))
    if right and asked == "off" and not request.user.needs_second_factor:
        SecondFactor.objects.filter(user=request.user).delete()
        record_audit_entry("second factor off", request.user, str(request.user), request=request)
        messages.success(request, _("Two-factor authentication is off. You log in with your password only."))
        return redirect("admin:account")
    left = len(SecondFactor.objects.get(user=request.user).recovery)
    error = factor.wrong_code_message() if request.method == "POST" and not right else ""
    return page(request, "account/change_factor", _("Two-factor authentication"), left=left, error=error)
