"""Writes the cases of a booklet as new practices.

Cases that exist as practices are refused: the booklet never replaces the work of editors. A case with a line
that could not be placed is left out until somebody corrects the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from practices.exchange.booklet import Booklet, BookletActor, BookletCase, read_booklet
from practices.exchange.sheet import Line
from practices.history import versions
from practices.history.audit import record_audit_entry
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import Snapshot
from practices.models import Actor, Country, FormerSlug, Participation, Practice, Publication, Revision
from practices.search.indexing import batch_reindex
from practices.search.tokenizer import tokenize
from practices.values.period import PeriodError
from practices.values.period_parsing import parse_period
from practices.values.text import unwrap

SAME_TITLE = 90  # of 100: how alike two spellings are, such as “Oasiss” and “Oasis”
SAME_ACTOR = 92
KINDS = {  # by how a title begins
    "thinking point": Practice.Kind.THINKING_POINT,
    "the story of": Practice.Kind.PERSONAL_STORY,
}


@dataclass
class CaseReport:
    title: str
    says: list[str] = field(default_factory=list)  # what the new practice holds, a line each
    unplaced: list[str] = field(default_factory=list)  # where there is one, the case is left out


def import_booklet(booklet: Booklet, status: str = Practice.Status.DRAFT, file: str = "") -> list[CaseReport]:
    """Create a practice from each case, or none after an error; return what each case contains.

    `status` is that of every new practice. A case with lines that could not be placed is left out, and so are
    the actors that only it names. Each practice has a version in its history, and the import has an audit
    entry that names them. Raises ValidationError, which names the practices that exist already.
    """
    with batch_reindex():
        refuse_existing(booklet)
        known = KnownRows(booklet, adds=True)
        reports, practices = [], []
        for case in booklet.cases:
            report = CaseReport(case.title, unplaced=unplaced_lines(case, known))
            if not report.unplaced:
                practices.append(create_practice(case, known, report, status, file))
            reports.append(report)
        if practices:
            record_audit_entry("imported", None, file, practices=practices)
    return reports


def create_practice(
    case: BookletCase, known: "KnownRows", report: CaseReport, status: str, file: str
) -> Practice:
    """Create a practice from one case, with its first version, and report its content."""
    actors = len(known.actors)
    given = known.snapshot(case) | {"slug": Practice.free_slug(case.title, fallback="practice")}
    practice = apply_snapshot(given | {"status": status})
    versions.save_version(practice, Revision.Action.IMPORTED, None, file)
    report.says = [f"new actor: {actor}" for actor in known.actors[actors:]]
    report.says += [f"{name}: {summarise(value)}" for name, value in given.items() if value]
    return practice


def summarise(value: str | list) -> str:
    """Return a value for a report: the number of rows or paragraphs, or the text if it is short."""
    rows = value if isinstance(value, list) else value.split("\n\n")
    return value if isinstance(value, str) and len(rows) == 1 and len(value) < 80 else f"{len(rows)} entries"


def booklet_lines(data: bytes) -> list[Line]:
    """The cases of a booklet as the rows of a sheet, each a new practice.

    Raises BookletError if the file is not a booklet. Raises ValidationError, which names the practices that
    exist already.
    """
    booklet = read_booklet(data.decode("utf-8", errors="replace"))
    refuse_existing(booklet)
    known = KnownRows(booklet, adds=False)
    lines = []
    for case in booklet.cases:
        wrong = unplaced_lines(case, known)
        lines.append(Line(case.line, known.snapshot(case), errors={"": wrong} if wrong else {}))
    return lines


def refuse_existing(booklet: Booklet) -> None:
    """Raise ValidationError with every practice that a case of the booklet would replace. Three queries."""
    practices = Practice.objects.order_by(F("replaces").desc(nulls_last=True))  # a draft of a change yields
    found = {
        title: str(Practice.Status(status).label)
        for title, status in practices.values_list("title", "status")
    }
    for title in versions.deleted_practices().values_list("snapshot__title", flat=True):
        found.setdefault(title, _("deleted; an editor can restore it"))
    by_slug = dict(versions.deleted_practices().values_list("slug", "snapshot__title"))
    by_slug |= dict(FormerSlug.objects.values_list("slug", "practice__title"))
    by_slug |= dict(practices.values_list("slug", "title"))
    titles = {title: title for title in found}
    same = (
        nearest(case.title, titles, SAME_TITLE) or by_slug.get(Practice.slug_stem(case.title))
        for case in booklet.cases
    )
    named = [f"“{title}” ({found[title]})" for title in dict.fromkeys(same) if title]
    if named:
        message = _(
            "These practices already exist: %(titles)s. The text of the booklet does not replace "
            "them. Remove these cases from the file."
        )
        raise ValidationError(message % {"titles": ", ".join(named)})


def unplaced_lines(case: BookletCase, known: "KnownRows") -> list[str]:
    """Return the lines of a case that somebody must check before the import."""
    lines = [f"line {line}: {text}" for line, text in case.unplaced]
    try:
        parse_period(case.period)
    except PeriodError as error:
        lines.append(f"line {case.line}: {error}")
    if not known.places(case.territory):
        lines.append(f"“{case.territory}” does not begin with a known country")
    return lines


def normalise_name(text: str) -> str:
    """Return the folded words of a text, for comparing spellings of a name."""
    return " ".join(word.folded for word in tokenize(text))


def nearest(text: str, names: dict[Any, str], least: float) -> Any | None:
    """Return the row with the most similar name, if it is similar enough; case, accents and signs do not
    count.
    """
    from rapidfuzz import fuzz, process  # slow to import

    found = process.extractOne(text, names, scorer=fuzz.ratio, processor=normalise_name, score_cutoff=least)
    return found[2] if found else None


def closest(printed: BookletActor, actors: list[Actor], least: float) -> Actor | None:
    """Return the actor with this name, or with this name and its short form."""
    whole = f"{printed.name} ({printed.acronym})"
    by_name = nearest(printed.name, {actor: actor.name for actor in actors}, least)
    return by_name or nearest(whole, {actor: str(actor) for actor in actors}, least)


class KnownRows:
    """The actors and countries that exist before an import, shared by all cases of a booklet.

    With `adds`, unknown actors and publications are created; otherwise they keep their printed names.
    """

    def __init__(self, booklet: Booklet, adds: bool) -> None:
        self.booklet, self.adds = booklet, adds
        self.actors = list(Actor.objects.all())
        self.countries = sorted(Country.objects.all(), key=lambda country: -len(country.name))

    def snapshot(self, case: BookletCase) -> Snapshot:
        """The snapshot of a case."""
        begins = (kind for start, kind in KINDS.items() if case.title.casefold().startswith(start))
        try:
            period = parse_period(case.period)
        except PeriodError:  # one of the lines to look at
            period = None
        return {
            "title": case.title,
            "kind": next(begins, Practice.Kind.PRACTICE),
            "places": self.places(case.territory),
            "period": period.edtf if period else None,
            "participations": list(self.participations(case)),
            "sources": [{"text": row.text, "url": row.url, "date": None} for row in case.sources],
            "story": case.story,
            "lessons": [{"text": text} for text in case.lessons],
            "publication": self.publication(),
        }

    def publication(self) -> str:
        """Return the booklet as a publication: the existing one with its title, or a new one."""
        title = self.booklet.title
        row = nearest(title, {row: row.title for row in Publication.objects.all()}, SAME_TITLE)
        if row is None and not self.adds:
            return title
        if row is None:
            publisher = self.actor(BookletActor(name=self.booklet.publisher or title), None)
            row = Publication.objects.create(
                slug=Publication.free_slug(title, fallback="publication"),
                title=title,
                publisher=publisher,
                url=self.booklet.address,
                note=unwrap("\n".join(self.booklet.funders_text)),
            )
        return row.slug

    def places(self, territory: str) -> list[Snapshot]:
        """Return one place: the country at the beginning of the printed line, and the rest as its territory.

        Return no place if the line does not begin with a known country.
        """
        for country in self.countries:
            if normalise_name(territory).startswith(normalise_name(country.name)):
                name = territory[len(country.name) :].strip(" :,/;–-\n")
                return [{"country": country.code, "name": name[:200]}]
        return []

    def participations(self, case: BookletCase) -> Iterator[Snapshot]:
        """The printed actors in their groups."""
        by_name: dict[str, Actor | None] = {}
        for printed in case.actors:
            actor = by_name[printed.name] = self.actor(printed, by_name.get(printed.parent))
            yield {
                "actor": actor.slug if actor else printed.name,
                "role": Participation.Role.PARTNER,
                "group": printed.group,
                "note": "",
            }

    def actor(self, printed: BookletActor, parent: Actor | None) -> Actor | None:
        """Return the existing actor with this name, or a new one without a type."""
        found = closest(printed, self.actors, SAME_ACTOR)
        if found is None and self.adds:
            found = Actor.objects.create(
                slug=Actor.free_slug(printed.name, fallback="actor"),
                name=printed.name,
                acronym=printed.acronym[:60],
                parent=parent,
            )
            self.actors.append(found)
        return found
