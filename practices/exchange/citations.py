"""Citations of a practice: for readers (APA, Chicago) and for reference managers (BibTeX, RIS).

Citations refer to the portal's page as a chapter of the publication it first appeared in, retold by the
portal: the facts are the publisher's, the words are not. No person signs a practice, so its author is the
body that published it; without a publication, the site itself. Titles keep their letters as they are: no
program knows which words of them are names. The forms are English ones, in whatever language the page around
them is.

No function asks the database anything about a practice that `for_detail()` has loaded.
"""

import re
from datetime import date
from html import unescape

from django.conf import settings
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from practices.models import Practice
from practices.values.period import Period
from practices.values.text import lang_dir, to_html

NO_DATE = "n.d."


class Reference:
    """The data of every style, on one line each. `book` and `publisher` are empty without a publication."""

    def __init__(self, practice: Practice) -> None:
        book = practice.publication
        self.site = single_line(str(settings.SITE_NAME))
        self.title, self.language = single_line(practice.title), practice.language
        self.book, self.book_language = (single_line(book.title), book.language) if book else ("", "")
        self.publisher = single_line(book.publisher.name) if book else ""
        self.author = self.publisher or self.site
        self.date = book.date if book else own_date(practice)
        self.url = settings.SITE_URL + practice.get_absolute_url()

    @property
    def reteller(self) -> str:
        """The site, if another body published the practice first; else empty."""
        return "" if self.site == self.author else self.site

    @property
    def years(self) -> str:
        """The years of a citation: 2015, ca. 2015, 2014–2016, 2014–; “n.d.” if unknown."""
        if self.date is None:
            return NO_DATE
        start, end = (str(day.year) if day else "" for day in (self.date.start, self.date.end))
        about = "ca. " if re.search("[?~%]", self.date.edtf) else ""
        return about + (start if start == end else f"{start}–{end}")

    @property
    def day(self) -> date | None:
        """The day of publication, if it is known."""
        known = self.date is not None and re.fullmatch(r"\d{4}-\d\d-\d\d", self.date.edtf)
        return self.date.start if known else None

    @property
    def year(self) -> str:
        """The first year, because BibTeX and RIS accept only one; empty if it is not known."""
        found = re.search(r"\d{4}", self.date.edtf) if self.date else None
        return found[0] if found else ""


def own_date(practice: Practice) -> Period | None:
    """Return the publication date of a practice that first appeared on the portal."""
    if practice.published_at is None:
        return None
    return Period(timezone.localtime(practice.published_at).date().isoformat())


def single_line(text: str) -> str:
    """The text with single spaces, and without line breaks and control characters."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "", " ".join(text.split()))


def html_to_text(html: str) -> str:
    """Safe HTML as text to copy."""
    return single_line(unescape(re.sub(r"<[^>]*>", "", html)))


def keywords(practice: Practice) -> list[str]:
    """Return the names of the countries and themes of a practice."""
    names = [country.local_name for country in practice.countries]
    return [single_line(name) for name in (*names, *(theme.name for theme in practice.themes.all()))]


def abstract(practice: Practice) -> str:
    return html_to_text(to_html(practice.summary))


# For reading -------------------------------------------------------------------------------------------


def apa(practice: Practice, today: date) -> SafeString:
    """Return an entry of a reference list in APA style (7th edition); `today` is the day of retrieval."""
    cited = Reference(practice)
    when = (
        f"{cited.day.year}, {cited.day:%B} {cited.day.day}" if cited.day and not cited.book else cited.years
    )
    if cited.book:
        title = format_html(
            "{}{} In <em>{}</em>{}",
            in_language(cited.title if cited.reteller else title_with_stop(cited.title), cited.language),
            f" (retold by {cited.reteller})." if cited.reteller else "",
            in_language(cited.book, cited.book_language),
            full_stop(cited.book),
        )
    else:
        title = format_html("<em>{}</em>{}", in_language(cited.title, cited.language), full_stop(cited.title))
    return format_html(
        "{}{} ({}). {} Retrieved {}, from {}",
        cited.author, full_stop(cited.author), when, title, long_date(today), cited.url,
    )  # fmt: skip


def chicago(practice: Practice, today: date) -> SafeString:
    """Return an entry of a bibliography in Chicago style (18th edition); `today` is the day of access."""
    cited = Reference(practice)
    if cited.book:
        work = format_html(
            "{}In <em>{}</em>{} {}, {} ",
            as_sentence(retold_by(cited)),
            in_language(cited.book, cited.book_language),
            full_stop(cited.book),
            cited.publisher,
            cited.years + full_stop(cited.years),
        )
    else:
        when = long_date(cited.day) if cited.day else cited.years
        work = as_sentence(when)
    return format_html(
        "{}{} “{}” {}Accessed {}. {}.",
        cited.author, full_stop(cited.author), in_language(inside_quotes(cited.title), cited.language), work,
        long_date(today), cited.url,
    )  # fmt: skip


def retold_by(cited: Reference) -> str:
    return f"Retold by {cited.reteller}" if cited.reteller else ""


def full_stop(text: str) -> str:
    """Return a full stop if the text needs one to end a sentence, or an empty string."""
    return "" if text.rstrip('"”’').endswith((".", "?", "!", "…", "؟")) else "."


def as_sentence(text: str) -> str:
    return f"{text}{full_stop(text)} " if text else ""


def title_with_stop(title: str, marks: str = '"”') -> str:
    """Return a title with a full stop, inside a closing quotation mark."""
    inner = title[:-1] if title.endswith(tuple(marks)) else title
    return inner + full_stop(inner) + title[len(inner) :]


def inside_quotes(title: str) -> str:
    """Return a title in double quotation marks: its own become single, and the full stop is inside."""
    single = re.sub(r'"([^"]*)"|“([^“”]*)”', lambda match: f"‘{match[1] or match[2] or ''}’", title)
    return title_with_stop(single, "’" if title.endswith(('"', "”")) else "")


def in_language(text: str, language: str) -> SafeString:
    """Return a title marked up with its language and isolated direction if it is not in English."""
    if language.split("-")[0] == "en":
        return escape(text)
    return format_html("<bdi {}>{}</bdi>", lang_dir(language), text)


def long_date(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


# For reference managers --------------------------------------------------------------------------------

# What BibTeX would take for a sign of its own. It counts braces even behind a backslash, so they get names.
TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "%&#_$"},
    }
)
TEX_LANGUAGES = {"en": "english", "fr": "french", "es": "spanish", "ar": "arabic"}


def bibtex(practice: Practice, today: date) -> str:
    """Return a BibTeX entry with the slug as its key: @incollection with a publication, else @misc, which
    older programs support. An unknown year is left out: styles then print “n.d.” themselves.
    """
    cited = Reference(practice)
    fields = {
        # A second pair of braces keeps the capitals of titles, and names with an “and” in one piece.
        "author": f"{{{tex(cited.author)}}}",
        "title": f"{{{tex(cited.title)}}}",
    }
    if cited.book:
        fields["booktitle"] = f"{{{tex(cited.book)}}}"
        fields["publisher"] = f"{{{tex(cited.publisher)}}}"
        fields["note"] = tex(retold_by(cited))
    fields |= {
        "year": cited.year,
        "url": cited.url,  # not escaped: programs use it as it is
        "urldate": today.isoformat(),
        "language": TEX_LANGUAGES.get(cited.language.split("-")[0], cited.language),
        "keywords": ", ".join(tex(word.replace(",", "")) for word in keywords(practice)),
        "abstract": tex(abstract(practice)),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'incollection' if cited.book else 'misc'}{{{practice.slug},\n{lines}}}\n"


def tex(text: str) -> str:
    return text.translate(TEX)


def ris(practice: Practice, today: date) -> str:
    """Return a RIS entry: CHAP with a publication, else ELEC."""
    cited = Reference(practice)
    values = [
        ("TY", "CHAP" if cited.book else "ELEC"),
        ("AU", cited.author),
        ("TI", cited.title),
        ("T2", cited.book or cited.site),
        ("PB", cited.publisher),
        ("PY", cited.year),
        ("DB", cited.site if cited.book else ""),
        ("N1", retold_by(cited)),
        ("UR", cited.url),
        ("Y2", today.strftime("%Y/%m/%d")),
        ("LA", cited.language),
        *(("KW", word) for word in keywords(practice)),
        ("AB", abstract(practice)),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in values if value) + "ER  - \r\n"
