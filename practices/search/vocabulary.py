"""The vocabulary that queries are read with, loaded once for each content version."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock

from practices.models import Country, Objective, Region, Synonym, VocabularyWord
from practices.models.synonym import split_words
from practices.search.index_rows import code_tokens, names_in_all_languages, region_token
from practices.search.synonyms import Thesaurus, Words, build_thesaurus, folded_words
from practices.search.tokenizer import fold

FRAMEWORKS = {  # as people name them, in English, French and Spanish
    "gcm": ["GCM", "GCM objective", "objective", "objectif", "objetivo"],
    "sdg": ["SDG", "SDG target", "SDG goal", "target", "goal", "ODD", "ODS"],
}
_loading = Lock()


@dataclass
class Vocabulary:
    languages: list[str]  # of the published practices
    thesaurus: Thesaurus  # the editors' groups, and a group for each country, region and objective
    names: frozenset[Words]  # of countries, regions and objectives
    country_codes: dict[str, Words]  # folded ISO 3166-1 alpha-3 code → name of the country

    @cached_property
    def correction_candidates(self) -> dict[str, int]:
        """Word → how many practices contain it. Words of the thesaurus count 0 if their group has a member
        that practices contain. One query."""
        known = dict(VocabularyWord.objects.values_list("word", "practices"))
        groups = self.thesaurus.groups
        useful = (group for group in groups if any(known.keys() >= {*member} for member in group))
        return {member[0]: 0 for group in useful for member in group if len(member) == 1} | known


def get_vocabulary(version: str) -> Vocabulary:
    """The vocabulary of a content version. Five queries for a new version; other threads wait for it."""
    with _loading:
        return load_vocabulary(version)


@lru_cache(maxsize=2)
def load_vocabulary(version: str) -> Vocabulary:
    languages = VocabularyWord.objects.order_by("language").values_list("language", flat=True).distinct()
    groups = tuple(Synonym.objects.order_by("pk").values_list("words", flat=True))
    regions = {
        code: names_in_all_languages(code, name) for code, name in Region.objects.values_list("code", "name")
    }
    countries = list(Country.objects.order_by("pk").values_list("code", "name", "alpha3"))
    codes = Objective.objects.order_by("pk").values_list("code", flat=True)
    targets = dict.fromkeys(part for code in codes for part in (code.partition(".")[0], code))
    names = [
        *(names_in_all_languages(code, name) for code, name, _alpha3 in countries),
        *map(objective_spellings, targets),
    ]
    return Vocabulary(
        list(languages) or ["en"],
        build_thesaurus((*groups, *map("\n".join, names), *region_groups(tuple(regions.items()), groups))),
        frozenset(folded_words(name) for row in (*names, *regions.values()) for name in row),
        {fold(alpha3): folded_words(name) for _code, name, alpha3 in countries},
    )


@lru_cache(maxsize=2)
def region_groups(regions: tuple[tuple[str, Iterable[str]], ...], groups: tuple[str, ...]) -> list[str]:
    """A group for each region: its token in the index, its names, and the editors' synonyms of these.

    Most content versions share the result, as they share the thesaurus.
    """
    members = [set(split_words(group)) for group in groups]
    result = []
    for code, names in regions:
        synonyms = set().union(*(group for group in members if not group.isdisjoint(names)))
        result.append("\n".join([region_token(code), *names, *sorted(synonyms.difference(names))]))
    return result


def objective_spellings(code: str) -> list[str]:
    """The token of an objective, and how people write it: SDG 10.c, SDG10.c, SDG 10c, ODD 10.c …"""
    framework, _hyphen, number = code.partition("-")
    short = number.replace(".", "")
    numbers = [number] if short.isdigit() else [number, short]  # SDG 13 is not SDG 1.3
    names = FRAMEWORKS[framework]
    bare = [number] if "." in number else []  # “17.18” is a target, “17” could be anything
    return [
        code_tokens(code)[-1],
        *bare,
        *(f"{name}{gap}{digits}" for name in names for gap in (" ", "") for digits in numbers),
    ]
