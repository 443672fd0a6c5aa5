"""The words that questions are read by, made ready once for each content version."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from practices.models import Country, Synonym, VocabularyWord
from practices.search.index import names_of
from practices.search.thesaurus import Stems, Thesaurus, thesaurus
from practices.search.words import words


@dataclass
class Lexicon:
    languages: list[str]  # those that the collection is written in
    thesaurus: Thesaurus  # the editors' groups, and one for each country with its names
    countries: frozenset[Stems]  # every name of a country as folded words

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
    """Three queries, once for each version."""
    languages = VocabularyWord.objects.order_by("language").values_list("language", flat=True).distinct()
    groups = Synonym.objects.order_by("pk").values_list("words", flat=True)
    countries = Country.objects.order_by("pk").values_list("code", "name")
    names = [names_of(code, name) for code, name in countries]
    return Lexicon(
        list(languages) or ["en"],
        thesaurus([*groups, *map("\n".join, names)]),
        frozenset(tuple(word.folded for word in words(name)) for row in names for name in row),
    )
