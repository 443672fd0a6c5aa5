"""Template filters of the site."""

from django import template
from django.utils.safestring import SafeString

from practices.text import to_html

register = template.Library()


@register.filter
def markdown(text: str, prefix: str = "text") -> SafeString:
    """Safe HTML of a Markdown text; `prefix` keeps its footnotes apart from others on the page."""
    return to_html(text, prefix)
