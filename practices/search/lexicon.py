"""The words that questions are read by, made ready once for each content version."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from practices.models import Country, Objective, Synonym, VocabularyWord
from practices.search.index import code_words, names_of
from practices.search.thesaurus import Stems, Thesaurus, thesaurus
from practices.search.words import words

FRAMEWORKS = {"sdg": ["SDG", "ODD", "ODS"]}  # in English, French and Spanish


@dataclass
class Lexicon:
    languages: list[str]  # those that the collection is written in
    thesaurus: Thesaurus  # the editors' groups, and one for each country and objective with its names
    wholes: frozenset[Stems]  # those names as folded words

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """What a word may be mended to, and how many practices hold it; 0 for a word of the thesaurus that
        leads to one that is held. One query."""
        held = dict(VocabularyWord.objects.values_list("word", "practices"))
        groups = self.thesaurus.groups
        leading = (group for group in groups if any(held.keys() >= {*member} for member in group))
        return {member[0]: 0 for group in leading for member in group if len(member) == 1} | held


@lru_cache(maxsize=2)
def lexicon(version: str) -> Lexicon:
    """Four queries, once for each version."""
    languages = VocabularyWord.objects.order_by("language").values_list("language", flat=True).distinct()
    groups = Synonym.objects.order_by("pk").values_list("words", flat=True)
    countries = Country.objects.order_by("pk").values_list("code", "name")
    codes = Objective.objects.order_by("pk").values_list("code", flat=True)
    targets = dict.fromkeys(part for code in codes for part in (code.partition(".")[0], code))
    names = [*(names_of(code, name) for code, name in countries), *map(spellings, targets)]
    return Lexicon(
        list(languages) or ["en"],
        thesaurus([*groups, *map("\n".join, names)]),
        frozenset(tuple(word.folded for word in words(name)) for row in names for name in row),
    )


def spellings(code: str) -> list[str]:
    """A code as people write it, and as it stands in the index: SDG 10.c, SDG10.c, SDG 10c, ODD 10.c …"""
    framework, _sign, number = code.partition("-")
    short = number.replace(".", "")
    numbers = [number] if short.isdigit() else [number, short]  # SDG 13 is not SDG 1.3
    names = FRAMEWORKS.get(framework, [framework])
    return [
        code_words(code)[-1],
        *(f"{name}{gap}{digits}" for name in names for gap in (" ", "") for digits in numbers),
    ]
