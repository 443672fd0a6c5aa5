"""The admin site: pages that come before others, and responses to its scripts."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import DisallowedModelAdminLookup, DisallowedModelAdminToField
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from practices.accounts import account_views, second_factor, second_factor_views
from practices.accounts.login_forms import LoginForm
from practices.accounts.resubmit import resubmit
from practices.history.audit import record_audit_entry

METHODS = ["GET", "HEAD", "POST"]  # Django’s admin answers any other one as if it were GET
MAX_REASON_LENGTH = 250  # characters of the reason in an entry about a refused filter
SCRIPT = "admin-script"  # what static/js/admin/ names itself in X-Requested-With


class LinkedError(ValidationError):
    """A message with a link: HTML on a page, text and address for a script."""

    def __init__(self, text: str, url: str, url_text: str) -> None:
        super().__init__(format_html('{} <a href="{}">{}</a>', text, url, url_text))
        self.text, self.url, self.url_text = text, url, url_text


class PortalAdminSite(AdminSite):
    """The admin with the portal's login, two-factor authentication and forced password change.

    A form that is submitted after the login has ended is shown again with everything the user typed. The
    scripts of the admin receive JSON, so that a form stays on the screen until it is saved.
    """

    site_header = settings.SITE_NAME
    site_title = _("Editors’ desk")
    index_title = _("Editors’ desk")
    login_form = LoginForm

    def get_urls(self) -> list:
        view = self.admin_view
        return [
            path("token/", view(self.token), name="token"),
            path("account/", view(account_views.account), name="account"),
            path("account/code/", view(second_factor_views.code), name="code"),
            path("account/second-factor/", view(second_factor_views.second_factor), name="second_factor"),
            # Not the redirect by number, which would tell the address of any draft.
            *(pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"),
        ]

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().password_change(request, extra_context)
        if response.status_code == 302:
            record_audit_entry("password changed", request.user, str(request.user), request=request)
        return response

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Add a message for users without any permission, which Django's page does not explain."""
        if not request.user.get_all_permissions():
            messages.warning(
                request,
                _(
                    "Your account has no group, so it has no permissions. Ask an administrator to "
                    "add it to Contributors, Editors or Administrators."
                ),
            )
        return super().index(request, extra_context)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().logout(request, extra_context)
        if request.method == "POST":
            # Not "storage": there is what was typed and not saved yet (static/js/admin/autosave.js).
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def required_page(self, request: HttpRequest, name: str) -> str | None:
        """Return the name of the page that the user has to pass before the requested one: a code, a new
        password or the setup of a second factor."""
        needed = second_factor.missing(request)
        if needed == "code":
            free = {"code"}
        elif request.user.must_change_password:
            needed, free = "password_change", {"password_change", "password_change_done"}
        else:
            free = {"second_factor"}
        return None if name in {*free, "logout"} else needed

    def is_open_to(self, request: HttpRequest) -> bool:
        """Return whether the user has passed everything that comes before the pages of the admin. Views
        elsewhere that show something to editors check this, not `is_staff`. At most one query."""
        return self.has_permission(request) and self.required_page(request, "") is None

    def token(self, request: HttpRequest) -> HttpResponse:
        """Return the primary key of the user and a CSRF token for their forms."""
        return JsonResponse({"user": str(request.user.pk), "token": get_token(request)})

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in METHODS:
                return HttpResponseNotAllowed(METHODS)
            here, known = request.resolver_match.url_name, self.has_permission(request)
            first = self.required_page(request, here) if known else None
            if first or (not known and here != "logout"):
                if is_script_request(request):
                    return HttpResponse(status=401)
                if request.method == "POST":
                    return resubmit(request, first=first or "login")
                if first:
                    return redirect(f"{self.name}:{first}")
            if has_null(request):
                return bad_request(request, _("Remove the null character."))
            if known and here != "assist_presence":  # which a form that is left open asks by itself
                request.session.used()
            try:
                response = inner(request, *args, **kwargs)
            except PermissionDenied:
                record_audit_entry("refused", request.user, request.path, request.method, request)
                raise
            except (DisallowedModelAdminLookup, DisallowedModelAdminToField) as error:
                # Answered here, as Django would write a traceback into the log of errors.
                record_audit_entry(
                    "refused", request.user, request.path, str(error)[:MAX_REASON_LENGTH], request
                )
                return bad_request(request, _("This list does not have the filter in the address."))
            return as_json(request, response)

        return guarded


def has_null(request: HttpRequest) -> bool:
    """Return whether the address contains a null character, which no database column can store."""
    parts = (text for name, values in request.GET.lists() for text in (name, *values))
    return "\0" in request.path or any("\0" in text for text in parts)


def bad_request(request: HttpRequest, message: Any) -> HttpResponse:
    """Return a response with status 400 and the reason."""
    return render(request, "400.html", {"message": message}, status=400)


def is_script_request(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == SCRIPT


def as_json(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response; for a script of the admin, redirects and invalid forms become JSON."""
    if not is_script_request(request):
        return response
    if "Location" in response:
        return JsonResponse({"to": response["Location"]})
    context = getattr(response, "context_data", None) or {}
    if "adminform" in context and request.method == "POST":
        return JsonResponse({"errors": list(form_errors(context))}, status=422)
    return response


def form_errors(context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the errors of each field of a refused form, by the name of the field, its row or its rows."""
    sets = [inline.formset for inline in context["inline_admin_formsets"]]
    yield from (message for rows in sets for message in formset_errors(rows))
    for form in [
        context["adminform"].form,
        *(row for rows in sets for row in rows.forms if not is_removed(rows, row)),
    ]:
        for name, texts in form.errors.items():
            known = name in form.fields
            field = form[name].html_name if known else form.prefix or ""
            label = form[name].label if known else ""
            entry = {"field": field, "label": str(label), "messages": [str(message) for message in texts]}
            for error in texts.as_data():
                if isinstance(error, LinkedError):
                    entry |= {"messages": [error.text], "url": error.url, "url_text": error.url_text}
            yield entry


def is_removed(rows: Any, row: Any) -> bool:
    """Return whether a row is to be deleted, so that its errors do not matter."""
    return rows.can_delete and rows._should_delete_form(row)


def formset_errors(rows: Any) -> Iterator[dict[str, Any]]:
    if messages := rows.non_form_errors():
        label = rows.model._meta.verbose_name_plural
        yield {"field": rows.prefix, "label": str(label), "messages": [str(message) for message in messages]}
