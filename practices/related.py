"""Other practices that a reader of one may want, and why."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from practices.cards import Card, cards
from practices.catalogue import catalogue
from practices.models import Practice
from practices.models.search import VocabularyWord
from practices.search.engines import PRACTICES, Any, Phrase, engine

MOST = 4
# What one shared thing is worth: who did it tells more than what it is about.
ACTOR, CORRIDOR, THEME, COUNTRY = 6, 4, 2, 1
DISTINCTIVE_WORDS = 12
NEAR_IN_WORDS = 8
TOLD = ("title", "gist", "body")  # names are shared things of their own


@dataclass
class Related:
    card: Card
    reasons: list[str] = field(default_factory=list)


def related(practice: Practice) -> list[Related]:
    """At most four published practices, the nearest first, never the practice itself; ties by title.

    Ten queries after `for_detail()`, whatever the number of practices.
    """
    worth: dict[int, float] = defaultdict(float)
    reasons: dict[int, list[str]] = defaultdict(list)
    others = Practice.objects.published().exclude(pk=practice.pk).order_by()
    for key, points, reason in shared(practice, others):
        worth[key] += points
        if reason and reason not in reasons[key]:
            reasons[key].append(reason)
    for place, key in enumerate(near_in_words(practice, others)):
        worth[key] += 2 - place / NEAR_IN_WORDS
        reasons[key].append(_("similar in its words"))
    rows = cards(worth, catalogue())
    nearest = sorted(rows.values(), key=lambda row: (-worth[row.pk], row.title))[:MOST]
    return [Related(row, reasons[row.pk][:2]) for row in nearest]


def shared(practice: Practice, others: QuerySet) -> Iterator[tuple[int, int, str]]:
    """Each thing that another practice shares: its key, what that is worth, and the reason in words."""
    actors = {part.actor_id: part.actor for part in practice.participations.all()}
    for key, actor in others.filter(participations__actor__in=actors).values_list(
        "pk", "participations__actor"
    ):
        if actor in actors:
            name = actors[actor].acronym or actors[actor].name
            yield key, ACTOR, _("also with %(actor)s") % {"actor": name}
    corridors = {(row.origin_id, row.destination_id): row for row in practice.corridors.all()}
    ends = others.filter(corridors__isnull=False)
    for key, origin, end in ends.values_list("pk", "corridors__origin", "corridors__destination"):
        if (origin, end) in corridors:
            yield key, CORRIDOR, _("also on %(corridor)s") % {"corridor": corridors[origin, end]}
    themes = {row.pk: row for row in practice.themes.all()}
    for key, theme in others.filter(themes__in=themes).values_list("pk", "themes"):
        if theme in themes:
            yield (
                key,
                THEME,
                _("also on %(theme)s") % {"theme": themes[theme].name[0].lower() + themes[theme].name[1:]},
            )
    countries = {country.code: country for country in practice.countries}
    for key, code in (
        others.filter(places__country__in=countries).values_list("pk", "places__country").distinct()
    ):
        if code in countries:
            yield key, COUNTRY, _("also in %(country)s") % {"country": countries[code].local_name}


def near_in_words(practice: Practice, others: QuerySet) -> list[int]:
    """The practices that hold most of this one's rarest shared words, by the engine's rank. Three queries."""
    indexed = getattr(practice, "indexed", None)
    if indexed is None:
        return []
    own = practice.status == Practice.Status.PUBLISHED  # whether it is counted itself
    known = VocabularyWord.objects.filter(
        language=indexed.language, word__in=indexed.words.split(), practices__gt=own
    )
    stems = known.order_by("practices", "word").values_list("stem", flat=True)[:DISTINCTIVE_WORDS]
    node = Any(tuple(Phrase((stem,)) for stem in dict.fromkeys(stems)))
    if not node.parts:
        return []
    ranked = [key for key, _rank in islice(engine().ranked(PRACTICES, node, TOLD), 4 * NEAR_IN_WORDS)]
    public = set(others.filter(pk__in=ranked).values_list("pk", flat=True))
    return [key for key in ranked if key in public][:NEAR_IN_WORDS]
