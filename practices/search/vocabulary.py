"""The words that questions are read by, made ready once for each content version."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock

from practices.models import Country, Objective, Region, Synonym, VocabularyWord
from practices.models.synonym import split_words
from practices.search.indexing import code_words, names_of, region_word
from practices.search.synonyms import Stems, Thesaurus, folded, thesaurus
from practices.search.tokenizer import fold

FRAMEWORKS = {  # as people name them, in English, French and Spanish
    "gcm": ["GCM", "GCM objective", "objective", "objectif", "objetivo"],
    "sdg": ["SDG", "SDG target", "SDG goal", "target", "goal", "ODD", "ODS"],
}


@dataclass
class Lexicon:
    languages: list[str]  # those that the collection is written in
    thesaurus: Thesaurus  # the editors' groups, and one for each country and objective with its names
    wholes: frozenset[Stems]  # those names as folded words
    codes: dict[str, Stems]  # ISO 3166-1 alpha-3, folded → the country's name as folded words

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """What a word may be mended to, and how many practices hold it; 0 for a word of the thesaurus that
        leads to one that is held. One query."""
        held = dict(VocabularyWord.objects.values_list("word", "practices"))
        groups = self.thesaurus.groups
        leading = (group for group in groups if any(held.keys() >= {*member} for member in group))
        return {member[0]: 0 for group in leading for member in group if len(member) == 1} | held


def lexicon(version: str) -> Lexicon:
    """Five queries, once for each version; while one thread makes it anew the others wait for it."""
    with _making:
        return lexicon_of(version)


_making = Lock()


@lru_cache(maxsize=2)
def lexicon_of(version: str) -> Lexicon:
    languages = VocabularyWord.objects.order_by("language").values_list("language", flat=True).distinct()
    groups = tuple(Synonym.objects.order_by("pk").values_list("words", flat=True))
    regions = {code: names_of(code, name) for code, name in Region.objects.values_list("code", "name")}
    countries = list(Country.objects.order_by("pk").values_list("code", "name", "alpha3"))
    codes = Objective.objects.order_by("pk").values_list("code", flat=True)
    targets = dict.fromkeys(part for code in codes for part in (code.partition(".")[0], code))
    names = [*(names_of(code, name) for code, name, _alpha3 in countries), *map(spellings, targets)]
    return Lexicon(
        list(languages) or ["en"],
        thesaurus((*groups, *map("\n".join, names), *of_regions(tuple(regions.items()), groups))),
        frozenset(folded(name) for row in (*names, *regions.values()) for name in row),
        {fold(alpha3): folded(name) for _code, name, alpha3 in countries},
    )


@lru_cache(maxsize=2)
def of_regions(regions: tuple[tuple[str, Iterable[str]], ...], groups: tuple[str, ...]) -> list[str]:
    """The regions' groups: each its word in the index, its names, and what the editors' groups say for these.
    They outlive most content versions, as the thesaurus does."""
    members = [set(split_words(group)) for group in groups]
    made = []
    for code, names in regions:
        spoken = set().union(*(group for group in members if not group.isdisjoint(names)))
        made.append("\n".join([region_word(code), *names, *sorted(spoken.difference(names))]))
    return made


def spellings(code: str) -> list[str]:
    """A code as people write it, and as it stands in the index: SDG 10.c, SDG10.c, SDG 10c, ODD 10.c …"""
    framework, _sign, number = code.partition("-")
    short = number.replace(".", "")
    numbers = [number] if short.isdigit() else [number, short]  # SDG 13 is not SDG 1.3
    names = FRAMEWORKS[framework]
    bare = [number] if "." in number else []  # “17.18” is a target, “17” could be anything
    return [
        code_words(code)[-1],
        *bare,
        *(f"{name}{gap}{digits}" for name in names for gap in (" ", "") for digits in numbers),
    ]
