"""Compares a retold case with the booklet: the facts it must hold, copied passages, its length.

The figures and names of each case are committed in tests/data/booklet_facts.yaml; the booklet is not. If
JMDI_BOOKLET names its text, the tests also compare the wording, and `python -m tests.fidelity` writes the
facts again.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parent.parent
FACTS = PROJECT / "tests" / "data" / "booklet_facts.yaml"
CASES = [path for path in sorted((PROJECT / "fixtures" / "jmdi").glob("*.yaml")) if path.name[:2] != "00"]
BOOKLET = os.environ.get("JMDI_BOOKLET", "")
needs_booklet = pytest.mark.skipif(not BOOKLET, reason="JMDI_BOOKLET does not name the text of the booklet")

# Slips of the booklet, and the spelling the project keeps.
SPELLINGS = {"oasiss": "oasis", "flasco": "flacso", "mister": "mr", "8th": "8"}
# Capitalised in the booklet as a heading, after “[...]” or “(a)”, or by a slip: nothing is lost without them.
NOT_NAMES = {
    *("actor", "actors", "country", "date", "lesson", "lessons", "learned", "period", "region"),
    *("source", "sources", "story", "territory", "municipality", "masters", "degree", "dissertation"),
    *("op", "cit", "gov", "and", "j", "m", "s", "u", "thus"),
    *("establishment", "operationalization", "strengthening"),
}
RUN = 8  # words in a row that count as copied
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def fold(text: str) -> str:
    """Return a text in lower case without accents and curly quotes, to compare spellings."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in text if not unicodedata.combining(c)).casefold()


def booklet_cases(text: str) -> dict[str, str]:
    """Return title → everything the booklet prints about the case, without the colophon."""
    lines = text.split("\nFinanced by")[0].splitlines()
    starts = []
    for number, line in enumerate(lines):
        if line.startswith("Country/Region/Territory"):
            title = next(i for i in range(number - 1, -1, -1) if lines[i].strip())
            starts.append(title)
    ends = [*starts[1:], len(lines)]
    return {lines[a].strip(): "\n".join(lines[a:b]) for a, b in zip(starts, ends, strict=True)}


def figures(text: str) -> set[str]:
    """Return every number as written: `143,352`, `94.49`, `2014`."""
    return {figure.rstrip(".,") for figure in re.findall(r"\d[\d,.]*", text)}


def proper_names(text: str) -> set[str]:
    """Return capitalised words that do not only begin a sentence, list item or line, and all acronyms."""
    found = set()
    for line in text.splitlines():
        line = re.sub(r"^[\s*\-–•\"“”'‘_0-9).:]+", "", line)
        line = re.sub(r"\b(Mr|Ms|Dr|Gov)\.", r"\1", line)  # no sentence ends there
        for match in WORD.finditer(line):
            word, before = match.group(), line[: match.start()].rstrip(" \"“”'‘*_([")
            acronym = len(word) > 1 and word.rstrip("s").isupper()
            begins = not before or before[-1] in ".!?"
            if acronym or (word[0].isupper() and not begins):
                found.add(word.rstrip("s") if acronym else re.sub(r"['’]s?$", "", word))
    return {name for name in found if fold(name) not in NOT_NAMES}


def strings(value: object) -> Iterator[str]:
    """Return every string in a loaded YAML document."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif value is not None:
        yield str(value)


@dataclass
class Facts:
    """The facts that a retold case must contain, without any sentence of the booklet."""

    figures: list[str]
    names: list[str]
    words: int  # of the story and the lessons


def facts_of(printed: str) -> Facts:
    """Return the facts of a case as the booklet prints it."""
    story = re.split(r"\nStory\n", printed, maxsplit=1)[1]
    return Facts(sorted(figures(printed)), sorted(proper_names(printed)), len(story.split()))


def lost(facts: Facts, record: str) -> list[str]:
    """Return the figures and names that a record lacks."""
    have = {fold(word) for word in WORD.findall(record)}
    have |= {word.rstrip("s") for word in have}
    have |= {part for word in have for part in re.split(r"['-]", word)}
    missing = set(facts.figures) - figures(record)
    for name in facts.names:
        wanted = SPELLINGS.get(fold(name), fold(name))
        parts = re.split(r"['-]", wanted)
        if wanted not in have and not all(part in have for part in parts if part):
            missing.add(name)
    return sorted(missing)


def copied(case: str, prose: str) -> list[str]:
    """Return runs of RUN words that the booklet also contains; names and figures do not form a run."""

    def runs(text: str) -> Iterator[tuple[str, ...]]:
        words = WORD.findall(text)
        for i in range(len(words) - RUN + 1):
            run = words[i : i + RUN]
            if sum(not word[0].islower() for word in run) <= RUN // 3:
                yield tuple(fold(word) for word in run)

    original = set(runs(case))
    return [" ".join(run) for run in runs(prose) if run in original]


@dataclass
class Record:
    """A case as in its fixture file."""

    practice: dict
    lessons: list[str]
    prose: str  # all texts in our own words
    everything: str  # every text and figure of the file

    @property
    def words(self) -> int:
        return sum(len(text.split()) for text in (self.practice["story"], *self.lessons))


def record_of(path: Path) -> Record:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    practice = next(row["fields"] for row in rows if row["model"] == "practices.practice")
    lessons = [row["fields"]["text"] for row in rows if row["model"] == "practices.lesson"]
    texts = [practice["summary"], practice["story"], practice["editors_note"], *lessons]
    return Record(practice, lessons, "\n\n".join(texts), "\n".join(strings(rows)))


def booklet_text() -> str:
    return Path(BOOKLET).read_text(encoding="utf-8")


def printed_of(record: Record) -> str:
    """Return what the booklet prints about a record’s case, found by its title."""
    wanted = fold(record.practice["title"])
    for title, text in booklet_cases(booklet_text()).items():
        if " ".join(SPELLINGS.get(word, word) for word in fold(title).split()) == wanted:
            return text
    raise LookupError(f"no case of the booklet has the title “{record.practice['title']}”")


def committed_facts() -> dict[str, Facts]:
    """Return the facts of each case by the name of its fixture without the extension."""
    return {name: Facts(**facts) for name, facts in yaml.safe_load(FACTS.read_text(encoding="utf-8")).items()}


def printed_facts() -> dict[str, Facts]:
    """Return the facts of each case, read from the booklet."""
    return {path.stem: facts_of(printed_of(record_of(path))) for path in CASES}


if __name__ == "__main__":
    text = yaml.safe_dump(
        {name: vars(facts) for name, facts in printed_facts().items()},
        allow_unicode=True, default_flow_style=None, sort_keys=False, width=110,
    )  # fmt: skip
    FACTS.write_text(
        f"# Written by `python -m tests.fidelity` from the JMDI booklet.\n{text}", encoding="utf-8"
    )
