"""A feed of any list of practices: the same parameters, the newest first."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaks
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import condition, require_safe

from practices.index.etags import content_etag
from practices.listing.active_filters import get_active_filters, query_string, sentence
from practices.listing.filters import PracticeFilter
from practices.models import Practice
from practices.models.content_version import version_made_at
from practices.models.practice import NOT_IN_LISTS
from practices.values.text import for_xml, isolated, lang_dir, to_html

MAX_ENTRIES = 50


class PracticeFeed(Atom1Feed):
    """An Atom feed with the whole content of an entry, its language, and labelled categories."""

    def latest_post_date(self) -> datetime:
        """Return the last change of the content if there is no entry; the current time would differ each
        time."""
        nothing_since = None if self.items else self.feed["changed"]
        return nothing_since or super().latest_post_date()

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for scheme, term, label in item["subjects"]:
            handler.addQuickElement("category", "", {"scheme": scheme, "term": term, "label": label})
        handler.addQuickElement("content", item["content"], {"type": "html"})


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Return the newest practices of the list that the parameters select; 400 for wrong values."""
    filterset = PracticeFilter(request.GET)
    if filterset.is_valid():
        return entries(request, filterset)
    lines = [f"{name}: {error}\n" for name, errors in filterset.form.errors.items() for error in errors]
    return HttpResponse(lines, status=400, content_type="text/plain; charset=utf-8")


def etag(request: HttpRequest, filterset: PracticeFilter) -> str:
    site = (settings.SITE_URL, str(settings.SITE_NAME), get_language())
    return content_etag(filterset.facet_index.version, query_string(request.GET), *site)


def last_modified(request: HttpRequest, filterset: PracticeFilter) -> datetime | None:
    return version_made_at(filterset.facet_index.version)


@condition(etag_func=etag, last_modified_func=last_modified)
def entries(request: HttpRequest, filterset: PracticeFilter) -> HttpResponse:
    """Return the rows of the feed.

    Queries: the content version, those of `newest_practices()` and those of a search.
    """
    here = settings.SITE_URL
    query = f"?{asked}" if (asked := query_string(request.GET)) else ""
    address = f"{here}{reverse('feed')}{query}"
    words = sentence(get_active_filters(filterset))
    name = f"{_('Practices')}: {isolated(words)}" if words else _("Practices")
    atom = PracticeFeed(
        title=for_xml(f"{name} – {settings.SITE_NAME}"),
        link=f"{here}{reverse('practices')}{query}",
        description=None,
        language=get_language(),
        author_name=str(settings.SITE_NAME),
        author_link=f"{here}{reverse('home')}",
        feed_url=address,
        feed_guid=address,
        changed=last_modified(request, filterset),
    )
    for practice in newest_practices(filterset):
        link = f"{here}{practice.get_absolute_url()}"
        atom.add_item(
            title=for_xml(isolated(practice.title)),
            link=link,
            description=for_xml(isolated(escape(practice.summary))),
            content=for_xml(content(practice, link)),
            unique_id=tag_uri(practice),
            pubdate=practice.published_at,
            updateddate=practice.updated_at,
            language=practice.language,
            subjects=[
                *(
                    (f"{here}{reverse('themes')}", theme.slug, for_xml(theme.name))
                    for theme in practice.themes.all()
                ),
                *(
                    (f"{here}{reverse('countries')}", country.code, for_xml(country.local_name))
                    for country in practice.countries
                ),
            ],
        )
    return HttpResponse(atom.writeString("utf-8"), content_type=atom.content_type)


def newest_practices(filterset: PracticeFilter) -> list[Practice]:
    """Return the rows of the feed, in the order of the list.

    Six queries: the order of all, practices, places, countries, themes, lessons.
    """
    first = [pk for pk in filterset.facet_index.order("-published") if pk in filterset.qs][:MAX_ENTRIES]
    rows = Practice.objects.published().defer(*NOT_IN_LISTS)
    found = rows.prefetch_related("places__country", "themes", "lessons").in_bulk(first)
    return [found[key] for key in first if key in found]


def content(practice: Practice, link: str) -> str:
    """Return the summary and the lessons, with a link to the story. Fragment links lead to the practice's
    page."""
    language = lang_dir(practice.language)
    summary = linebreaks(practice.summary, autoescape=True)
    parts = [f"<div {language}>{summary}</div>"] if practice.summary else []
    lessons = practice.lessons.all()
    if lessons:
        title = ngettext("Lesson learned", "Lessons learned", len(lessons))
        texts = [to_html(lesson.text, lesson.anchor) for lesson in lessons]
        parts += [f"<h2>{title}</h2>", "<ol>", *(f"<li {language}>{text}</li>" for text in texts), "</ol>"]
    parts.append(f'<p><a href="#story">{_("Read the story")}</a></p>')
    return "\n".join(parts).replace(' href="#', f' href="{link}#')


def tag_uri(practice: Practice) -> str:
    """Return the permanent identifier of a practice (RFC 4151), which does not depend on its slug."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"tag:{host},{practice.created_at:%Y-%m-%d}:practices/{practice.pk}"
