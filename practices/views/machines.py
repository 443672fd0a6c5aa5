"""What browsers and search engines ask for."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from practices.search.suggest import LONGEST_TEXT, suggestions


@require_safe
@cache_control(public=True, max_age=60)
def suggest(request: HttpRequest) -> JsonResponse:
    """What the search box suggests while a person types. Eight queries at the most."""
    text = request.GET.get("q", "")
    if len(text) > LONGEST_TEXT:
        message = _("q has %(length)s characters; suggestions are made for %(most)s at the most.")
        return JsonResponse({"error": message % {"length": len(text), "most": LONGEST_TEXT}}, status=400)
    rows = [
        {"kind": row.kind.value, "kind_label": str(row.kind.label), "label": row.label, "url": row.url}
        for row in suggestions(text)
    ]
    return JsonResponse({"suggestions": rows})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"User-agent: *\nDisallow: {reverse('admin:index')}\n", content_type="text/plain")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon on pages that name none, such as the editors' desk."""
    return redirect(static("img/icon.svg"))
