"""Plain functions that create the few rows a test needs."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from practices.models import (
    Actor,
    ActorType,
    Country,
    Objective,
    Participation,
    Place,
    Practice,
    Publication,
    Region,
    Theme,
    User,
)
from practices.search.indexing import batch_reindex

numbers = count(1)


def make_region(code: str, name: str, parent: Region | None = None) -> Region:
    return Region.objects.get_or_create(code=code, defaults={"name": name, "parent": parent})[0]


def make_country(code: str = "PH", name: str | None = None, region: Region | None = None) -> Country:
    """Return the country with this code; create it if needed."""
    number = next(numbers)
    defaults = {
        "name": name or f"Country {code}",
        "alpha3": f"{code}X",
        "numeric": f"{number % 1000:03}",
        "region": region,
        "latitude": 0,
        "longitude": 0,
    }
    return Country.objects.get_or_create(code=code, defaults=defaults)[0]


def make_theme(slug: str = "remittances", parent: Theme | None = None, **fields: Any) -> Theme:
    values = {
        "name": slug.replace("-", " ").capitalize(),
        "scheme": "jmdi",
        "order": next(numbers),
        "definition": "What it is about.",
        "parent": parent,
    }
    return Theme.objects.get_or_create(slug=slug, defaults=values | fields)[0]


def make_objective(code: str = "gcm-20", **fields: Any) -> Objective:
    values = {"framework": code[:3], "name": f"Objective {code}", "order": next(numbers)}
    return Objective.objects.get_or_create(code=code, defaults=values | fields)[0]


def make_actor(slug: str = "atikha", actor_type: str | None = None, **fields: Any) -> Actor:
    kind = None
    if actor_type:
        values = {"name": actor_type.replace("-", " ").capitalize(), "order": next(numbers)}
        kind = ActorType.objects.get_or_create(slug=actor_type, defaults=values)[0]
    values = {"name": slug.replace("-", " ").title(), "type": kind}
    return Actor.objects.get_or_create(slug=slug, defaults=values | fields)[0]


def make_publication(slug: str = "booklet", **fields: Any) -> Publication:
    return Publication.objects.create(
        **{"slug": slug, "title": "A booklet", "publisher": make_actor("publisher")} | fields
    )


@batch_reindex()  # indexed once, with all its children
def make_practice(
    title: str | None = None,
    *,
    countries: tuple[str, ...] = (),
    themes: tuple[str, ...] = (),
    objectives: tuple[str, ...] = (),
    actors: tuple[str, ...] = (),
    corridors: tuple[str, ...] = (),
    lessons: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    **fields: Any,
) -> Practice:
    """Create a published practice with children; countries are codes, corridors are PH-IT."""
    number = next(numbers)
    values = {
        "title": title or f"Practice {number}",
        "slug": f"practice-{number}",
        "summary": "A summary.",
        "story": "A story.",
        "status": "published",
    }
    practice = Practice.objects.create(**values | fields)
    for order, code in enumerate(countries, start=1):
        Place.objects.create(practice=practice, order=order, country=make_country(code))
    for order, slug in enumerate(actors, start=1):
        Participation.objects.create(practice=practice, order=order, actor=make_actor(slug))
    for corridor in corridors:
        origin, destination = map(make_country, corridor.split("-"))
        practice.corridors.create(origin=origin, destination=destination)
    for order, text in enumerate(lessons, start=1):
        practice.lessons.create(order=order, text=text)
    for order, text in enumerate(sources, start=1):
        practice.sources.create(order=order, text=text)
    practice.themes.set([make_theme(slug) for slug in themes])
    practice.objectives.set([make_objective(code) for code in objectives])
    return practice


@batch_reindex()
def make_whole() -> Practice:
    """Create a practice with a value in every field that the data names."""
    publication = make_publication(
        title="Seeds", language="fr", url="https://seeds.example/", date="2015~",
        publisher=make_actor("ngo", name="Towns", acronym="TO"),
    )  # fmt: skip
    publication.funders.add(make_actor("eu", name="European Union", acronym="EU"))
    make_country("PH", "Philippines")
    practice = make_practice(
        "Sen Bonds", slug="a", summary="It *saves*.", period="2013/..", countries=("PH", "PH"),
        themes=("savings",), objectives=("gcm-20",), sources=("Moreno, *Notes*.",), publication=publication,
        published_at=datetime(2026, 3, 9, 12, tzinfo=UTC),
    )  # fmt: skip
    practice.places.filter(order=1).update(name="Naga", latitude="13.625", longitude="123.186")
    practice.sources.update(url="https://notes.example/", date="2014")
    Practice.objects.update(updated_at=datetime(2026, 4, 1, 8, tzinfo=UTC))
    return practice


def make_editor(username: str = "editor", **fields: Any) -> User:
    return User.objects.create_superuser(username, password="a good long password", **fields)


def make_person(username: str, group: str, **fields: Any) -> User:
    """Create an account in one of the groups."""
    person = User.objects.create_user(
        username, password="a good long password", **{"is_staff": True} | fields
    )
    person.groups.add(Group.objects.get(name=group))
    return person
