"""Requests of the scripts of a practice's form while an editor types. They answer JSON or a small form."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from practices.accounts.lookups import is_key
from practices.editing.completeness import completeness, form_values
from practices.editing.slugs import SlugForm
from practices.models import ActiveEditor, Actor, Country, Place, Practice
from practices.values.period import PeriodError
from practices.values.period_parsing import parse_period
from practices.values.projection import project, unproject
from practices.values.text import MAX_RENDERED_LENGTH, to_html
from practices.workflow.permissions import known_to, seen_by

PRESENCE_INTERVAL = 30  # seconds between requests of an open form that report its editor
PRESENCE_TIMEOUT = timedelta(seconds=3 * PRESENCE_INTERVAL)
MAX_PREVIEW_LENGTH = MAX_RENDERED_LENGTH + 1  # characters of a text to preview


def get_urls(admin_view: Callable) -> list:
    """The routes of these views below the list of practices; `admin_view` asks for a login."""
    may_see = permission_required("practices.view_practice", raise_exception=True)
    views = {
        "text": text,
        "period": period,
        "point": point,
        "completeness": check_completeness,
        "presence": presence,
        "near-actors": near_actors,
        "new-actor": new_actor,
    }
    return [
        path(f"assist/{name}/", admin_view(may_see(view)), name=f"assist_{name.replace('-', '_')}")
        for name, view in views.items()
    ]


@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """Return a Markdown text as the public page shows it. No query."""
    return JsonResponse({"html": to_html(request.POST.get("text", "")[:MAX_PREVIEW_LENGTH], "preview")})


@require_GET
def period(request: HttpRequest) -> HttpResponse:
    """Return how the portal understands a period: `read`, or `wrong` with the reason; an empty `read` for no
    text."""
    message = request.GET.get("text", "").strip()
    if not message:
        return JsonResponse({"read": ""})
    try:
        found = parse_period(message)
    except PeriodError as error:
        return JsonResponse({"wrong": str(error)})
    words = found.text.replace(" – ", " " + _("to") + " ") if found else _("not known")
    return JsonResponse({"read": _("Understood as: %(period)s") % {"period": words}})


@require_GET
def point(request: HttpRequest) -> HttpResponse:
    """Return coordinates and their point on the map, by name or country (two queries), point or
    coordinates."""
    asked = request.GET
    try:
        numbers = [float(asked[key]) for key in ("x", "y", "latitude", "longitude") if asked.get(key)]
    except ValueError:
        numbers = []
    if len(numbers) == 2 and all(abs(number) < 2000 for number in numbers):
        latitude, longitude = unproject(*numbers) if "x" in asked else numbers
        return JsonResponse(placed(latitude, longitude))
    country = Country.objects.filter(pk=asked.get("country", "")[:2]).first()
    wanted = asked.get("name", "").strip()
    from rapidfuzz import fuzz, process, utils  # slow to import

    places = Place.objects.filter(practice__in=known_to(request.user), latitude__isnull=False)
    places = places.select_related("country")
    known = {row.pk: row for row in (places.filter(country=country) if country else places)}
    names = {key: row.name for key, row in known.items() if row.name}
    found = process.extractOne(
        wanted, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=85
    ) if wanted else None  # fmt: skip
    if found:
        row = known[found[2]]
        return JsonResponse(
            placed(
                row.latitude,
                row.longitude,
                _("Coordinates of %(place)s in another practice.") % {"place": row},
            )
        )
    if country is None:
        return JsonResponse(
            {"message": _("Place name not found. Select the country, then click on the map.")}
        )
    middle = country.latitude, country.longitude
    if wanted:
        message = _("Place name not found. Click on the map of %(country)s.")
        return JsonResponse({"message": message % {"country": country}, **on_map(*middle)})
    return JsonResponse(placed(*middle, _("Centre of %(country)s.") % {"country": country}))


def on_map(latitude: Any, longitude: Any) -> dict[str, float]:
    x, y = project(latitude, longitude)
    return {"x": round(x, 1), "y": round(y, 1)}


def placed(latitude: Any, longitude: Any, message: str = "") -> dict[str, Any]:
    return {
        "latitude": f"{latitude:.2f}",
        "longitude": f"{longitude:.2f}",
        "message": message,
        **on_map(latitude, longitude),
    }


@require_POST
def check_completeness(request: HttpRequest) -> HttpResponse:
    """Return what the practice still lacks, by the fields of its form. No query."""
    return JsonResponse(completeness(form_values(request.POST)))


@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Record that the form is open; return who else has it open. Four queries."""
    key, now = request.GET.get("of", ""), timezone.now()
    practice = seen_by(request.user).filter(pk=key).first() if is_key(Practice, key) else None
    if practice is None:
        return JsonResponse({"message": ""})
    ActiveEditor.objects.update_or_create(practice=practice, user=request.user, defaults={"seen_at": now})
    here = ActiveEditor.objects.filter(
        practice=practice, seen_at__range=(now - PRESENCE_TIMEOUT, now + PRESENCE_TIMEOUT)
    )
    others = here.exclude(user=request.user).select_related("user")
    names = [row.user.get_full_name() or row.user.username for row in others]
    message = ngettext("%(names)s is also editing this.", "%(names)s are also editing this.", len(names))
    return JsonResponse({"message": message % {"names": ", ".join(names)} if names else ""})


# Actors --------------------------------------------------------------------------------------------------


class ActorForm(SlugForm):
    """The main fields of an actor. The slug is derived from the name, or required if that yields none."""

    class Meta(SlugForm.Meta):
        model = Actor
        fields = ["name", "acronym", "type", "country", "slug"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="new_actor_%s", **kwargs)
        self.fields["name"].widget.attrs.update(
            {"data-near": reverse("admin:assist_near_actors"), "autocomplete": "off"}
        )


@require_GET
def near_actors(request: HttpRequest) -> HttpResponse:
    """Return actors with a similar name. Two queries."""
    but = request.GET.get("but", "")
    from practices.editing.duplicates import near  # slow to import

    rows = near(
        request.GET.get("name", "")[:300],
        request.GET.get("acronym", "")[:60],
        int(but) if but.isdecimal() else None,
    )
    found = [
        {"id": str(row.pk), "text": str(row), "url": reverse("admin:practices_actor_change", args=[row.pk])}
        for row in rows
    ]
    return JsonResponse({"message": _("An actor with a similar name exists:"), "near": found})


@permission_required("practices.add_actor", raise_exception=True)
def new_actor(request: HttpRequest) -> HttpResponse:
    """The small form for a new actor: 201 with its key and name, or 422 with the form and its errors."""
    form = ActorForm(request.POST or None, initial={"name": request.GET.get("name", "")[:300]})
    if request.method == "POST" and form.is_valid():
        actor = form.save()
        return JsonResponse({"id": str(actor.pk), "text": str(actor)}, status=201)
    return TemplateResponse(
        request, "admin/new_actor.html", {"form": form}, status=422 if form.is_bound else 200
    )
