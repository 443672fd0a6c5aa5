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
        """Every known word, and how many practices hold it; 0 for those of the thesaurus alone. One query."""
        return dict.fromkeys(self.thesaurus.words, 0) | dict(
            VocabularyWord.objects.values_list("word", "practices")
        )


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
