"""Words: how a text is cut, folded and stemmed, the same way when it is indexed and when it is asked for."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from Stemmer import Stemmer

from practices.values.text import ASCII_DIGITS, LETTERS_APART

_stemming = Lock()  # a stemmer holds the word it is at, so two threads in one would mix theirs
STEMMERS = {
    "en": Stemmer("english"),
    "fr": Stemmer("french"),
    "es": Stemmer("spanish"),
    "ar": Stemmer("arabic"),
}
# Accents of their own and what has no width (soft hyphens, joiners, zero-width spaces, direction marks, byte
# order marks) stand inside words; “M&D” is one; all other signs part words.
INVISIBLE = r"\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
MARKS = r"\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
INSIDE = f"[{INVISIBLE}{MARKS}]"
# So is a number in thousands, by commas or by spaces that do not break: 187,689 is asked for as 187689.
THOUSANDS = r"(?<![\d.,])\d{1,3}(?:[,\u066c\u00a0\u202f]\d{3})+(?![\d,])"
WORD = re.compile(rf"{THOUSANDS}|[^\W_]+(?:(?:&|{INSIDE}+)[^\W_]+)*{INSIDE}*")
LETTERS = re.compile(r"[^\W_]+")
# Letters of Arabic that writers and keyboards mix; a tatweel only widens a word.
ARABIC = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ٱ": "ا", "ـ": ""})
LIGATURES = LETTERS_APART | ASCII_DIGITS | ARABIC | {ord("&"): ""}
# What stands before an Arabic noun: the article, with “and”, “so”, “in”, “like” or “for” before it.
ARTICLE = re.compile("^[وف]?(?:[بكف]?ال|لل)(?=...)")
PARTICLES = "وفبكل"  # and, so, in, like, for: written with the word that follows, with or without an article
# What one can be written before: a particle, or the article with or without a particle before it.
BEFORE = ("", *PARTICLES, "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "فلل")
ARABIC_WORD = re.compile("[\u0621-\u064a]{3,}")
# With the letters of Persian, Urdu, Kurdish and others.
ARABIC_SCRIPT = re.compile("[\u0620-\u064a\u066e-\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f]+")
LONGEST_WORD = 60
FREQUENT_WORDS = Path(__file__).with_name("frequent_words.txt")
COMMON, RIGHTLY_SPELLED, RARE = 4.5, 3.5, 3.0  # Zipf frequencies: log10 of how often among a billion words
# Letters that French, Spanish and English put before or after an apostrophe: no word of their own.
ELISIONS = {"l", "d", "j", "m", "n", "s", "t", "c", "qu"}
# Words that carry no subject: left out of questions unless nothing else is left, but indexed, for phrases.
STOP_WORD_FILE = Path(__file__).with_name("stop_words.txt")
STOP_WORDS = frozenset(STOP_WORD_FILE.read_text(encoding="utf-8").split())


class Word(NamedTuple):
    """A word as it stands in a text: folded, with the place of the original."""

    folded: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents, half-width, digits of ASCII: `Sédhiou` → `sedhiou`, `œuvre` → `oeuvre`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.casefold().translate(LIGATURES)


def words(text: str) -> Iterator[Word]:
    """The words of a text in order. Letters of elisions (l’, d’, ’s) are no words; numbers are."""
    for match in WORD.finditer(text):
        folded = _folded(match.group())
        if folded and not (folded in ELISIONS and at_apostrophe(text, match)):
            yield Word(folded, match.start(), match.end())


@lru_cache(maxsize=200_000)
def _folded(word: str) -> str:
    """A word folded, without the signs that folding leaves (a fraction’s slash)."""
    return "".join(LETTERS.findall(fold(word)))[:LONGEST_WORD]


def at_apostrophe(text: str, match: re.Match) -> bool:
    return not {"'", "’"}.isdisjoint(
        (text[match.end() : match.end() + 1], text[match.start() - 1 : match.start()])
    )


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The Snowball stem of a folded word; numbers and words of languages without a stemmer stay whole.

    A word in Arabic script has one stem, whatever the language of the text around it.
    """
    language = "ar" if ARABIC_SCRIPT.fullmatch(word) else language
    if language not in STEMMERS or not word.isalpha():
        return word
    with _stemming:
        return STEMMERS[language].stemWord(prepared(word, language)) or word


def prepared(word: str, language: str) -> str:
    """What the stemmer gets. Arabic nouns all get the article, as it cuts other endings of a noun without."""
    if language != "ar" or not ARABIC_WORD.fullmatch(word):
        return word
    bare = ARTICLE.sub("", word)
    return f"ال{bare[:-1]}ة" if bare.endswith("ه") and len(bare) > 3 else f"ال{bare}"


def stem_all(folded: Collection[str], language: str) -> dict[str, str]:
    """Folded words → their stems: what `stem` says of each, a twentieth of the time for many."""
    arabic = [word for word in folded if ARABIC_SCRIPT.fullmatch(word)]
    others = [word for word in folded if word.isalpha() and not ARABIC_SCRIPT.fullmatch(word)]
    with _stemming:
        found = STEMMERS["ar"].stemWords([prepared(word, "ar") for word in arabic])
        found += STEMMERS[language].stemWords([prepared(word, language) for word in others])
    known = {word: stemmed or word for word, stemmed in zip([*arabic, *others], found, strict=True)}
    return {word: known.get(word, word) for word in folded}


def stems(word: str, languages: Iterable[str]) -> list[str]:
    """The different stems of a folded word that is asked for, one language after the other.

    An Arabic word is asked for with and without each particle before it, as only a reader knows whether its
    first letter belongs to it.
    """
    found = [stem(word, language) for language in languages]
    if ARABIC_WORD.fullmatch(word):
        found += [stem(form, "ar") for form in arabic_forms(word)]
    return list(dict.fromkeys(found))


def arabic_forms(word: str) -> list[str]:
    """A folded Arabic word with and without an article or a particle. At most thirteen forms."""
    bare = bare_forms(word)
    # A word that begins with the letters of the article stays whole behind an article.
    whole = [f"ال{word}"] if word.startswith("ال") else []
    return [*bare, *whole, *(particle + form for form in bare for particle in PARTICLES)]


def bare_forms(word: str) -> list[str]:
    """A folded Arabic word without its article, and without its first letter if that can be a particle."""
    bare = ARTICLE.sub("", word)
    return [bare, bare[1:]] if bare[0] in PARTICLES and len(bare) > 4 else [bare]


@lru_cache(maxsize=10_000)
def beginnings(word: str) -> tuple[str, ...]:
    """What a word may begin with for a reader who typed these folded letters: of an Arabic word the letters
    with and without an article or a particle (at most 28), of others the letters as they are."""
    if not ARABIC_WORD.fullmatch(word):
        return (word,)
    return tuple(dict.fromkeys([word, *(before + bare for bare in bare_forms(word) for before in BEFORE)]))


@cache
def frequencies() -> dict[str, float]:
    """The folded words that English, French or Spanish have → their Zipf frequency, 3.5 and more."""
    lines = (
        line.split()
        for line in FREQUENT_WORDS.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
    return {word: int(tenths) / 10 for word, tenths in lines}


def frequency(word: str) -> float:
    """The Zipf frequency of a folded word in everyday language; RARE for all that are not listed."""
    return frequencies().get(word, RARE)


def rarity(text: str) -> float:
    """How much the rarest word of a text says, whatever the collection holds: 8 less its frequency."""
    return max((8 - frequency(word.folded) for word in words(text)), default=1.0)
