"""The tables of the search index next to the tables of the engine, and its vocabulary."""

from django.db import models

from practices.models.lessons import Lesson
from practices.models.practice import Practice


class IndexedPractice(models.Model):
    """The index row of a published practice: stems separated by spaces, one passage a line.

    `summary_and_lessons` holds the summary, then each lesson. `story_and_sources` holds each paragraph of the
    story, then each objective, then each source.
    """

    practice = models.OneToOneField(Practice, models.CASCADE, primary_key=True, related_name="indexed")
    language = models.CharField(max_length=12)
    words = models.TextField()  # its distinct folded words, which the vocabulary counts
    title = models.TextField()
    names = models.TextField()
    summary_and_lessons = models.TextField()
    story_and_sources = models.TextField()
    passages = models.JSONField()  # lessons and paragraphs as [anchor, original text], for highlights
    card = models.JSONField()  # what a list shows
    document = models.TextField()  # what the API's list says, as JSON

    def __str__(self) -> str:
        return str(self.practice)


class IndexedLesson(models.Model):
    """The index row of a lesson of a published practice: the stems of its text, and those of the practice's
    title and names."""

    lesson = models.OneToOneField(Lesson, models.CASCADE, primary_key=True, related_name="indexed")
    text = models.TextField()
    practice_text = models.TextField()

    def __str__(self) -> str:
        return str(self.lesson)


class VocabularyWord(models.Model):
    """A folded word of published practices, and how many practices contain it."""

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
