"""Writes a booklet that was read into the model: matches cases by title, keeps what editors added.

The booklet's wording replaces story, lessons, sources, period and actors of a matched case. What the
booklet does not have stays: summary, themes, objectives, corridors, coordinates, types and roles of actors.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from practices.exchange.booklet import Booklet, BookletActor, BookletCase, read_booklet
from practices.exchange.sheet import Line
from practices.models import Actor, Country, Participation, Practice, Publication, Source
from practices.period import Period, PeriodError
from practices.records import Record, plain, record, write
from practices.search.index import together
from practices.search.words import words

SAME_TITLE = 90  # of 100: how alike two spellings are, such as “Oasiss” and “Oasis”
SAME_ACTOR = 92
SAME_HERE = 70  # among the actors and sources of the case itself a looser likeness is enough
KINDS = {  # by how a title begins
    "thinking point": Practice.Kind.THINKING_POINT,
    "the story of": Practice.Kind.PERSONAL_STORY,
}


@dataclass
class CaseReport:
    title: str
    new: bool
    changes: list[str]
    unplaced: list[str]


def import_booklet(booklet: Booklet, status: str | None = None) -> list[CaseReport]:
    """Writes all cases or, on any error, none. Returns what changed, case by case.

    `status` is given to every case; without it a matched case keeps its own and a new one is a draft.
    """
    with together():
        known = Known(booklet, adds=True)
        return [written(case, known, {"status": status} if status else {}) for case in booklet.cases]


def written(case: BookletCase, known: "Known", given: Record) -> CaseReport:
    practice = known.practice(case)
    before = record(practice) if practice else {}
    unplaced = [f"line {line}: {text}" for line, text in case.unplaced]
    given = known.said(case, practice, unplaced) | given
    if practice is None:
        given = {"slug": Practice.free_slug(case.title)} | given
    after = record(write(given, practice))
    changes = differences(before, {name: after[name] for name in given})
    return CaseReport(case.title, practice is None, changes, unplaced)


def booklet_lines(data: bytes) -> list[Line]:
    """The cases of a booklet as the rows of a sheet. BookletError when it is none."""
    booklet = read_booklet(data.decode("utf-8", errors="replace"))
    known = Known(booklet, adds=False)
    lines = []
    for case in booklet.cases:
        practice = known.practice(case)
        own = {"slug": practice.slug} if practice else {}
        lines.append(Line(case.line, own | known.said(case, practice, [])))
    return lines


def spelled(text: str) -> str:
    """The folded words of a text: what two spellings of a name are compared by."""
    return " ".join(word.folded for word in words(text))


def nearest(text: str, names: dict[Any, str], least: float) -> Any | None:
    """The row whose name is most like the text, case, accents and signs aside, if enough so."""
    from rapidfuzz import fuzz, process  # slow to import

    found = process.extractOne(text, names, scorer=fuzz.ratio, processor=spelled, score_cutoff=least)
    return found[2] if found else None


def closest(printed: BookletActor, actors: list[Actor], least: float) -> Actor | None:
    """The actor of that name, else of that name with its short form."""
    whole = f"{printed.name} ({printed.acronym})"
    by_name = nearest(printed.name, {actor: actor.name for actor in actors}, least)
    return by_name or nearest(whole, {actor: str(actor) for actor in actors}, least)


class Known:
    """What all cases of one booklet share: the practices, actors and countries known before.

    With `adds` an actor or a publication that is not known is made; else it is named as it is printed.
    """

    def __init__(self, booklet: Booklet, adds: bool) -> None:
        self.booklet, self.adds = booklet, adds
        self.practices = list(Practice.objects.all())
        self.actors = list(Actor.objects.all())
        self.countries = sorted(Country.objects.all(), key=lambda country: -len(country.name))

    def practice(self, case: BookletCase) -> Practice | None:
        return nearest(case.title, {row: row.title for row in self.practices}, SAME_TITLE)

    def said(self, case: BookletCase, practice: Practice | None, unplaced: list[str]) -> Record:
        """What the booklet says of a case, as a record; what of it cannot be read goes to `unplaced`."""
        made = {
            "story": case.story,
            "lessons": [{"text": text} for text in case.lessons],
            "sources": list(sources(case, practice)),
            "participations": list(self.participations(case, practice)),
        }
        try:
            period = Period.parse(case.period)
            made["period"] = period.edtf if period else None
        except PeriodError as error:
            unplaced.append(f"line {case.line}: {error}")
        if practice:
            return made
        begins = (kind for start, kind in KINDS.items() if case.title.casefold().startswith(start))
        return made | {
            "title": case.title,
            "kind": next(begins, Practice.Kind.PRACTICE),
            "publication": self.publication(),
            "places": self.places(case.territory, unplaced),
        }

    def publication(self) -> str:
        """The booklet as a publication: the known one of that title, else a new one."""
        title = self.booklet.title
        row = nearest(title, {row: row.title for row in Publication.objects.all()}, SAME_TITLE)
        if row is None and not self.adds:
            return title
        if row is None:
            publisher = self.actor(BookletActor(name=self.booklet.publisher or title), None)
            row = Publication.objects.create(
                slug=Publication.free_slug(title),
                title=title,
                publisher=publisher,
                url=self.booklet.address,
                note="\n".join(self.booklet.funders_text),
            )
        return row.slug

    def places(self, territory: str, unplaced: list[str]) -> list[Record]:
        """One place: the country that the printed line begins with, and the rest as its territory."""
        for country in self.countries:
            if spelled(territory).startswith(spelled(country.name)):
                name = territory[len(country.name) :].strip(" :,/;–-\n")
                return [{"country": country.code, "name": name[:200]}]
        unplaced.append(f"“{territory}” begins with no country known here")
        return []

    def participations(self, case: BookletCase, practice: Practice | None) -> Iterator[Record]:
        """The printed actors in their groups; those that took part before keep role, note and heading."""
        old = list(practice.participations.select_related("actor")) if practice else []
        by_name: dict[str, Actor | None] = {}
        for printed in case.actors:
            near = closest(printed, [row.actor for row in old], SAME_HERE)
            part = next((row for row in old if row.actor == near), None) or Participation()
            actor = near or self.actor(printed, by_name.get(printed.parent))
            by_name[printed.name] = actor
            yield {
                "actor": actor.slug if actor else printed.name,
                "role": part.role,
                "group": printed.group or part.group,
                "note": part.note,
            }
            if near:
                old.remove(part)

    def actor(self, printed: BookletActor, parent: Actor | None) -> Actor | None:
        """The known actor of that name, else a new one of no type."""
        found = closest(printed, self.actors, SAME_ACTOR)
        if found is None and self.adds:
            found = Actor.objects.create(
                slug=Actor.free_slug(printed.name),
                name=printed.name,
                acronym=printed.acronym[:60],
                parent=parent,
            )
            self.actors.append(found)
        return found


def sources(case: BookletCase, practice: Practice | None) -> Iterator[Record]:
    """The printed citations; one much like the row it replaces keeps that row's address and date."""
    old = {row: row.text for row in practice.sources.all()} if practice else {}
    for printed in case.sources:
        near = nearest(printed.text, old, SAME_HERE) or Source()
        yield {"text": printed.text, "url": printed.url or near.url, "date": plain(near, "date")}


def differences(before: Record, after: Record) -> list[str]:
    """A line for each field that changed; of paragraphs and rows how many there were and are, and differ."""
    lines = []
    for name, value in after.items():
        old, new = pieces(before.get(name)), pieces(value)
        if old == new:
            continue
        if isinstance(value, str) and max(len(old), len(new)) == 1 and len(value) < 80:
            lines.append(f"{name}: {old[0] if old else 'none'} → {value}")
        else:
            changed = sum(one != other for one, other in zip_longest(old, new))
            lines.append(f"{name}: {len(old)} → {len(new)} entries, {changed} changed")
    return lines


def pieces(value: str | list | None) -> list:
    return value if isinstance(value, list) else value.split("\n\n") if value else []
