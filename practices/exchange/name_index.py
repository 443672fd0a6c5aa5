"""Finds countries, actors, themes, objectives and publications by their usual names."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import yaml
from babel import Locale
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from practices.models import Country, Objective
from practices.values.text import BLANK, SLUG, typed_slug

LEAST_ALIKE = 80  # of 100: names that are suggested where one is not known
MIN_SUGGESTED_LENGTH = 4  # characters: shorter names and codes are alike by chance
MAX_SUGGESTED = 3
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
LANGUAGES = ("en", "fr", "es", "ar")  # of country names
ARTICLES = {"the", "la", "le", "les", "el", "los", "las", "l"}


@cache
def other_names() -> dict[str, list[str]]:
    """Country code → names in common use that CLDR leaves out."""
    file = Path(__file__).with_name("country_names.yaml")
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@lru_cache(maxsize=50_000)
def fold_name(name: str) -> str:
    """Return a name for comparisons: in lower case, without accents, signs and invisible marks.

    Apostrophes, dashes and spaces of every kind become one space: “Côte d’Ivoire” → “cote d ivoire”.
    """
    decomposed = unicodedata.normalize("NFKD", name.replace("&", " and ").casefold())
    kept = (
        letter if letter.isalnum() else " "
        for letter in decomposed
        if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    return " ".join("".join(kept).translate(LIGATURES).split())


def show_invisible(text: str, most: int = 80) -> str:
    """Return a text for a message, with the names of invisible characters: title‹ZERO WIDTH SPACE›."""
    shown = "".join(map(show_sign, text[:most]))
    return f"{shown}…" if len(text) > most else shown


def show_sign(letter: str) -> str:
    hidden = unicodedata.category(letter) in {"Cc", "Cf", "Zs", "Zl", "Zp"} and letter != " "
    return f"‹{unicodedata.name(letter, f'U+{ord(letter):04X}')}›" if hidden else letter


SLUG_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789-_"


def checked_slug(text: str) -> str:
    """Return the `typed_slug`; empty for a blank text. Raises ValidationError with the invalid characters."""
    slug, typed = typed_slug(text), text.strip()
    if SLUG.fullmatch(slug) or not typed:
        return slug
    named = {"slug": show_invisible(typed, 60)}
    wrong = [show_invisible(sign) for sign in dict.fromkeys(slug) if sign not in SLUG_SIGNS]
    if not wrong:
        raise ValidationError(_("“%(slug)s” is not a slug. Use letters a to z, digits and hyphens.") % named)
    signs = ", ".join(_("spaces") if sign == " " else f"“{sign}”" for sign in wrong[:5])
    message = _(
        "A slug may contain only letters a to z, digits and hyphens. Remove from “%(slug)s”: %(signs)s."
    )
    raise ValidationError(message % (named | {"signs": signs}))


@dataclass(frozen=True)
class NamedRow:
    """A row of a table: its natural key, its name in messages, and all its names."""

    key: str
    label: str
    spellings: tuple[str, ...]


class NameIndex:
    """An index of the rows of a table by their names."""

    def __init__(self, rows: Iterable[NamedRow]) -> None:
        self.by_key: dict[str, NamedRow] = {}
        self.by_name: dict[str, list[NamedRow]] = {}
        for row in rows:
            self.by_key[row.key] = row
            for name in dict.fromkeys(map(fold_name, (row.key, *row.spellings))):
                if name:
                    self.by_name.setdefault(name, []).append(row)

    def find(self, called: str) -> list[NamedRow]:
        """The rows with this key, or with this name: several if the name is ambiguous."""
        called = called.strip(BLANK)
        exact = self.by_key.get(called) or (self.by_key.get(called.upper()) if len(called) == 2 else None)
        return [exact] if exact else self.by_name.get(fold_name(called), [])

    def alike(self, called: str) -> list[NamedRow]:
        """Return the rows with similar names, the most similar first, or those with this beginning if there
        are none.
        """
        from rapidfuzz import fuzz, process  # seldom needed, and the library is slow to import

        wanted = fold_name(called)
        if len(wanted) < MIN_SUGGESTED_LENGTH:
            return []
        found = process.extract(
            wanted, self.long_names, scorer=fuzz.ratio, limit=3 * MAX_SUGGESTED, score_cutoff=LEAST_ALIKE
        )
        rows = dict.fromkeys(row for name, _score, _place in found for row in self.by_name[name])
        return (list(rows) or self.beginning(called))[:MAX_SUGGESTED]

    def beginning(self, part: str) -> list[NamedRow]:
        """The rows with a name in which a word begins with `part`; exact names come first."""
        wanted = fold_name(part)
        if not wanted:
            return []
        exact = self.find(part)
        others = (
            row for name, rows in self.by_name.items() if f" {name}".find(f" {wanted}") >= 0 for row in rows
        )
        return list(dict.fromkeys((*exact, *others)))

    @cached_property
    def long_names(self) -> list[str]:
        return [name for name in self.by_name if len(name) >= MIN_SUGGESTED_LENGTH]


def build_index(model: type[models.Model]) -> NameIndex:
    """The index of a table of reference rows, actors or publications. One query, and one more for actors."""
    rows = model._default_manager.order_by("pk")
    if hasattr(model, "country"):
        rows = rows.select_related("country")
    return NameIndex(named_row(row) for row in rows)


def named_row(row: models.Model) -> NamedRow:
    """A row with its name, title, short form and label; countries with their names in four languages."""
    if isinstance(row, Country):
        return NamedRow(row.code, f"{row.local_name} ({row.code})", tuple(country_names(row)))
    spellings = [str(row), *(getattr(row, name, "") for name in ("name", "title", "acronym"))]
    if isinstance(row, Objective):  # also as SDG11.3
        bare = row.code.replace("-", "")
        return NamedRow(row.code, f"{row.label} ({row.code})", (str(row), row.name, row.label, bare))
    called = getattr(row, "title", "") or row.name
    country = getattr(row, "country", None)
    label = f"{called}, {country} ({row.key})" if country else f"{called} ({row.key})"
    return NamedRow(row.key, label, tuple(filter(None, spellings)))


def country_names(country: Country) -> list[str]:
    """The names of a country: stored, CLDR's in four languages, common other ones; without articles too."""
    names = [country.name, country.local_name, country.alpha3]
    names += [Locale.parse(language).territories.get(country.code, "") for language in LANGUAGES]
    names += other_names().get(country.code, [])
    without = [name.replace("St. ", "Saint ") for name in names if name.startswith("St. ")]
    for name in names:
        article, _space, rest = fold_name(name).partition(" ")
        if article in ARTICLES and rest:
            without.append(rest)
    with_article = [f"the {country.name}"]
    return list(filter(None, dict.fromkeys((*names, *without, *with_article))))
