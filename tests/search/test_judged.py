"""Judged queries: each engine finds exactly the recorded practices and ranks them well."""

from collections import defaultdict
from functools import cache
from math import log2
from pathlib import Path

import pytest
import yaml

from tests.search.helpers import ranked

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
JUDGED = yaml.safe_load((HERE / "judgements.yaml").read_text(encoding="utf-8"))
OUTSIDE = yaml.safe_load((HERE / "outside.yaml").read_text(encoding="utf-8"))
HITS = HERE / "hits.yaml"
GROUPS = list(dict.fromkeys(row["group"] for row in JUDGED))
HEADER = """# What each engine finds for each judged question, and which practice comes first (on SQLite).
# Written by record() in test_judged.py: look at the difference before keeping it.

"""


def record() -> None:
    """Writes HITS anew from a database with the 17 cases and nothing else, such as a development one:
    manage.py shell -c "from tests.search.test_judged import record; record()"
    """
    entries = []
    for row in JUDGED:
        slugs = ranked(row["q"])
        entries.append({"q": row["q"], "first": slugs[0] if slugs else None, "found": sorted(slugs)})
    text = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=100)
    HITS.write_text(HEADER + text, encoding="utf-8")


@cache
def recorded() -> dict[str, dict]:
    return {row["q"]: row for row in yaml.safe_load(HITS.read_text(encoding="utf-8"))}


def of(group: str) -> list[dict]:
    return [row for row in JUDGED if row["group"] == group]


def gain(grades: list[int]) -> float:
    """Discounted cumulative gain of the first ten."""
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:10]))


def quality(row: dict, slugs: list[str]) -> float:
    """nDCG@10 of what a question finds, from 0 to 1."""
    grades = row["grades"]
    ideal = gain(sorted(grades.values(), reverse=True))
    return gain([grades.get(slug, 0) for slug in slugs]) / ideal


def mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def test_the_judgements_are_whole():
    questions = [row["q"] for row in JUDGED]
    assert len(questions) == len(set(questions)) >= 200
    assert {row["group"] for row in JUDGED if not row["grades"]} == {"nothing"}
    assert questions == list(recorded())


@pytest.fixture(scope="module")
def kept() -> dict[str, list[str]]:
    return {}


@pytest.fixture
def answers(request: pytest.FixtureRequest, kept: dict) -> dict[str, list[str]]:
    """What each question finds, asked once for all tests: loading the cases takes a second."""
    if not kept:
        request.getfixturevalue("jmdi")
        kept.update({row["q"]: ranked(row["q"]) for row in JUDGED})
    return kept


@pytest.mark.parametrize("group", GROUPS)
def test_exactly_what_was_recorded_is_found(answers, group):
    assert {row["q"]: sorted(answers[row["q"]]) for row in of(group)} == {
        row["q"]: recorded()[row["q"]]["found"] for row in of(group)
    }


@pytest.mark.parametrize("group", [group for group in GROUPS if group != "nothing"])
def test_each_group_is_ranked_well(answers, group):
    assert mean([quality(row, answers[row["q"]]) for row in of(group)]) >= 0.85


def test_all_groups_together_are_ranked_well(answers):
    assert mean([quality(row, answers[row["q"]]) for row in JUDGED if row["grades"]]) >= 0.95


def test_words_that_are_nowhere_find_nothing(answers):
    assert {row["q"]: answers[row["q"]] for row in of("nothing")} == {row["q"]: [] for row in of("nothing")}


def test_nine_in_ten_questions_have_the_recorded_first_answer(answers):
    asked = [row["q"] for row in JUDGED if recorded()[row["q"]]["found"]]
    same = [q for q in asked if answers[q][0] == recorded()[q]["first"]]
    assert len(same) >= 0.9 * len(asked)


@pytest.mark.usefixtures("jmdi")
def test_questions_of_people_from_outside_are_answered_as_well_as_measured():
    """The figures stand in docs/architecture.md; here is what none may fall below."""
    qualities: dict[str, list[float]] = defaultdict(list)
    for row in OUTSIDE:
        slugs = ranked(row["q"])
        qualities[row["group"]].append(quality(row, slugs) if row["grades"] else float(not slugs))
    assert {group for group, values in qualities.items() if mean(values) < 0.85} == {"own_words"}
    assert mean(qualities["own_words"]) > 0.78
    assert mean([value for values in qualities.values() for value in values]) > 0.91
