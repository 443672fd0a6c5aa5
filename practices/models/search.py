"""What the search keeps beside the engine's own index: what is in it, and which words it knows."""

from django.db import models

from practices.models.children import Lesson
from practices.models.practice import Practice


class IndexedPractice(models.Model):
    """A published practice as it stands in the index: stems parted by spaces, a passage a line.

    `gist` is the summary and then each lesson; `body` each paragraph of the story and then each source.
    """

    practice = models.OneToOneField(Practice, models.CASCADE, primary_key=True, related_name="indexed")
    language = models.CharField(max_length=12)
    words = models.TextField()  # folded, each once: what it brought into the vocabulary
    title = models.TextField()
    names = models.TextField()
    gist = models.TextField()
    body = models.TextField()
    passages = models.JSONField()  # the lessons and paragraphs themselves, as [anchor, text], for highlights
    card = models.JSONField()  # what a list shows
    document = models.TextField()  # what the API's list says, as JSON

    def __str__(self) -> str:
        return str(self.practice)


class IndexedLesson(models.Model):
    """A lesson of a published practice as it stands in the index: its own stems, and those of its practice's
    title and names."""

    lesson = models.OneToOneField(Lesson, models.CASCADE, primary_key=True, related_name="indexed")
    own = models.TextField()
    context = models.TextField()

    def __str__(self) -> str:
        return str(self.lesson)


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
