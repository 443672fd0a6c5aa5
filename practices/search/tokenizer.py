"""Tokens of texts and queries: how words are separated, folded and stemmed."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from Stemmer import Stemmer

from practices.values.text import ASCII_DIGITS, LETTERS_APART

_stemming = Lock()  # stemmers are not thread-safe
STEMMERS = {
    "en": Stemmer("english"),
    "fr": Stemmer("french"),
    "es": Stemmer("spanish"),
    "ar": Stemmer("arabic"),
}
# Combining accents and characters without width (soft hyphens, joiners, zero-width spaces, direction marks,
# byte order marks) are part of a word, and so is & (“M&D”); all other signs separate words.
INVISIBLE = r"\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
MARKS = r"\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
INSIDE = f"[{INVISIBLE}{MARKS}]"
# A number with thousands separated by commas or no-break spaces is one word: 187,689 matches 187689.
THOUSANDS = r"(?<![\d.,])\d{1,3}(?:[,\u066c\u00a0\u202f]\d{3})+(?![\d,])"
WORD = re.compile(rf"{THOUSANDS}|[^\W_]+(?:(?:&|{INSIDE}+)[^\W_]+)*{INSIDE}*")
LETTERS = re.compile(r"[^\W_]+")
# Arabic letters that writers and keyboards use for each other; a tatweel only widens a word.
ARABIC = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ٱ": "ا", "ـ": ""})
LIGATURES = LETTERS_APART | ASCII_DIGITS | ARABIC | {ord("&"): ""}
# The article before an Arabic noun, with “and”, “so”, “in”, “like” or “for” before it.
ARTICLE = re.compile("^[وف]?(?:[بكف]?ال|لل)(?=...)")
PARTICLES = "وفبكل"  # and, so, in, like, for: written as one word with the next, with or without an article
# What an Arabic word may begin with: a particle, or the article with or without a particle before it.
ARABIC_PREFIXES = ("", *PARTICLES, "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "فلل")
ARABIC_WORD = re.compile("[\u0621-\u064a]{3,}")
# Includes the letters of Persian, Urdu, Kurdish and other languages.
ARABIC_SCRIPT = re.compile("[\u0620-\u064a\u066e-\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f]+")
MAX_WORD_LENGTH = 60
FREQUENT_WORDS = Path(__file__).with_name("frequent_words.txt")
COMMON, RIGHTLY_SPELLED, RARE = 4.5, 3.5, 3.0  # Zipf frequencies: log10 of the occurrences in a billion words
# Letters before or after an apostrophe in French, Spanish and English, which are not words.
ELISIONS = {"l", "d", "j", "m", "n", "s", "t", "c", "qu"}
# Ignored in queries that have other words, but indexed, for phrases.
# English, French and Spanish, folded. A change needs no new index: only queries leave them out.
STOP_WORD_FILE = Path(__file__).with_name("stop_words.txt")
STOP_WORDS = frozenset(STOP_WORD_FILE.read_text(encoding="utf-8").split())


class Token(NamedTuple):
    """A folded word, and the position of the original in the text."""

    folded: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case, half-width, ASCII digits, without accents: `Sédhiou` → `sedhiou`, `œuvre` → `oeuvre`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.casefold().translate(LIGATURES)


def tokenize(text: str) -> Iterator[Token]:
    """The words and numbers of a text in order, without the letters of elisions (l’, d’, ’s)."""
    for match in WORD.finditer(text):
        folded = _folded(match.group())
        if folded and not (folded in ELISIONS and at_apostrophe(text, match)):
            yield Token(folded, match.start(), match.end())


@lru_cache(maxsize=200_000)
def _folded(word: str) -> str:
    """A folded word, without signs that folding adds (the slash of a fraction)."""
    return "".join(LETTERS.findall(fold(word)))[:MAX_WORD_LENGTH]


def at_apostrophe(text: str, match: re.Match) -> bool:
    return not {"'", "’"}.isdisjoint(
        (text[match.end() : match.end() + 1], text[match.start() - 1 : match.start()])
    )


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The Snowball stem of a folded word; numbers and words of languages without a stemmer are unchanged.

    A word in Arabic script has the same stem in texts of all languages.
    """
    language = "ar" if ARABIC_SCRIPT.fullmatch(word) else language
    if language not in STEMMERS or not word.isalpha():
        return word
    with _stemming:
        return STEMMERS[language].stemWord(stemmer_input(word, language)) or word


def stemmer_input(word: str, language: str) -> str:
    """The form of a word that the stemmer gets: Arabic words with the article, without which it removes other
    endings."""
    if language != "ar" or not ARABIC_WORD.fullmatch(word):
        return word
    bare = ARTICLE.sub("", word)
    return f"ال{bare[:-1]}ة" if bare.endswith("ه") and len(bare) > 3 else f"ال{bare}"


def stem_all(folded: Collection[str], language: str) -> dict[str, str]:
    """Folded word → stem. For many words twenty times as fast as `stem()`."""
    arabic = [word for word in folded if ARABIC_SCRIPT.fullmatch(word)]
    others = [word for word in folded if word.isalpha() and not ARABIC_SCRIPT.fullmatch(word)]
    with _stemming:
        found = STEMMERS["ar"].stemWords([stemmer_input(word, "ar") for word in arabic])
        found += STEMMERS[language].stemWords([stemmer_input(word, language) for word in others])
    known = {word: stemmed or word for word, stemmed in zip([*arabic, *others], found, strict=True)}
    return {word: known.get(word, word) for word in folded}


def stems(word: str, languages: Iterable[str]) -> list[str]:
    """The distinct stems of a folded word of a query, in the order of the languages.

    An Arabic word has stems with and without each particle: only people know whether its first letter is one.
    """
    found = [stem(word, language) for language in languages]
    if ARABIC_WORD.fullmatch(word):
        found += [stem(form, "ar") for form in arabic_forms(word)]
    return list(dict.fromkeys(found))


def arabic_forms(word: str) -> list[str]:
    """At most thirteen forms of a folded Arabic word, with and without an article or a particle."""
    bare = bare_forms(word)
    # A word that begins with the letters of the article keeps them after an article.
    whole = [f"ال{word}"] if word.startswith("ال") else []
    return [*bare, *whole, *(particle + form for form in bare for particle in PARTICLES)]


def bare_forms(word: str) -> list[str]:
    """A folded Arabic word without its article, and without its first letter if that can be a particle."""
    bare = ARTICLE.sub("", word)
    return [bare, bare[1:]] if bare[0] in PARTICLES and len(bare) > 4 else [bare]


@lru_cache(maxsize=10_000)
def prefix_forms(word: str) -> tuple[str, ...]:
    """The beginnings of words that folded letters match: the letters; for Arabic letters also with and
    without an article or a particle (at most 28 forms)."""
    if not ARABIC_WORD.fullmatch(word):
        return (word,)
    return tuple(
        dict.fromkeys([word, *(before + bare for bare in bare_forms(word) for before in ARABIC_PREFIXES)])
    )


@cache
def frequencies() -> dict[str, float]:
    """Folded word of English, French or Spanish → Zipf frequency, 3.5 or more."""
    lines = (
        line.split()
        for line in FREQUENT_WORDS.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
    return {word: int(tenths) / 10 for word, tenths in lines}


def frequency(word: str) -> float:
    """The Zipf frequency of a folded word in everyday language; RARE for words that are not listed."""
    return frequencies().get(word, RARE)


def rarity(text: str) -> float:
    """Return 8 minus the Zipf frequency of the rarest word of a text, independent of the practices."""
    return max((8 - frequency(token.folded) for token in tokenize(text)), default=1.0)
