"""The guide of the API, `docs/api.md`, as HTML for the page `/api/v1/docs/`."""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

FILE = settings.BASE_DIR / "docs" / "api.md"
EXAMPLE_SITE = "https://practices.example"
USUAL_RATE = "1,200 requests in a minute"  # as the file says it; each portal has its own
LINKS = {"parameters.md": "#practices"}  # of the repository → what the page has in its place


class Guide(NamedTuple):
    title: str
    html: SafeString
    contents: list[tuple[str, str]]  # anchor and heading of each section


@lru_cache(maxsize=1)
def guide(site: str, rate: int) -> Guide:
    """The guide of the portal at an address that allows `rate` requests in a minute (0: any number).

    The text is trusted, so it is not sanitised.
    """
    parser = _parser()
    tokens = parser.parse(text_of(site, rate))
    title, contents = "", []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            title = inline.content
        elif opening.type == "heading_open":
            opening.attrSet("id", f"guide-{anchor(inline.content)}")
            if opening.tag == "h2":
                contents.append((opening.attrGet("id"), inline.content))
        for token in inline.children or ():
            if token.type == "link_open":
                token.attrSet("href", LINKS.get(token.attrGet("href"), token.attrGet("href")))
    body = parser.renderer.render(tokens[3:], parser.options, {})  # without the title
    return Guide(title, mark_safe(body), contents)


def text_of(site: str, rate: int) -> str:
    """Return the text of the guide with the portal's URL and rate limit."""
    limit = f"{rate:,} requests in a minute" if rate else "any number of requests"
    text = FILE.read_text(encoding="utf-8").replace(USUAL_RATE, limit)
    return text.replace(
        " In the\nrepository `https://practices.example` stands for your portal.", ""
    ).replace(EXAMPLE_SITE, site)


def anchor(heading: str) -> str:
    return re.sub(r"\W+", "-", heading.lower()).strip("-")


def _parser() -> Any:
    """Return a Markdown parser with tables. Wide blocks scroll, also with the keyboard."""
    from markdown_it import MarkdownIt  # sixty modules, and few readers ask for this page

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    scrolled = '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n'
    parser.add_render_rule("table_open", lambda *_arguments: scrolled)
    parser.add_render_rule("table_close", lambda *_arguments: "</table></div>\n")
    for kind in ("fence", "code_block"):
        parser.add_render_rule(kind, code)
    return parser


def code(renderer: Any, tokens: list[Any], number: int, options: Any, env: Any) -> str:
    """Render a code block. A text block directly after an example is its response."""
    from markdown_it.common.utils import escapeHtml

    language = tokens[number].info.strip() or "text"
    return (
        f'<pre tabindex="0" role="group" aria-label="{NAMES.get(language, language)}">'
        f"<code>{escapeHtml(tokens[number].content)}</code></pre>\n"
    )


NAMES = {"sh": "Command", "json": "Answer", "text": "Answer", "python": "Python", "r": "R"}
