"""Texts: Markdown to safe HTML, direction, sort order, allowed characters."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

import nh3
from django.template.defaultfilters import linebreaks
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext

from practices.values.versioned_cache import VersionedCache

TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "section", "strong", "sup", "ul"}
ATTRIBUTES = {
    "a": {"href", "id", "class"},
    "li": {"id", "class"},
    "ol": {"start", "class"},
    "section": {"class"},
    "sup": {"class"},
}
# Footnotes are the only source of ids and classes; whatever else a text brings along is dropped.
FOOTNOTE_ID = re.compile(r"fn(?:ref)?-[\w-]+-\d+(?::\d+)?")
BACK = re.compile(r'<a [^>]*class="footnote-backref"')  # the tag alone: a text may hold the same words
FOOTNOTE_CLASSES = {"footnotes", "footnotes-list", "footnote-item", "footnote-ref", "footnote-backref"}


def _kept_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "id":
        return value if FOOTNOTE_ID.fullmatch(value) else None
    if name == "class":
        return " ".join(word for word in value.split() if word in FOOTNOTE_CLASSES) or None
    return value


MAX_RENDERED_LENGTH = 100_000  # characters; longer texts, which no form takes, are shown as plain paragraphs
# By text and prefix, so that a preview, which no cache may keep, is not rendered again for each request.
RENDERED = VersionedCache(16_000_000, size=lambda html: 1_000 + 4 * len(html))
MAX_BRACKETS = 2_000  # in one text; with more of them, links and footnotes are shown as they are typed
MAX_REFERENCE_LENGTH = 100_000  # characters that the uses of one definition (`[a]: address`) may come to


def _bound_references(state: Any) -> None:
    """Drop link definitions whose URL, repeated at each use, would multiply the text, and the titles of all,
    which are not shown. Footnotes are kept: they are written once.
    """
    references = state.env.get("references", {})
    uses = state.src.count("[")
    for label, reference in list(references.items()):
        reference["title"] = ""
        if len(reference["href"]) * uses > MAX_REFERENCE_LENGTH:
            del references[label]


@lru_cache(maxsize=2)
def _parser(links: bool = True) -> Any:
    """Return a Markdown parser; without `links`, it skips links and footnotes, whose rules are the
    slowest.
    """
    from markdown_it import MarkdownIt  # sixty modules, and most pages show none of it
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.disable(["image", "heading", "lheading", "hr", "code", "fence"])
    parser.core.ruler.after("block", "bound_references", _bound_references)
    if links:
        parser.use(footnote_plugin)
    else:
        parser.disable(["link", "reference"])
    parser.render("a")  # puts its rules together, which a second thread must not meet half done
    return parser


def to_html(markdown: str, prefix: str = "text") -> SafeString:
    """Safe HTML of a Markdown text: paragraphs, line breaks, lists, emphasis, links, footnotes.

    There are no headings and no images. `prefix` separates the footnotes of several texts on one page. HTML
    in the text is shown as text; the result is cleaned once more, so that links lead only to http, https or
    mailto. The time is linear in the length and limited (benchmarks/texts.py).
    """
    if len(markdown) > MAX_RENDERED_LENGTH:
        return linebreaks(markdown, autoescape=True)
    html = RENDERED.get((markdown, prefix))
    if html is None:
        html = nh3.clean(
            _parser(links=markdown.count("[") <= MAX_BRACKETS).render(markdown, {"docId": prefix}),
            tags=TAGS,
            attributes=ATTRIBUTES,
            attribute_filter=_kept_attribute,
            url_schemes={"http", "https", "mailto"},
            link_rel=None,
        )
        RENDERED.set((markdown, prefix), html)
    label = escape(gettext("Back to text"))
    return mark_safe(BACK.sub(lambda tag: f'{tag[0]} aria-label="{label}"', html))


def normal_line_endings(text: str) -> str:
    """The text with `\\n` at the end of each line, whichever system it was typed on."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# A line break inside a paragraph: not after a hard break (two spaces or a backslash), and not before what
# begins a block of its own (a list item, a quotation, a footnote). No part of it can match two ways, and a
# footnote's label ends at the next bracket, so that the time is linear.
WRAP = re.compile(r"(?<=\S)(?<!\\)\n[ \t]*(?!\s|[-*+]\s|\d{1,9}[.)]\s|>|\[\^[^\[\]\n]+\]:)(?=\S)")


def unwrap(markdown: str) -> str:
    """Markdown of a file with wrapped lines, with each paragraph and list item on one line."""
    return WRAP.sub(" ", normal_line_endings(markdown)).strip()


# Spaces and signs without a width that may stand at the ends of a value: no-break spaces, byte order marks,
# zero-width spaces, word joiners, soft hyphens.
BLANK = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\ufeff\u200b\u2060\u00ad"


# Languages that are written from right to left, and scripts that are, where a code names one (`az-Arab`).
RTL_LANGUAGES = {"ar", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
RTL_SCRIPTS = {"adlm", "arab", "aran", "hebr", "nkoo", "rohg", "syrc", "thaa"}
FSI, PDI = "\u2068", "\u2069"


def direction(language: str) -> str:
    """`rtl` or `ltr`: how a language is written, by its BCP 47 code."""
    first, *subtags = language.lower().replace("_", "-").split("-")
    script = next((subtag for subtag in subtags if len(subtag) == 4 and subtag.isalpha()), "")
    return "rtl" if (script in RTL_SCRIPTS if script else first in RTL_LANGUAGES) else "ltr"


@lru_cache(maxsize=200)
def lang_dir(language: str) -> SafeString:
    """The attributes of an element that holds a text of a language: `lang="ar" dir="rtl"`."""
    return format_html('lang="{}" dir="{}"', language, direction(language))


def isolated(text: str) -> str:
    """Return a text with isolated direction, for plain text such as a subject or a message.

    Texts from left to right stay as they are; others are enclosed in FSI and PDI (Unicode annex 9).
    """
    right_to_left = any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)
    return f"{FSI}{text}{PDI}" if right_to_left else text


# Format controls that are seen: signs that stand around or above digits in Arabic, Syriac and Kaithi.
SEEN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
JOINERS = "\u200c\u200d"  # which scripts and emoji need inside words
OVERRIDES = re.compile("[\u202a-\u202e]")  # embeddings and overrides, which can mirror a text


def one_line(text: str) -> str:
    """Return a title or a name as stored: on one line, without invisible characters.

    Tabs and line breaks become a space. Control characters and invisible format controls are dropped: marks
    and overrides of direction, zero-width spaces, byte order marks, soft hyphens. Joiners and no-break
    spaces stay.
    """
    return "".join(map(_seen, text)).strip()


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category != "Zs" and character.isspace():
        return " "
    return "" if category in {"Cc", "Cf"} and character not in JOINERS + SEEN else character


NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def for_xml(text: str) -> str:
    """Return a text with � for each character that XML forbids."""
    return NOT_IN_XML.sub("�", text)


# Letters that Unicode does not decompose, as readers of English, French and Spanish file them.
LETTERS_APART = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n"}
)
# The decimal digits of all scripts → those of ASCII.
ASCII_DIGITS = {
    code: str(unicodedata.decimal(chr(code))) for code in range(0x660, 0x20000) if chr(code).isdecimal()
}
FILED = LETTERS_APART | ASCII_DIGITS
DIGITS = re.compile(r"\d+")
MAX_KEY_LENGTH = 250


def _filed(character: str) -> str:
    """Return a character for sorting: letters, marks and digits stay, others become a space."""
    category = unicodedata.category(character)
    if category == "Cf":  # joiners and direction marks, which nobody sees
        return ""
    return character if category[0] in "LMN" else " "


def _number(digits: str) -> str:
    value = digits.lstrip("0") or "0"
    return f"{min(len(value), 99):02}{value}"


def sort_key(text: str) -> str:
    """Return the sort key of a title or a name, compared character by character: `É. 9` → `e 019`.

    Case, accents, punctuation and signs do not count. Each number has the number of its digits in front, so
    numbers sort by value. A text without letters and digits is its own key. It has
    at most MAX_KEY_LENGTH characters.
    """
    folded = alphabetical(text.replace("\0", "")).translate(FILED)
    plain = "".join(map(_filed, folded))
    numbered = DIGITS.sub(lambda digits: _number(digits[0]), " ".join(plain.split()))
    return (numbered or text)[:MAX_KEY_LENGTH]


MAX_SOURCE_LENGTH = 1_000  # characters of a title or a name that a slug is made from
SLUG = re.compile(r"[a-z0-9]+(?:[-_]+[a-z0-9]+)*")
OTHER_DASHES = "\u2043\u2212"  # the hyphen bullet and the minus sign, which Unicode does not count as dashes
SEPARATORS = "/~\u2044\u2215\uff0f\uff5e"  # slashes and tildes, as between years


def slug_of(text: str, longest: int) -> str:
    """A slug for a title or a name, which ends with a whole word: `Łódź 2013–2015` → `lodz-2013-2015`.

    Letters of all scripts are transliterated by AnyAscii, character by character: `Мигранты` → `migranty`.
    Empty if the text has no letter and no digit. The time is linear in the length, of which the first
    MAX_SOURCE_LENGTH characters count.
    """
    composed = unicodedata.normalize("NFC", text[:MAX_SOURCE_LENGTH])
    slug = slugify("".join(map(_transliterated, composed)))
    if len(slug) <= longest:
        return slug
    return (slug[: longest + 1].rpartition("-")[0] or slug[:longest]).strip("-_")


def _transliterated(character: str) -> str:
    """A character in ASCII: letters as they sound, dashes as hyphens, other signs and emoji as nothing."""
    if is_dash(character) or character in SEPARATORS:
        return "-"
    if character.isascii():
        return character
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category[0] not in "LN" and category not in {"Mn", "Mc"}:
        return ""
    from anyascii import anyascii  # slow to import

    # Chinese has no spaces, so each syllable is a word.
    return f" {anyascii(character)} " if "\u3400" <= character <= "\u9fff" else anyascii(character)


def is_dash(character: str) -> bool:
    """Return whether a character is a hyphen, a dash or a minus sign of any script."""
    return unicodedata.category(character) == "Pd" or character in OTHER_DASHES


def typed_slug(text: str) -> str:
    """Return a typed slug in lower case, with hyphens for dashes, without outer spaces.

    Zero-width characters and outer hyphens are removed too. What SLUG does not match remains. Linear.
    """
    hyphens = "".join("-" if is_dash(character) else character for character in one_line(text))
    return hyphens.strip(BLANK + JOINERS + "-_").lower()


def alphabetical(name: str) -> str:
    """Return a name for sorting and comparing, without case and accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
