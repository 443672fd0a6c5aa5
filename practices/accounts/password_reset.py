"""Resetting a forgotten password by e-mail."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from practices.accounts.attempts import attempt_name, too_many_attempts
from practices.accounts.pages import page
from practices.history.audit import record_audit_entry
from practices.models import Session

RESET = "password reset asked"
MAX_EMAILS = 20  # to one address in ATTEMPT_WINDOW, from all networks together
mail_queue = ThreadPoolExecutor(max_workers=1)  # so that the response takes as long without an e-mail


class ResetForm(PasswordResetForm):
    def save(self, **options: Any) -> None:
        """Send an e-mail with a link to SITE_URL, independent of the request's host."""
        site = urlsplit(settings.SITE_URL)
        options |= {"domain_override": site.netloc, "use_https": settings.HTTPS}
        super().save(**options)

    def send_mail(self, *args: Any, **options: Any) -> None:
        mail_queue.submit(super().send_mail, *args, **options)


class RequestResetView(PasswordResetView):
    """Asks for an e-mail address and shows the same page whether or not a user has it.

    Sends at most MAX_PER_NAME_AND_NETWORK e-mails in ATTEMPT_WINDOW to one address at the request of one
    network, and MAX_EMAILS at the request of all. If the portal cannot send e-mail, the page names a contact.
    """

    form_class = ResetForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.EMAIL_BACKEND != "django.core.mail.backends.dummy.EmailBackend":
            return super().dispatch(request, *args, **kwargs)
        return page(request, "account/no_email", _("Reset password"), contact=settings.CONTACT_EMAIL)

    def form_valid(self, form: ResetForm) -> HttpResponse:
        email = form.cleaned_data["email"].casefold()
        if too_many_attempts(email, self.request, RESET, MAX_EMAILS):
            return redirect(self.get_success_url())
        record_audit_entry(RESET, about=attempt_name(email), request=self.request)
        return super().form_valid(form)


class NewPasswordView(PasswordResetConfirmView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        Session.objects.filter(user=form.user).delete()
        record_audit_entry("password reset", form.user, str(form.user), request=self.request)
        return response
