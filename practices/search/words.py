"""Words: how a text is cut, folded and stemmed, the same way when it is indexed and when it is asked for."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from Stemmer import Stemmer

_stemming = Lock()  # a stemmer holds the word it is at, so two threads in one would mix theirs
STEMMERS = {
    "en": Stemmer("english"),
    "fr": Stemmer("french"),
    "es": Stemmer("spanish"),
    "ar": Stemmer("arabic"),
}
# Accents of their own, soft hyphens and joiners stand inside words; “M&D” is one; all other signs part words.
INSIDE = r"[\u00ad\u200c\u200d\u2060\u0300-\u036f\u064b-\u065f\u0670]"
WORD = re.compile(rf"[^\W_]+(?:(?:&|{INSIDE}+)[^\W_]+)*{INSIDE}*")
LETTERS = re.compile(r"[^\W_]+")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "&": ""})
LONGEST_WORD = 60
# Letters that French, Spanish and English put before or after an apostrophe: no word of their own.
ELISIONS = {"l", "d", "j", "m", "n", "s", "t", "c", "qu"}
# Words that carry no subject: left out of questions unless nothing else is left, but indexed, for phrases.
STOP_WORDS = frozenset(
    """
    a about all also an and any are as at be been but by can could did do does for from get got had has have
    he her his how i if in into is it its me my no not of on or our out she should so some than that the
    their them then there these they this those to up us was we were what when where which who whom whose
    why will with would you your
    am being come comes coming doing example examples give gives giving having keep keeping keeps let lets
    letting like make makes making may might must need needs shall show such take takes taking tell too use
    used uses using very want wants
    au aux avec ce ces cette comment dans de des du elle elles en est et eux il ils je la le les leur leurs
    lui mais ne nos notre nous ou par pas pour que quel quelle qui quoi sa sans ses son sont sur un une vos
    votre vous
    entre etre faire fait font peut peuvent
    al como con cual del desde donde el ella ellas ellos es esta este estos ha hay las lo los mas mi muy o
    para pero por quien se si sin sobre su sus una unas uno unos y ya
    entre hacer pueden puede ser tienen tiene
    """.split()  # noqa: SIM905 (reads better than a list of 200 strings)
)


class Word(NamedTuple):
    """A word as it stands in a text: folded, with the place of the original."""

    folded: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents, half-width: `Sédhiou` → `sedhiou`, `œuvre` → `oeuvre`."""
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
    """The Snowball stem of a folded word; numbers and words of languages without a stemmer stay whole."""
    if language not in STEMMERS or not word.isalpha():
        return word
    with _stemming:
        return STEMMERS[language].stemWord(word) or word


def stems(word: str, languages: Iterable[str]) -> list[str]:
    """The different stems of a folded word, one language after the other."""
    return list(dict.fromkeys(stem(word, language) for language in languages))
