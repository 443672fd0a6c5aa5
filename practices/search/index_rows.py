"""The index row of a practice: the text, the stems and the passages of each field."""

import re
from functools import lru_cache

from babel import Locale
from django.conf import settings

from practices.index.list_items import list_item_data
from practices.models import Practice
from practices.models.search import IndexedLesson, IndexedPractice
from practices.search.tokenizer import stem, tokenize
from practices.serializers.practices import indexed_document
from practices.values.period import Period

# Footnote marks and link targets, which nobody searches for. Neither part matches its own beginning again, so
# that the time is linear.
MARKUP = re.compile(r"\[\^[^\[\]]+\]:?|\]\([^)\]]*\)")
MAX_YEARS = 100
Name = tuple[
    str, str, str
]  # what it names (a key of `highlighting.REASONS`), what readers see, what is indexed


def index_row(practice: Practice) -> IndexedPractice:
    """The unsaved index row of a practice, also as `practice.indexed`. No query after `for_index()`."""
    language = practice.language
    words: set[str] = set()
    fields = {}
    for name, texts in searchable_texts(practice).items():
        lines = [[token.folded for token in tokenize(MARKUP.sub(" ", text))] for text in texts]
        words.update(*lines)
        fields[name] = "\n".join(" ".join(stem(word, language) for word in line) for line in lines)
    codes = codes_and_years(practice)
    names = searchable_names(practice) or [("", "", "")]  # a field without text is one empty line
    fields["names"] = "\n".join([*(text for _kind, _shown, text in codes), fields["names"]])
    reasons = [
        *([kind, shown] for kind, shown, _text in (*codes, *names)),
        *(["objective", objective.title] for objective in practice.objectives.all()),
        *(["source", ""] for _source in practice.sources.all()),
    ]
    return IndexedPractice(
        practice=practice,
        language=language,
        words=" ".join(sorted(words)),
        passages=[
            *([lesson.anchor, lesson.text] for lesson in practice.lessons.all()),
            *(["story", paragraph] for paragraph in paragraphs(practice.story)),
        ],
        card=list_item_data(practice) | {"reasons": reasons},
        document=indexed_document(practice),
        **fields,
    )


def index_rows_of_lessons(row: IndexedPractice) -> list[IndexedLesson]:
    """The unsaved index rows of a practice's lessons."""
    _summary, *lessons = row.summary_and_lessons.split("\n")
    practice_text = f"{row.title}\n{row.names}"
    return [
        IndexedLesson(lesson=lesson, text=text, practice_text=practice_text)
        for lesson, text in zip(row.practice.lessons.all(), lessons, strict=True)
    ]


def searchable_texts(practice: Practice) -> dict[str, list[str]]:
    """Field → its texts, from which the vocabulary is made. No query after `for_index()`."""
    return {
        "title": [practice.title],
        "names": [text for _kind, _shown, text in searchable_names(practice)],
        "summary_and_lessons": [practice.summary, *(lesson.text for lesson in practice.lessons.all())],
        "story_and_sources": [
            *paragraphs(practice.story),
            *(objective.name for objective in practice.objectives.all()),
            *(f"{source.text} {source.url}" for source in practice.sources.all()),
        ],
    }


def searchable_names(practice: Practice) -> list[Name]:
    """The names of a practice's actors, places, countries and themes. No query after `for_index()`."""
    corridors = practice.corridors.all()
    countries = {
        *(place.country for place in practice.places.all()),
        *(end for corridor in corridors for end in (corridor.origin, corridor.destination)),
    }
    themes = {theme for row in practice.themes.all() for theme in (row, row.parent) if theme}
    actors = [str(part.actor) for part in practice.participations.all()]
    return [
        *(("actor", name, name) for name in actors),
        *(("territory", place.name, place.name) for place in practice.places.all()),
        *(
            ("country", country.code, name)
            for country in sorted(countries, key=lambda row: row.code)
            for name in names_in_all_languages(country.code, country.name)
        ),
        *(("theme", theme.name, theme.name) for theme in sorted(themes, key=lambda row: row.slug)),
    ]


def codes_and_years(practice: Practice) -> list[Name]:
    """The objectives, regions and years of a practice as tokens, which only whole queries match: they are not
    in the vocabulary. No query after `for_index()`."""
    objectives = practice.objectives.all()
    return [
        *(("objective", row.title, " ".join(code_tokens(row.code))) for row in objectives),
        *(("region", code, region_token(code)) for code in sorted(region_codes(practice))),
        *(("period", practice.period.edtf, year) for year in period_years(practice.period)),
    ]


def code_tokens(code: str) -> list[str]:
    """The tokens of an objective's code and of what contains it: sdg-10.c → sdg, sdg10, sdg10xc."""
    framework, _hyphen, number = code.partition("-")
    parts = [token.folded for token in tokenize(number)]
    return [framework, *(framework + "x".join(parts[:length]) for length in range(1, len(parts) + 1))]


def region_codes(practice: Practice) -> set[str]:
    """The M49 codes of all regions that contain a place of the practice."""
    codes = set()
    for place in practice.places.all():
        region = place.country.region
        while region:
            codes.add(region.code)
            region = region.parent
    return codes


def region_token(code: str) -> str:
    """The token of a region: single words of its name (northern, south) would match too much."""
    return f"m49x{code}"


def period_years(period: Period | None) -> list[str]:
    """Every year of a period; the known year of an open one; the first and the last of a very long one."""
    known = [day.year for day in (period.start, period.end) if day] if period else []
    if known and known[-1] - known[0] < MAX_YEARS:
        known = range(known[0], known[-1] + 1)
    return list(map(str, known))


def paragraphs(story: str) -> list[str]:
    return story.split("\n\n")


@lru_cache(maxsize=1_000)
def names_in_all_languages(code: str, name: str) -> tuple[str, ...]:
    """The distinct names of a country or region in all content languages, given its code and English name."""
    local = (
        Locale.parse(language).territories.get(code, "") for language, _name in settings.CONTENT_LANGUAGES
    )
    return tuple(dict.fromkeys([name, *local]))
