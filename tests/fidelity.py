"""Holds a retold case against the booklet: what is lost, what is copied, how long it is.

`python -m tests.fidelity fixtures/jmdi/02-*.yaml` prints what it finds. The booklet is not part of the
project; its place is named by the environment variable JMDI_BOOKLET, else it is looked for beside the
checkout.
"""

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parent.parent
BOOKLET = Path(
    os.environ.get("JMDI_BOOKLET") or PROJECT.parent / "shared" / "sources" / "jmdi-useful-practices.txt"
)

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
    """Lower case without accents, curly quotes straightened: how two spellings are compared."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in text if not unicodedata.combining(c)).casefold()


def booklet_cases(text: str) -> dict[str, str]:
    """Title → everything the booklet prints of that case, without the closing colophon."""
    lines = text.split("\nFinanced by")[0].splitlines()
    starts = []
    for number, line in enumerate(lines):
        if line.startswith("Country/Region/Territory"):
            title = next(i for i in range(number - 1, -1, -1) if lines[i].strip())
            starts.append(title)
    ends = [*starts[1:], len(lines)]
    return {lines[a].strip(): "\n".join(lines[a:b]) for a, b in zip(starts, ends, strict=True)}


def figures(text: str) -> set[str]:
    """Every number as written: `143,352`, `94.49`, `2014`."""
    return {figure.rstrip(".,") for figure in re.findall(r"\d[\d,.]*", text)}


def proper_names(text: str) -> set[str]:
    """Words with a capital that do not merely begin a sentence, a list item or a line; and all acronyms."""
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
    """Every string anywhere inside a loaded YAML document."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif value is not None:
        yield str(value)


def lost(case: str, record: str) -> list[str]:
    """The figures and names of the booklet's case that its record does not hold."""
    have = {fold(word) for word in WORD.findall(record)}
    have |= {word.rstrip("s") for word in have}
    have |= {part for word in have for part in re.split(r"['-]", word)}
    have_figures = figures(record)
    missing = {figure for figure in figures(case) if figure not in have_figures}
    for name in proper_names(case):
        wanted = SPELLINGS.get(fold(name), fold(name))
        parts = re.split(r"['-]", wanted)
        if wanted not in have and not all(part in have for part in parts if part):
            missing.add(name)
    return sorted(missing)


def copied(case: str, prose: str) -> list[str]:
    """Runs of RUN words that stand in the booklet as well; names and figures do not make a run."""

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
    """A case as its fixture file holds it."""

    practice: dict
    lessons: list[str]
    prose: str  # all that is told in our own words
    everything: str  # every text and figure of the file

    @property
    def words(self) -> int:
        return sum(len(text.split()) for text in (self.practice["story"], *self.lessons))


def record_of(path: Path) -> Record:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    practice = next(row["fields"] for row in rows if row["model"] == "practices.practice")
    lessons = [row["fields"]["text"] for row in rows if row["model"] == "practices.lesson"]
    told = [practice["summary"], practice["story"], practice["editors_note"], *lessons]
    return Record(practice, lessons, "\n\n".join(told), "\n".join(strings(rows)))


def printed_of(record: Record) -> str:
    """What the booklet prints of a record's case, found by its title."""
    wanted = fold(record.practice["title"])
    for title, text in booklet_cases(BOOKLET.read_text(encoding="utf-8")).items():
        if " ".join(SPELLINGS.get(word, word) for word in fold(title).split()) == wanted:
            return text
    raise LookupError(f"no case of the booklet has the title “{record.practice['title']}”")


def findings(path: Path) -> list[str]:
    """What is wrong with a retold case; empty when all is there, in our own words and at full length."""
    record = record_of(path)
    printed = printed_of(record)
    found = [f"lost: {name}" for name in lost(printed, record.everything)]
    found += [f"copied: {run}" for run in copied(printed, record.prose)]
    ratio = record.words / len(re.split(r"\nStory\n", printed, maxsplit=1)[1].split())
    if not 0.9 <= ratio <= 1.2:
        found.append(f"told in {ratio:.2f} times the booklet's words")
    return found


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, *findings(Path(name)), sep="\n    ")  # noqa: T201
