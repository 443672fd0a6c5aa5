"""Parses the text of the JMDI booklet into dataclasses.

A case begins with its title, the nonblank line before `Country/Region/Territory`. Headings divide it into
parts; a part is a list of blocks, each a paragraph or a bullet. The reader assigns the blocks to six
sections, joins fragments that a page break separated, and reads each section. `unplaced` names each line
whose place it could only guess.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from practices.values.text import unwrap

Unplaced = list[tuple[int, str]]

MAX_BYTES = 5 * 1024 * 1024
MAX_TITLE_LENGTH = 250
MAX_NAME_LENGTH = 300
MAX_GROUP_LENGTH = 100  # longer, and a paragraph before bullets is prose, not the heading of a group

HEADINGS = {
    "country/region/territory": "territory",
    "date/period": "period",
    "actor": "actors",
    "actors": "actors",
    "source": "sources",
    "sources": "sources",
    "story": "story",
    "lesson learned": "lessons",
    "lessons learned": "lessons",
}
PROSE = ("story", "lessons")  # the rest are boxes, which may interrupt the prose
COLOPHON = ("financed by", "implemented by")

# Spaces of every kind become plain ones; what has no width, and page feeds, vanish.
STRAY = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f\u3000", " ") | dict.fromkeys("\ufeff\u200b\u00ad\f"))
BULLET = re.compile(r"( *)(?:[-*](?: +|$)|• *)(.*)")
DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
MARK = re.compile(rf"(?P<unit>(?<![^\W\d_])(?:[kcdm]?m|mi|ft))?(?P<mark>[{DIGITS}]+)")
URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"”]+", re.IGNORECASE)
BOLD = re.compile(r"\*\*[^*]+\*\*[.:]?")
# Signs and words that end no sentence, item or name when no punctuation follows them.
UNFINISHED = re.compile(
    r"(?:[,(–&/]|\b(?:an?|the|th(?:is|ese|ose)|its|their|his|her|our|of|in|on|at|by|for|from|to|with(?:in|out)?"
    r"|into|onto|over|under|between|among|through|during|about|against|towards?|upon|via|per|and|n?or|but|as"
    r"|than|that|which|who(?:se|m)?|when|where|while|if|because|is|are|was|were|be(?:en|ing)?|ha[sd]|have|not))$",
    re.IGNORECASE,
)


class BookletError(ValueError):
    """The text is not a booklet. Names the number of the first line that shows it."""

    def __init__(self, line: int, reason: str):
        super().__init__(f"Line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass
class BookletActor:
    name: str
    acronym: str = ""
    group: str = ""
    parent: str = ""  # the name of the actor it is nested under


@dataclass
class BookletSource:
    text: str  # Markdown
    url: str = ""


@dataclass
class BookletCase:
    title: str
    line: int
    territory: str = ""
    period: str = ""
    actors: list[BookletActor] = field(default_factory=list)
    sources: list[BookletSource] = field(default_factory=list)
    story: str = ""  # Markdown
    lessons: list[str] = field(default_factory=list)  # Markdown
    unplaced: Unplaced = field(default_factory=list)


@dataclass
class Booklet:
    title: str
    publisher: str
    funders_text: list[str]
    address: str
    cases: list[BookletCase]


@dataclass
class Block:
    """A paragraph, or a bullet with its column."""

    line: int
    text: str
    indent: int | None = None

    @property
    def is_bullet(self) -> bool:
        return self.indent is not None

    @property
    def introduces(self) -> bool:
        return not self.is_bullet and self.text.rstrip("* ").endswith(":")


@dataclass
class Part:
    """The text between one heading and the next."""

    name: str
    line: int
    blocks: list[Block] = field(default_factory=list)


def read_booklet(text: str) -> Booklet:
    """Return the booklet and its cases in printed order. Raises BookletError for any other text."""
    lines = clean_lines(text)
    titles = find_titles(lines)
    end = next(
        (i for i in range(titles[-1], len(lines)) if strip_emphasis(lines[i]).lower() in COLOPHON), len(lines)
    )
    cases, seen = [], {}
    for start, stop in pairwise([*titles, end]):
        case = read_case_parts(lines[start].strip(), start + 1, split_parts(lines, start + 1, stop))
        first = seen.setdefault(case.title.casefold(), case.line)
        if first != case.line:
            raise BookletError(case.line, f"the title “{case.title}” is already used in line {first}")
        cases.append(case)
    title, publisher = read_front(lines[: titles[0]])
    funders, address = read_colophon(lines[end:])
    return Booklet(title, publisher, funders, address, cases)


def clean_lines(text: str) -> list[str]:
    """Return the lines as a text editor numbers them, with plain spaces. Raises BookletError."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise BookletError(1, "the file is larger than 5 MB")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise BookletError(
            text.count("\n", 0, text.index("\0")) + 1, "the file contains a NUL byte and is not a text file"
        )
    lines = [line.expandtabs(4).rstrip() for line in text.translate(STRAY).split("\n")]
    if not any(lines):
        raise BookletError(1, "the file is empty")
    return lines


def strip_emphasis(text: str) -> str:
    """A heading or a name without emphasis and the punctuation that closes it."""
    return text.replace("*", "").strip().rstrip(" .;:").lstrip("# ")


def section_of(line: str) -> str:
    """Return the name of the part that begins with the line, or an empty string."""
    return HEADINGS.get("/".join(part.strip() for part in strip_emphasis(line).split("/")).lower(), "")


def find_titles(lines: list[str]) -> list[int]:
    """Return where the cases begin: the nonblank line before each `Country/Region/Territory`."""
    titles: list[int] = []
    previous = -1
    for i, line in enumerate(lines):
        if section_of(line) == "territory":
            title = next((j for j in range(i - 1, previous, -1) if lines[j]), None)
            front = [] if titles else list(filter(None, lines[:title]))[:2]  # the booklet's own title
            if title is None or not may_be_title(lines[title]) or lines[title] in front:
                raise BookletError(i + 1, "the case that begins here has no title")
            titles.append(title)
            previous = i
    if not titles:
        raise BookletError(1, "the file has no heading “Country/Region/Territory”")
    return titles


def may_be_title(line: str) -> bool:
    """Return whether a line can be a title: no heading, bullet, footnote or full sentence."""
    other = section_of(line) or BULLET.fullmatch(line) or line.lstrip()[0] in DIGITS
    return not other and line[-1] not in ".:;," and len(line) <= MAX_TITLE_LENGTH


def read_front(lines: list[str]) -> tuple[str, str]:
    """Return title and publisher: the publisher is the first line, the title the line that is printed
    twice.
    """
    printed = [line.strip() for line in lines if line]
    repeated = [line for line in printed if printed.count(line) > 1]
    title = [*repeated, *printed[1:2], *printed[:1], ""][0]
    return title, next((line for line in printed if line != title), "")


def read_colophon(lines: list[str]) -> tuple[list[str], str]:
    """Return the lines below `Financed by`, and the address below `Implemented by`."""
    under: dict[str, list[str]] = {name: [] for name in COLOPHON}
    name = ""
    for line in filter(None, lines):
        if strip_emphasis(line).lower() in COLOPHON:
            name = strip_emphasis(line).lower()
        else:
            under[name].append(line.strip())
    return under["financed by"], " ".join(under["implemented by"]).strip("<>")


def split_parts(lines: list[str], start: int, stop: int) -> list[Part]:
    """The parts of a case. A line without a bullet continues the block of a nonblank line before it."""
    parts: list[Part] = []
    block = None
    for i in range(start, stop):
        line = lines[i].strip()
        bullet = BULLET.fullmatch(lines[i])
        if not line:
            block = None
        elif name := section_of(line):
            parts.append(Part(name, i + 1))
            block = None
        elif block is None or bullet or line[0] in DIGITS:
            text, indent = (bullet[2], len(bullet[1])) if bullet else (line, None)
            block = Block(i + 1, text, indent)
            parts[-1].blocks.append(block)  # the first line that is not blank is always a heading
        else:
            block.text = f"{block.text} {line}".strip()
    return parts


def read_case_parts(title: str, line: int, parts: list[Part]) -> BookletCase:
    """Return a case; its parts may have any order, and boxes may interrupt the prose."""
    case = BookletCase(title, line)
    notes = Footnotes(parts, case.unplaced)
    sections = assign_sections(parts)
    require(case, parts, sections)
    listed = sections["actors"]
    case.territory, guessed = read_territory(sections["territory"])
    case.period, more = read_period(sections["period"])
    case.actors = [*read_actors(guessed + more, case.unplaced, True), *read_actors(listed, case.unplaced)]
    case.sources = [
        read_source(unwrap(block.text)) for block in join_fragments(sections["sources"]) if block.text
    ]
    case.story = unwrap(notes.cite(to_markdown(join_fragments(sections["story"]))))
    lessons = group_lessons(join_fragments(sections["lessons"]))
    case.lessons = [unwrap(notes.cite(to_markdown(lesson))) for lesson in lessons]
    notes.report_orphans(sections | {"title": [Block(line, title)]})
    if all(part.name != "lessons" for part in parts):
        case.unplaced.append((line, "the heading “Lessons learned” is missing"))
    case.unplaced = sorted(set(case.unplaced))
    return case


def require(case: BookletCase, parts: list[Part], sections: dict[str, list[Block]]) -> None:
    """Raise BookletError for a case that lacks a part which every case has.

    The booklet itself has a case without a heading of lessons, so only an empty heading is refused.
    """
    names = {"territory": "country", "period": "period", "story": "Story", "lessons": "Lessons"}
    for name, called in names.items():
        lines = [part.line for part in parts if part.name == name]
        if not any(block.text for block in sections[name]) and (lines or name != "lessons"):
            raise BookletError([*lines, case.line][0], f"the case “{case.title}” has no {called}")


def assign_sections(parts: list[Part]) -> dict[str, list[Block]]:
    """The blocks of each section; the prose may go on after a box that interrupts it, without a heading."""
    sections: dict[str, list[Block]] = {name: [] for name in HEADINGS.values()}
    prose = ""
    for part in parts:
        section = part.name
        prose = section if section in PROSE else prose
        for i, block in enumerate(part.blocks):
            if prose and section not in PROSE and resumes_prose(sections[prose], part.blocks, i):
                section = prose
            sections[section].append(block)
    return sections


def resumes_prose(prose: list[Block], box: list[Block], i: int) -> bool:
    """Return whether the prose resumes at block i of a box: a paragraph after its first block, and no
    group.
    """
    if i == 0 or box[i].is_bullet:
        return False
    names_group = heads_group(box, i)
    if names_group and not box[i].text[0].islower():
        return False
    return continues(prose[-1:], box[i]) or not (names_group or continues(box[i - 1 : i], box[i]))


def heads_group(blocks: list[Block], i: int) -> bool:
    """Return whether a block names a group of actors: a short paragraph that ends in a colon, before a
    bullet.
    """
    followed = i + 1 < len(blocks) and blocks[i + 1].is_bullet
    return followed and blocks[i].introduces and len(blocks[i].text) <= MAX_GROUP_LENGTH


def continues(before: list[Block], after: Block) -> bool:
    """Return whether a paragraph continues the block before it, which a page break interrupted.

    The earlier piece has no closing punctuation; and either the later piece begins in lower case, or the
    earlier one ends in a word or sign that ends no sentence ("the", a comma).
    """
    end = before[-1].text.rstrip(f"*_ {DIGITS}") if before else ""
    if not end or after.is_bullet or end[-1] in '.!?:;…”"':
        return False
    begins_low = after.text.lstrip("*_“\"‘'([")[:1].islower()
    return begins_low or UNFINISHED.search(end) is not None


def join_fragments(blocks: list[Block]) -> list[Block]:
    """The blocks, with the fragments of each joined."""
    whole: list[Block] = []
    for block in blocks:
        if continues(whole, block):
            last = whole.pop()
            block = Block(last.line, f"{last.text} {block.text}", last.indent)
        whole.append(block)
    return whole


def read_territory(blocks: list[Block]) -> tuple[str, list[Block]]:
    """Return the country lines as one, and bullets without an introduction, which are probably actors."""
    printed, guessed, introduced = [], [], False
    for block in blocks:
        if not block.is_bullet:
            introduced = block.introduces
        (guessed if block.is_bullet and not introduced else printed).append(block)
    return " ".join(block.text for block in printed if block.text), guessed


def read_period(blocks: list[Block]) -> tuple[str, list[Block]]:
    """Return the period as printed (the first paragraph), and the other blocks, which are probably actors."""
    blocks = [block for block in join_fragments(blocks) if block.text]
    period = next((block for block in blocks if not block.is_bullet), blocks[0])
    return period.text, [block for block in blocks if block is not period]


def read_actors(blocks: list[Block], unplaced: Unplaced, guessed: bool = False) -> list[BookletActor]:
    """The actors, first those before any group's name, then group by group."""
    groups: list[tuple[str, list[Block]]] = [("", [])]
    for i, block in enumerate(blocks):
        if heads_group(blocks, i):
            groups.append((strip_emphasis(block.text), []))
        elif block.text:
            groups[-1][1].append(block)
    if guessed:
        unplaced += [(block.line, block.text) for block in blocks if block.is_bullet and block.text]
    return [
        actor for group, members in groups for actor in read_members(join_fragments(members), group, unplaced)
    ]


def read_members(blocks: list[Block], group: str, unplaced: Unplaced) -> Iterator[BookletActor]:
    """Yield the actors: every bullet except outer ones in bold or with a colon, which name a group."""
    outer: list[tuple[int, str, str]] = []  # column, name and group of the bullets this one is nested in
    for i, block in enumerate(blocks):
        if block.indent is None:
            unplaced.append((block.line, block.text))
            continue
        while outer and outer[-1][0] >= block.indent:
            outer.pop()
        holds_others = i + 1 < len(blocks) and (blocks[i + 1].indent or 0) > block.indent
        if holds_others and not outer and (BOLD.fullmatch(block.text) or block.text.endswith(":")):
            outer.append((block.indent, "", strip_emphasis(block.text)))
            continue
        parent, its_group = outer[-1][1:] if outer else ("", group)
        name, acronym = split_name(block.text)
        if is_sentence(name) or len(name) > MAX_NAME_LENGTH:
            unplaced.append((block.line, block.text))
            name = name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 1] + "…"
        outer.append((block.indent, name, its_group))
        yield BookletActor(name, acronym, its_group, parent)


def split_name(text: str) -> tuple[str, str]:
    """The name, and the short form in brackets after it.

    A short form is one word with two capitals, or repeats words of the name: "Harbour Trust Inc. (Harbour
    Inc.)". Other brackets, a place or a department, stay in the name.
    """
    name = strip_emphasis(text)
    match = re.fullmatch(r"(.*\S)\s*\(([^()]+)\)", name)
    if not match:
        return name, ""
    words = re.findall(r"\w+", match[2])
    one_word = " " not in match[2] and sum(letter.isupper() for letter in match[2]) > 1
    repeats = bool(words) and set(words) <= set(re.findall(r"\w+", match[1]))
    return (match[1], match[2]) if one_word or repeats else (name, "")


def is_sentence(name: str) -> bool:
    """Return whether a text is a sentence: more than twelve words, most of them in lower case."""
    words = name.split()
    return len(words) > 12 and sum(word[0].isupper() for word in words) * 2 < len(words)


def read_source(text: str) -> BookletSource:
    """The source as printed, and its first address, to which a missing `http://` is added."""
    match = URL.search(text)
    url = match[0].rstrip(".,;:*'") if match else ""
    return BookletSource(text, f"http://{url}" if url.lower().startswith("www.") else url)


def group_lessons(blocks: list[Block]) -> list[list[Block]]:
    """Return the blocks of each lesson. Every paragraph and every outer bullet is a lesson, except that

    - a block that ends in a colon keeps what it introduces: one paragraph, or a whole list;
    - bullets that begin in bold stay lessons of their own; an introduction joins the first of them;
    - a bullet all in bold is a heading, and keeps the paragraph after it.
    """
    lessons: list[list[Block]] = []
    column = 0  # where the outer bullets of the present list stand
    kept = False  # whether the present list stays with its introduction
    previous = None
    for block in filter(lambda block: block.text, blocks):
        if block.indent is None:
            joins = previous and (
                previous.introduces or (previous.is_bullet and BOLD.fullmatch(previous.text))
            )
        else:
            introduced = previous is not None and previous.introduces
            if previous is None or not previous.is_bullet:
                column = block.indent
                kept = introduced and not BOLD.match(block.text)
            joins = introduced or kept or block.indent > column
        piece = Block(block.line, block.text) if block.indent == column and not kept else block
        if joins:
            lessons[-1].append(piece)
        else:
            lessons.append([piece])
        previous = block
    return lessons


def to_markdown(blocks: list[Block]) -> str:
    """Return blocks as Markdown: an empty line between paragraphs, two spaces of indentation for each level
    of bullets.
    """
    text = ""
    columns: list[int] = []  # of the bullets around the present one
    for block in blocks:
        if block.indent is None:
            columns = []
            text += f"\n\n{block.text}"
            continue
        gap = "\n" if columns else "\n\n"
        while columns and columns[-1] >= block.indent:
            columns.pop()
        text += f"{gap}{'  ' * len(columns)}- {block.text}".rstrip()
        columns.append(block.indent)
    return text.strip()


class Footnotes:
    """The footnotes of one case, removed from its parts, and the numbers of their marks in Markdown."""

    def __init__(self, parts: list[Part], unplaced: Unplaced):
        self.unplaced = unplaced
        self.notes: dict[str, Block] = {}
        self.numbers: dict[str, int] = {}
        for part in parts:
            for block in filter(self.is_note, part.blocks):
                mark, text = re.fullmatch(rf"([{DIGITS}]+)\s*(.*)", block.text).groups()
                if text and mark not in self.notes:
                    self.notes[mark] = Block(block.line, text)
                else:
                    unplaced.append((block.line, block.text))
            part.blocks = [block for block in part.blocks if not self.is_note(block)]

    @staticmethod
    def is_note(block: Block) -> bool:
        return not block.is_bullet and block.text[0] in DIGITS

    def cite(self, text: str) -> str:
        """Replace marks with `[^1]` and so on, numbered within the case, and add their notes at the end."""
        here: dict[int, str] = {}

        def number(match: re.Match) -> str:
            if match["unit"] or match["mark"] not in self.notes:
                return match[0]
            n = self.numbers.setdefault(match["mark"], len(self.numbers) + 1)
            here[n] = self.notes[match["mark"]].text
            return f"[^{n}]"

        text = MARK.sub(number, text)
        return "\n\n".join([text, *(f"[^{n}]: {note}" for n, note in sorted(here.items()))])

    def report_orphans(self, sections: dict[str, list[Block]]) -> None:
        """Report marks without a note, marks outside the prose, and notes without a mark."""
        for section, blocks in sections.items():
            for block in blocks:
                for word in block.text.split():
                    marks = [match["mark"] for match in MARK.finditer(word) if not match["unit"]]
                    if any(section not in PROSE or mark not in self.notes for mark in marks):
                        self.unplaced.append((block.line, word))
        self.unplaced += [
            (note.line, f"{mark} {note.text}")
            for mark, note in self.notes.items()
            if mark not in self.numbers
        ]
