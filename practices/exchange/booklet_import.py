"""Writes a booklet that was read into the model: matches cases by title, keeps what editors added.

The booklet's wording replaces story, lessons, sources, period and actors of a matched case. What the
booklet does not have stays: summary, themes, objectives, corridors, coordinates, types and roles of actors.
"""

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest

from django.utils.text import slugify

from practices.exchange.booklet import Booklet, BookletActor, BookletCase, read_booklet
from practices.exchange.sheet import Line
from practices.models import Actor, Country, Participation, Place, Practice, Publication
from practices.period import Period, PeriodError
from practices.records import record
from practices.search.index import together
from practices.search.words import words

# What a booklet says of a practice, by the names of a record.
PRINTED = (
    "title",
    "kind",
    "period",
    "places",
    "participations",
    "sources",
    "story",
    "lessons",
    "publication",
)
SAME_TITLE = 0.9  # how alike two spellings are, from 0 to 1: “Oasiss” and “Oasis”
SAME_ACTOR = 0.92
SAME_ACTOR_HERE = 0.7  # among the actors of the case itself a looser likeness is enough


@dataclass
class CaseReport:
    title: str
    new: bool
    key: int = 0  # of the practice
    changes: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)


def import_booklet(booklet: Booklet, status: str | None = None) -> list[CaseReport]:
    """Writes all cases or, on any error, none. Returns what changed, case by case.

    `status` is given to every case; without it a matched case keeps its own and a new one is a draft.
    """
    with together():
        writer = Writer(booklet, status)
        return [writer.write(case) for case in booklet.cases]


class Tried(Exception):
    """Takes back what was written to see it."""


def booklet_lines(data: bytes) -> list[Line]:
    """The cases of a booklet as the rows of a sheet: written, read as records, and taken back.

    BookletError when it is none.
    """
    booklet = read_booklet(data.decode("utf-8", errors="replace"))
    lines: list[Line] = []
    try:
        with together():
            known = set(Practice.objects.values_list("pk", flat=True))
            writer = Writer(booklet, None)
            for case in booklet.cases:
                practice = Practice.objects.get(pk=writer.write(case).key)
                said = record(practice)
                slug = practice.slug if practice.pk in known else ""
                lines.append(Line(case.line, {"slug": slug} | {name: said[name] for name in PRINTED}))
            raise Tried
    except Tried:
        return lines


def spelled(text: str) -> str:
    """The folded words of a text: what two spellings of a name are compared by."""
    return " ".join(word.folded for word in words(text))


def likeness(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same but for case, accents and signs)."""
    return SequenceMatcher(None, spelled(one), spelled(other), autojunk=False).ratio()


class Writer:
    """Holds what all cases of one import share: the practices, actors and countries known before."""

    def __init__(self, booklet: Booklet, status: str | None) -> None:
        self.booklet = booklet
        self.status = status
        self.practices = list(Practice.objects.all())
        self.actors = list(Actor.objects.all())
        self.countries = sorted(Country.objects.all(), key=lambda country: -len(country.name))
        self.publication: Publication | None = None

    def write(self, case: BookletCase) -> CaseReport:
        """Writes one case whole: its fields, then its children."""
        best = max(self.practices, key=lambda row: likeness(row.title, case.title), default=None)
        matched = best is not None and likeness(best.title, case.title) >= SAME_TITLE
        practice = best if matched else self.new_practice(case)
        report = CaseReport(case.title, new=not matched)
        report.unplaced += [f"line {line}: {text}" for line, text in case.unplaced]
        before = snapshot(practice)
        if self.status:
            practice.status = self.status
        practice.story = case.story
        try:
            practice.period = Period.parse(case.period)
        except PeriodError as error:
            report.unplaced.append(f"line {case.line}: {error}")
        practice.save()
        if not matched:
            self.place(practice, case.territory, report)
        self.write_lessons(practice, case)
        self.write_sources(practice, case)
        self.write_actors(practice, case)
        report.changes += differences(before, snapshot(practice))
        report.key = practice.pk
        return report

    def new_practice(self, case: BookletCase) -> Practice:
        kind = Practice.Kind.PRACTICE
        if case.title.casefold().startswith("thinking point"):
            kind = Practice.Kind.THINKING_POINT
        elif case.title.casefold().startswith("the story of"):
            kind = Practice.Kind.PERSONAL_STORY
        return Practice(
            title=case.title,
            slug=free_slug(Practice, case.title),
            kind=kind,
            publication=self.publication_row(),
        )

    def publication_row(self) -> Publication:
        """The booklet as a publication: the known one of that title, else a new one."""
        if self.publication is None:
            rows = Publication.objects.all()
            self.publication = next(
                (row for row in rows if likeness(row.title, self.booklet.title) >= SAME_TITLE), None
            )
        if self.publication is None:
            publisher = self.actor(BookletActor(name=self.booklet.publisher or self.booklet.title), None)
            self.publication = Publication.objects.create(
                slug=free_slug(Publication, self.booklet.title),
                title=self.booklet.title,
                publisher=publisher,
                url=self.booklet.address,
                note="\n".join(self.booklet.funders_text),
            )
        return self.publication

    def place(self, practice: Practice, territory: str, report: CaseReport) -> None:
        """One place: the country that the printed line begins with, and the rest as its territory."""
        for country in self.countries:
            if spelled(territory).startswith(spelled(country.name)):
                name = territory[len(country.name) :].strip(" :,/;–-\n")
                Place.objects.create(practice=practice, order=1, country=country, name=name[:200])
                return
        report.unplaced.append(f"“{territory}” begins with no country known here")

    def write_lessons(self, practice: Practice, case: BookletCase) -> None:
        practice.lessons.all().delete()
        for order, text in enumerate(case.lessons, start=1):
            practice.lessons.create(order=order, text=text)

    def write_sources(self, practice: Practice, case: BookletCase) -> None:
        """The printed citations; one much like the row it replaces keeps that row's address and date."""
        old = list(practice.sources.all())
        practice.sources.all().delete()
        for order, source in enumerate(case.sources, start=1):
            near = next((row for row in old if likeness(row.text, source.text) >= SAME_ACTOR_HERE), None)
            practice.sources.create(
                order=order,
                text=source.text,
                url=source.url or (near.url if near else ""),
                date=near.date if near else None,
            )

    def write_actors(self, practice: Practice, case: BookletCase) -> None:
        """The printed actors in their groups; those that took part before keep role, note and heading."""
        old = list(practice.participations.select_related("actor"))
        practice.participations.all().delete()
        by_name: dict[str, Actor] = {}
        for order, printed in enumerate(case.actors, start=1):
            near = closest(printed, [row.actor for row in old], SAME_ACTOR_HERE)
            part = next((row for row in old if row.actor == near), None)
            actor = near or self.actor(printed, by_name.get(printed.parent))
            by_name[printed.name] = actor
            Participation.objects.create(
                practice=practice,
                order=order,
                actor=actor,
                role=part.role if part else Participation.Role.PARTNER,
                group=printed.group or (part.group if part else ""),
                note=part.note if part else "",
            )
            if part:
                old.remove(part)

    def actor(self, printed: BookletActor, parent: Actor | None) -> Actor:
        """The known actor of that name, else a new one of no type."""
        known = closest(printed, self.actors, SAME_ACTOR)
        if known is None:
            known = Actor.objects.create(
                slug=free_slug(Actor, printed.name),
                name=printed.name,
                acronym=printed.acronym[:60],
                parent=parent,
            )
            self.actors.append(known)
        return known


def closest(printed: BookletActor, actors: list[Actor], least: float) -> Actor | None:
    """The actor whose name (with or without its short form) is most like the printed one, if enough so."""

    def nearness(actor: Actor) -> float:
        spellings = {printed.name, f"{printed.name} ({printed.acronym})"}
        return max(likeness(spelling, name) for spelling in spellings for name in {actor.name, str(actor)})

    best = max(actors, key=nearness, default=None)
    return best if best is not None and nearness(best) >= least else None


def free_slug(model: type, text: str) -> str:
    """A slug for the text that no row of the model has yet."""
    longest = model._meta.get_field("slug").max_length - 4
    stem = slug = slugify(text)[:longest].strip("-") or "untitled"
    number = 2
    while model.objects.filter(slug=slug).exists():
        slug = f"{stem}-{number}"
        number += 1
    return slug


def snapshot(practice: Practice) -> dict[str, list[str]]:
    """What an import may change, as lists of texts by name; empty for a practice not yet saved."""
    if practice.pk is None:
        return {}
    return {
        "status": [practice.status],
        "period": [practice.period.edtf if practice.period else ""],
        "story": practice.story.split("\n\n"),
        "places": [str(row) for row in practice.places.select_related("country")],
        "actors": [
            " – ".join(filter(None, (row.group, str(row.actor))))
            for row in practice.participations.select_related("actor")
        ],
        "sources": [f"{row.text} {row.url}".strip() for row in practice.sources.all()],
        "lessons": [row.text for row in practice.lessons.all()],
    }


def differences(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """One line for each name whose list changed: how many entries there were and are, and how many differ."""
    lines = []
    for name, new in after.items():
        old = before.get(name, [])
        if old != new:
            changed = sum(one != other for one, other in zip_longest(old, new))
            if len(new) == 1 and len(old) <= 1 and len(new[0]) < 80:
                lines.append(f"{name}: {old[0] if old else 'none'} → {new[0]}")
            else:
                lines.append(f"{name}: {len(old)} → {len(new)} entries, {changed} changed")
    return lines
