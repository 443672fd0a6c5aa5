"""The words that questions are read by, made ready once for each content version."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from practices.models import Synonym, VocabularyWord
from practices.search.thesaurus import Thesaurus, thesaurus


@dataclass
class Lexicon:
    languages: list[str]  # those that the collection is written in
    thesaurus: Thesaurus

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Every known word, and how many practices hold it; 0 for those of the thesaurus alone. One query."""
        return dict.fromkeys(self.thesaurus.words, 0) | dict(
            VocabularyWord.objects.values_list("word", "practices")
        )


@lru_cache(maxsize=2)
def lexicon(version: str) -> Lexicon:
    """Two queries, once for each version."""
    languages = VocabularyWord.objects.order_by("language").values_list("language", flat=True).distinct()
    groups = Synonym.objects.order_by("pk").values_list("words", flat=True)
    return Lexicon(list(languages) or ["en"], thesaurus(groups))
