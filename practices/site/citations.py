"""Citations of one practice as files for reference managers."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from practices.exchange.downloads import practice_file
from practices.exchange.formats import FORMATS
from practices.models import Practice
from practices.site.practice import moved_or_gone


@require_safe
def cite(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """A BibTeX or RIS file of one practice."""
    found = Practice.objects.published().with_relations().filter(slug=slug).first()
    if found is None:
        return moved_or_gone(request, slug, "cite", kind=kind)
    return practice_file(FORMATS[kind], found)
