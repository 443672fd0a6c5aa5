"""What the search keeps beside the engine's own index: which words it knows, and from where."""

from django.db import models

from practices.models.practice import Practice


class IndexedPractice(models.Model):
    """A published practice as it stands in the index, with the words it brought into the vocabulary."""

    practice = models.OneToOneField(Practice, models.CASCADE, primary_key=True, related_name="indexed")
    language = models.CharField(max_length=12)
    words = models.TextField()  # folded, each once, parted by spaces

    def __str__(self) -> str:
        return str(self.practice)


class VocabularyWord(models.Model):
    """A folded word of published practices, and how many of them hold it."""

    language = models.CharField(max_length=12)
    word = models.CharField(max_length=60)
    stem = models.CharField(max_length=60)
    practices = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "word"], name="vocabulary_word_unique")]
        indexes = [
            models.Index(fields=["word"], name="vocabulary_word"),
            models.Index(fields=["stem"], name="vocabulary_stem"),
        ]

    def __str__(self) -> str:
        return self.word
