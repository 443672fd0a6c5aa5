"""The files of pictures: those of published practices for everyone, others for editors."""

from django.contrib import admin
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from practices.models import Image
from practices.workflow.permissions import seen_by
from practices.workflow.preview_links import previewed

TYPES = {"jpg": "image/jpeg", "png": "image/png"}


@require_safe
def image(request: HttpRequest, picture: str, width: str, ending: str) -> HttpResponse:
    """Return one file of a picture. One query, and up to three more for users who see unpublished ones.

    The addresses do not reveal the content. Caches keep the files as they keep pages, so that a withdrawn
    picture disappears within seconds.
    """
    mine = Image.objects.filter(file__startswith=f"images/{picture}-")
    public = mine.filter(pk__in=Image.objects.published()).exists()
    name = f"images/{picture}-{width}.{ending}"
    shown = (
        public
        or mine.filter(practice__in=previewed(request.GET.get("preview", ""))).exists()
        or (admin.site.is_open_to(request) and mine.filter(practice__in=seen_by(request.user)).exists())
    )
    if not shown or not default_storage.exists(name):
        raise Http404
    with default_storage.open(name) as file:
        response = HttpResponse(file.read(), content_type=TYPES[ending])
    response["ETag"] = f'"{picture}-{width}"'
    if not public:
        response["Cache-Control"] = "private, no-store"
    return response
