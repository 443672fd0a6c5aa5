from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _

SCRIPT = "desk"  # what static/js/desk/ names itself in X-Requested-With


class EditorsDesk(AdminSite):
    """The admin under the portal's name; a one-time password opens only the page to choose a lasting one.

    A form that is sent too late, after its login ended, is handed back with all that was typed. To the
    desk's own scripts every answer is data, so that a form never leaves the screen before it is saved.
    """

    site_header = settings.SITE_NAME
    site_title = _("Editors’ desk")
    index_title = _("Editors’ desk")

    def get_urls(self) -> list:
        return [path("token/", self.admin_view(self.token), name="token"), *super().get_urls()]

    def token(self, request: HttpRequest) -> HttpResponse:
        """Who is logged in now, and a token for a form of theirs."""
        return JsonResponse({"user": str(request.user.pk), "token": get_token(request)})

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)
        free = {self.password_change, self.password_change_done, self.logout}

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if getattr(request.user, "must_change_password", False) and view not in free:
                return for_script(request, redirect(f"{self.name}:password_change"))
            if not self.has_permission(request) and view != self.logout:
                if from_script(request):
                    return HttpResponse(status=401)
                if request.method == "POST":
                    from practices.views.errors import handed_back  # it needs the models, which come later

                    return handed_back(request, login=True)
            return for_script(request, inner(request, *args, **kwargs))

        return guarded


def from_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == SCRIPT


def for_script(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer as it is; to a script of the desk, a redirect and a refused form as JSON."""
    if not from_script(request):
        return response
    if "Location" in response:
        return JsonResponse({"to": response["Location"]})
    context = getattr(response, "context_data", None) or {}
    if "adminform" in context and request.method == "POST":
        return JsonResponse({"errors": list(messages_of(context))}, status=422)
    return response


def messages_of(context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is said of each field of a refused form, under the field's name or that of its row or rows."""
    sets = [inline.formset for inline in context["inline_admin_formsets"]]
    yield from (message for rows in sets for message in said_of_set(rows))
    for form in [
        context["adminform"].form,
        *(row for rows in sets for row in rows.forms if not left(rows, row)),
    ]:
        for name, messages in form.errors.items():
            known = name in form.fields
            field = form[name].html_name if known else form.prefix or ""
            label = form[name].label if known else ""
            yield {"field": field, "label": str(label), "messages": [str(message) for message in messages]}


def left(rows: Any, row: Any) -> bool:
    """Whether a row is to be deleted: what is wrong in it does not matter."""
    return rows.can_delete and rows._should_delete_form(row)


def said_of_set(rows: Any) -> Iterator[dict[str, Any]]:
    if messages := rows.non_form_errors():
        label = rows.model._meta.verbose_name_plural
        yield {"field": rows.prefix, "label": str(label), "messages": [str(message) for message in messages]}
