"""The Jinja2 environment of the public pages, with Django's helpers. Text is escaped unless marked safe."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.http import HttpRequest
from django.template import defaultfilters, defaulttags
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats, text, timezone, translation
from jinja2 import Environment
from markupsafe import Markup, escape

from practices.exchange.formats import FORMATS
from practices.values.text import isolated, lang_dir, to_html


def environment(**options: Any) -> Environment:
    """Return the Jinja2 environment of the pages. Django calls this once, with the options of the
    settings.
    """
    env = Environment(extensions=["jinja2.ext.i18n"], **options)
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    env.globals |= {
        "_": gettext,
        "gettext": gettext,
        "url": url,
        "static": static,
        "querystring": querystring,
        "file_formats": FORMATS.values(),
        "get_language": translation.get_language,
        "get_language_bidi": translation.get_language_bidi,
    }
    env.filters |= {
        "capfirst": text.capfirst,
        "date": day,
        "escaped": lru_cache(maxsize=20_000)(escape),  # for the same names on every page: a tenth of `e`
        "isolated": isolated,
        "lang_dir": lang_dir,
        "markdown": to_html,
        "regroup": regroup,
        "truncatewords": defaultfilters.truncatewords,
    }
    return env


def gettext(message: str, /, **variables: Any) -> Markup:
    """Return an interface string with escaped values. Cached, because a long page has a hundred of them."""
    text = translated(translation.get_language(), message)
    return text % variables if variables else text.replace("%%", "%")


@lru_cache(maxsize=4096)
def translated(language: str | None, message: str) -> Markup:
    """Return a translated string. The active language is part of the cache key."""
    return Markup(translation.gettext(message))


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a page, by the name of its route and the arguments in it."""
    return reverse(name, args=args, kwargs=kwargs)


def querystring(request: HttpRequest, **changes: Any) -> str:
    """Return the query string of this page with some parameters changed, or removed (None)."""
    return defaulttags.querystring(None, request.GET, **changes)


def day(value: date, layout: str) -> str:
    """Return a date, or the date of a time in the site's time zone, in the reader's language: `j F Y` is 2
    May 2026.
    """
    return formats.date_format(timezone.template_localtime(value), layout)


def regroup(rows: Iterable[Any], attribute: str) -> list[tuple[Any, list[Any]]]:
    """Group consecutive items with the same value of an attribute; Jinja's `groupby` would sort them."""
    return [(value, list(group)) for value, group in groupby(rows, key=attrgetter(attribute))]
