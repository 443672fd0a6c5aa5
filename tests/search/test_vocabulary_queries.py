"""Five hundred questions in the collection's own words: each engine finds exactly what was recorded.

The judged questions are those that people ask; these are drawn by lot from all words that the cases hold.
"""

import random
from hashlib import blake2b
from pathlib import Path

from practices.models import IndexedPractice, VocabularyWord
from tests.search.helpers import ranked

HITS = Path(__file__).parent / "vocabulary_hits.txt"
MANY = 500
# Words alone, two of one practice, any two, a phrase, three, all but one, a word's beginning.
SHAPES = {"word": 5, "together": 3, "apart": 2, "phrase": 2, "three": 2, "without": 2, "beginning": 3}


def questions() -> list[str]:
    """The same each time, for the same cases. Names and numbers are words too."""
    dice = random.Random(17)
    vocabulary = sorted({row.word for row in VocabularyWord.objects.all()})
    cases = [row.words.split() for row in IndexedPractice.objects.order_by("practice__slug")]
    passages = [
        passage
        for row in IndexedPractice.objects.order_by("practice__slug")
        for _anchor, passage in row.passages
        if len(passage.split()) > 5
    ]

    def question() -> str:
        shape = dice.choices(list(SHAPES), list(SHAPES.values()))[0]
        match shape:
            case "word":
                return dice.choice(vocabulary)
            case "together":
                return " ".join(dice.sample(dice.choice(cases), 2))
            case "apart":
                return " ".join(dice.sample(vocabulary, 2))
            case "three":
                return " ".join(dice.sample(dice.choice(cases), 3))
            case "without":
                wanted, unwanted = dice.sample(dice.choice(cases), 2)
                return f"{wanted} -{unwanted}"
            case "beginning":
                word = dice.choice([word for word in vocabulary if len(word) > 4])
                return word[: dice.randint(3, len(word) - 1)]
        words = dice.choice(passages).split()  # as it stands there, with its signs
        start, length = dice.randrange(len(words) - 3), dice.randint(2, 3)
        phrase = " ".join(words[start : start + length])
        return '"' + "".join(sign for sign in phrase if sign not in '"“”„«»') + '"'

    drawn: dict[str, None] = {}
    while len(drawn) < MANY:
        drawn[question()] = None
    return list(drawn)


def line(question: str) -> tuple[str, str]:
    """The first answer of a question, and the number of answers with a digest of them all."""
    slugs = ranked(question)
    digest = blake2b("\n".join(sorted(slugs)).encode(), digest_size=4).hexdigest()
    return (slugs[0] if slugs else "-", f"{len(slugs)}:{digest}")


def record() -> None:
    """Writes HITS anew from a database with the 17 cases and nothing else, such as a development one:
    manage.py shell -c "from tests.search.test_vocabulary import record; record()"
    """
    lines = ["\t".join((question, *line(question))) for question in questions()]
    HITS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def recorded() -> dict[str, tuple[str, str]]:
    """Question → the first answer (on SQLite), and all of them."""
    rows = (text.split("\t") for text in HITS.read_text(encoding="utf-8").splitlines())
    return {question: (first, found) for question, first, found in rows}


# One test for all of them, because loading the cases takes a second.
def test_questions_in_the_collections_own_words_find_what_was_recorded(jmdi):
    expected = recorded()
    assert questions() == list(expected), "the cases changed: look at what record() makes of them"
    answers = {question: line(question) for question in expected}
    found = {
        question: f"{answers[question][1]}, recorded {all_}"
        for question, (_first, all_) in expected.items()
        if answers[question][1] != all_
    }
    assert found == {}
    telling = [question for question, (first, _all) in expected.items() if first != "-"]
    other = [
        f"{question}: {answers[question][0]} before {expected[question][0]}"
        for question in telling
        if answers[question][0] != expected[question][0]
    ]
    assert len(other) <= 0.1 * len(telling), other


def test_the_questions_are_many_and_tell_something():
    rows = recorded()
    counts = [int(found.split(":")[0]) for _first, found in rows.values()]
    assert len(rows) == MANY
    assert sum(0 < count < 17 for count in counts) > 400
    assert sum(count == 0 for count in counts) < 50
    assert len({first for first, _found in rows.values()}) == 18, "each of the 17 is first for some, and none"
    assert sum('"' in question for question in rows) > 30
    assert sum(" -" in question for question in rows) > 30
