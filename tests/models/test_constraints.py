"""What the database refuses, and the validation error before that."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint, F

from practices.models import (
    Actor,
    ActorType,
    ChangeLogEntry,
    Corridor,
    Country,
    FormerSlug,
    Image,
    Lesson,
    Objective,
    Participation,
    Place,
    Practice,
    Publication,
    Region,
    Synonym,
    Theme,
    User,
    VocabularyWord,
)
from practices.models.active_editor import ActiveEditor
from practices.models.checks import CheckedInPython
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_objective,
    make_practice,
    make_publication,
    make_region,
    make_theme,
)

pytestmark = pytest.mark.django_db
MODELS = list(apps.get_app_config("practices").get_models())


def change(**values: object) -> Callable:
    """Write into the row of a published practice, without `save()` and signals."""
    return lambda: Practice.objects.filter(pk=make_practice().pk).update(**values)


def add_place(**values: object) -> Place:
    return Place.objects.create(
        **{"practice": make_practice(), "order": 1, "country": make_country()} | values
    )


def add_image(practice: Practice, order: int) -> Image:
    values = {"file": "images/a.webp", "width": 1, "height": 1, "alt": "A", "credit": "B"}
    return Image.objects.bulk_create([Image(practice=practice, order=order, **values)])[0]


def add_participation(practice: Practice | None = None, **values: object) -> Participation:
    practice = practice or make_practice()
    return Participation.objects.create(**{"practice": practice, "order": 1, "actor": make_actor()} | values)


def add_corridor(practice: Practice, origin: str, destination: str) -> Corridor:
    return Corridor.objects.create(
        practice=practice, origin=make_country(origin), destination=make_country(destination)
    )


def twice(add: Callable, *args: object) -> Callable:
    """Return a function that adds the same to one practice twice."""

    def both() -> None:
        practice = make_practice()
        add(practice, *args)
        add(practice, *args)

    return both


def same_actor_and_role(practice: Practice) -> None:
    Participation.objects.create(
        practice=practice, actor=make_actor(), role="lead", order=practice.participations.count() + 1
    )


CHECKS = {
    "practice_kind_known": change(kind="x"),
    "practice_status_known": change(status="x"),
    "practice_activity_known": change(activity="x"),
    "practice_running_was_checked": change(activity="running", activity_checked_on=None),
    "practice_published_has_date": change(published_at=None),
    "practice_period_in_order": change(period_start=date(2012, 1, 2), period_end=date(2012, 1, 1)),
    "practice_replacement_is_draft": lambda: make_practice(replaces=make_practice()),
    "practice_scheduled_in_review": change(publish_at=datetime(2026, 1, 1, tzinfo=UTC)),
    "image_order_from_1": lambda: add_image(make_practice(), 0),
    "place_order_from_1": lambda: add_place(order=0),
    "participation_order_from_1": lambda: add_participation(order=0),
    "source_order_from_1": lambda: make_practice().sources.create(order=0, text="A source"),
    "lesson_number_from_1": lambda: Lesson.objects.bulk_create(
        [Lesson(practice=make_practice(), order=1, number=0, text="A lesson")]
    ),
    "lesson_order_from_1": lambda: make_practice().lessons.create(order=0, text="A lesson"),
    "place_latitude_in_range": lambda: add_place(latitude="90.001", longitude=0),
    "place_longitude_in_range": lambda: add_place(latitude=0, longitude="-180.001"),
    "place_point_whole": lambda: add_place(latitude=1),
    "participation_role_known": lambda: add_participation(role="x"),
    "corridor_ends_differ": lambda: add_corridor(make_practice(), "PH", "PH"),
    "actor_not_its_own_part": lambda: Actor.objects.filter(pk=make_actor().pk).update(parent=F("pk")),
    "theme_not_its_own_part": lambda: Theme.objects.filter(pk=make_theme().pk).update(parent=F("pk")),
    "theme_scheme_known": lambda: make_theme(scheme="x"),
    "objective_framework_known": lambda: make_objective(framework="x"),
}
UNIQUES = {
    "place_order_unique": twice(lambda practice: add_place(practice=practice)),
    "participation_order_unique": lambda: [
        add_participation(make_practice(slug="same"), actor=make_actor("a")),
        add_participation(Practice.objects.get(slug="same"), actor=make_actor("b")),
    ],
    "source_order_unique": twice(lambda practice: practice.sources.create(order=1, text="A source")),
    "active_editor_once": lambda: [
        ActiveEditor.objects.create(practice=practice, user=user, seen_at=datetime(2026, 1, 1, tzinfo=UTC))
        for practice, user in [(make_practice(), make_editor())] * 2
    ],
    "image_order_unique": twice(lambda practice: add_image(practice, 1)),
    "lesson_number_unique": lambda: Lesson.objects.bulk_create(
        Lesson(practice=practice, order=order, number=1, text="A lesson")
        for practice in [make_practice()]
        for order in (1, 2)
    ),
    "user_name_in_any_case": lambda: [make_editor("editor"), make_editor("Editor")],
    "lesson_order_unique": twice(lambda practice: practice.lessons.create(order=1, text="A lesson")),
    "participation_unique": twice(same_actor_and_role),
    "corridor_unique": twice(add_corridor, "PH", "IT"),
    "vocabulary_word_unique": lambda: [
        VocabularyWord.objects.create(language="en", word="bonds", stem="bond", practices=1) for _ in range(2)
    ],
    "objective_order_unique": lambda: [make_objective("gcm-1", order=1), make_objective("gcm-2", order=1)],
}


def constraints() -> dict[str, tuple]:
    """Return every constraint that the models declare, by name, with its model."""
    return {rule.name: (rule, model) for model in MODELS for rule in model._meta.constraints}


@pytest.mark.parametrize("name", CHECKS)
def test_the_database_refuses_what_breaks_a_check(name):
    with pytest.raises(IntegrityError, match=rf"\b{name}\b"), transaction.atomic():
        CHECKS[name]()


@pytest.mark.parametrize("name", UNIQUES)
def test_the_database_refuses_what_breaks_a_unique_constraint(name):
    rule, model = constraints()[name]
    columns = [model._meta.get_field(field).column for field in rule.fields]
    on_sqlite = ", ".join(f"{model._meta.db_table}.{column}" for column in columns) or f"index '{name}'"
    # SQLite names the columns, PostgreSQL the constraint.
    named = f"failed: {on_sqlite}$" if connection.vendor == "sqlite" else rf"\b{name}\b"
    with pytest.raises(IntegrityError, match=named), transaction.atomic():
        UNIQUES[name]()


def test_no_constraint_is_left_out_above():
    checks = {name for name, (rule, _model) in constraints().items() if isinstance(rule, CheckConstraint)}
    assert (checks, constraints().keys() - checks) == (set(CHECKS), set(UNIQUES))


def type_(number: int, **values: object) -> ActorType:
    return ActorType.objects.create(**{"slug": f"s{number}", "name": f"N{number}", "order": number} | values)


def country(number: int, **values: object) -> Country:
    own = {"code": f"A{number}", "name": f"N{number}", "alpha3": f"AA{number}", "numeric": f"00{number}"}
    return Country.objects.create(**own | {"latitude": 0, "longitude": 0} | values)


def public(number: int, **values: object) -> ChangeLogEntry:
    own = {"slug": f"s{number}", "sequence": 100 + number, "changed_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return ChangeLogEntry.objects.create(**own | values)


UNIQUE_FIELDS = {
    (ChangeLogEntry, "slug"): lambda: [public(number, slug="same") for number in (1, 2)],
    (ChangeLogEntry, "sequence"): lambda: [public(number, sequence=200) for number in (1, 2)],
    (Practice, "replaces"): lambda: [
        make_practice(status="draft", replaces=Practice.objects.filter(status="published").first())
        for _made in (make_practice(), None)
    ],
    (Practice, "slug"): lambda: [make_practice(slug="same"), make_practice(slug="same")],
    (FormerSlug, "slug"): lambda: [
        FormerSlug.objects.create(slug="same", practice=make_practice()) for _number in range(2)
    ],
    (Actor, "slug"): lambda: [Actor.objects.create(slug="same", name=name) for name in "ab"],
    (ActorType, "slug"): lambda: [type_(number, slug="same") for number in (1, 2)],
    (ActorType, "name"): lambda: [type_(number, name="Same") for number in (1, 2)],
    (ActorType, "order"): lambda: [type_(number, order=7) for number in (1, 2)],
    (Publication, "slug"): lambda: [make_publication("same"), make_publication("same")],
    (Region, "name"): lambda: [make_region("001", "Same"), make_region("002", "Same")],
    (Country, "name"): lambda: [country(number, name="Same") for number in (1, 2)],
    (Country, "alpha3"): lambda: [country(number, alpha3="SAM") for number in (1, 2)],
    (Country, "numeric"): lambda: [country(number, numeric="009") for number in (1, 2)],
    (Theme, "slug"): lambda: Theme.objects.bulk_create(
        Theme(slug="same", name=name, scheme="jmdi", order=1) for name in "ab"
    ),
    (Theme, "name"): lambda: [make_theme("a", name="Same"), make_theme("b", name="Same")],
    (Objective, "code"): lambda: Objective.objects.bulk_create(
        Objective(code="gcm-1", framework="gcm", name=str(number), order=number) for number in (1, 2)
    ),
    (Synonym, "words"): lambda: [Synonym.objects.create(words="a, b") for _number in range(2)],
    (User, "username"): lambda: [make_editor(), make_editor()],
}


# PostgreSQL keeps the names of unique constraints when Django renames a table.
FORMER_TABLES = {ChangeLogEntry: "practices_publicslug"}


@pytest.mark.parametrize("field", UNIQUE_FIELDS, ids=lambda field: f"{field[0].__name__}.{field[1]}")
def test_the_database_refuses_a_value_that_another_row_has(field):
    model, name = field
    tables = "|".join({model._meta.db_table, FORMER_TABLES.get(model, model._meta.db_table)})
    named = rf"({tables})[._]{name}|user_name_in_any_case"  # whichever index is asked first
    with pytest.raises(IntegrityError, match=named), transaction.atomic():
        UNIQUE_FIELDS[field]()


def test_no_unique_field_is_left_out_above():
    fields = [field for model in MODELS for field in model._meta.local_fields if not field.primary_key]
    assert {(field.model, field.name) for field in fields if field.unique} == set(UNIQUE_FIELDS)


@pytest.mark.parametrize("latitude", ["-90.000", "90.000"])
@pytest.mark.parametrize("longitude", ["-180.000", "180.000"])
def test_the_poles_and_the_date_line_are_places(latitude, longitude):
    place = add_place(latitude=latitude, longitude=longitude)
    place.refresh_from_db()
    assert (str(place.latitude), str(place.longitude)) == (latitude, longitude)


# What a person is told ---------------------------------------------------------------------------------


def unsaved_place(**values: object) -> Place:
    return Place(practice=make_practice(), order=1, country=make_country(), **values)


def corridor_to_itself() -> Corridor:
    country = make_country("PH", "Philippines")
    return Corridor(practice=make_practice(), origin=country, destination=country)


def corridor_again() -> Corridor:
    first = add_corridor(make_practice(), "PH", "IT")
    return Corridor(practice=first.practice, origin=first.origin, destination=first.destination)


def role_again() -> Participation:
    first = add_participation(role="lead")
    return Participation(practice=first.practice, actor=first.actor, role="lead", order=2)


def parent_below_itself() -> Actor:
    """An actor that becomes a part of its own grandchild."""
    grandmother = make_actor("grandmother", name="Grandmother")
    mother = make_actor("mother", parent=grandmother)
    grandmother.parent = make_actor("child", name="Child", acronym="CH", parent=mother)
    return grandmother


def own_parent() -> Actor:
    actor = make_actor("one", name="One")
    actor.parent = actor
    return actor


def running(**values: object) -> Practice:
    return Practice(title="A title", slug="a-title", story="A story.", activity="running", **values)


MESSAGES = [
    (
        lambda: Practice(title="T", slug="t", story="S", summary="word " * 61),
        {"summary": ["The summary has 61 words. The maximum is 60."]},
    ),
    (running, {"__all__": ["Enter the date when you checked that it is running."]}),
    (
        lambda: [make_practice(slug="taken"), Practice(title="T", slug="taken", story="S")][-1],
        {"slug": ["Another practice has this slug. Enter a different slug."]},
    ),
    (
        lambda: unsaved_place(latitude=1),
        {"__all__": ["Enter both latitude and longitude, or leave both empty."]},
    ),
    (
        lambda: unsaved_place(latitude=91, longitude=181),
        {
            "latitude": ["Ensure this value is less than or equal to 90."],
            "longitude": ["Ensure this value is less than or equal to 180."],
        },
    ),
    (
        corridor_to_itself,
        {"destination": ["Select two different countries. Origin and destination are both Philippines."]},
    ),
    (corridor_again, {"__all__": ["This corridor is already listed."]}),
    (role_again, {"__all__": ["This actor already has this role in the practice."]}),
    (parent_below_itself, {"parent": ["“Child (CH)” is itself part of this actor."]}),
    (own_parent, {"parent": ["“One” is itself part of this actor."]}),
    (
        lambda: Synonym(words=" sailors,\n,"),
        {"words": ["Enter at least two words. “ sailors,\n,” is only one."]},
    ),
    (lambda: Synonym(words="crew, crew"), {"words": ["Enter at least two words. “crew, crew” is only one."]}),
]


@pytest.mark.parametrize(("make", "expected"), MESSAGES)
def test_a_wrong_row_is_refused_in_words(make, expected):
    with pytest.raises(ValidationError) as caught:
        make().full_clean()
    assert caught.value.message_dict == expected


# Check constraints that no form, sheet or record can break: code alone sets these columns, or derives them.
SET_BY_CODE = {
    *("practice_published_has_date", "practice_replacement_is_draft", "practice_scheduled_in_review"),
    *("practice_period_in_order", "lesson_number_from_1"),
    *(f"{name}_order_from_1" for name in ("place", "participation", "source", "lesson", "image")),
}
BROKEN = {
    "practice_kind_known": lambda: Practice(title="T", slug="t", story="S", kind="x"),
    "practice_status_known": lambda: Practice(title="T", slug="t", story="S", status="x"),
    "practice_activity_known": lambda: Practice(title="T", slug="t", story="S", activity="x"),
    "practice_running_was_checked": running,
    "place_latitude_in_range": lambda: unsaved_place(latitude="90.001", longitude=0),
    "place_longitude_in_range": lambda: unsaved_place(latitude=0, longitude="-180.001"),
    "place_point_whole": lambda: unsaved_place(longitude=0),
    "participation_role_known": lambda: Participation(
        practice=make_practice(), actor=make_actor(), order=1, role="x"
    ),
    "corridor_ends_differ": corridor_to_itself,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_check_of_a_practice_or_its_rows_is_also_a_rule_of_validation(name):
    with pytest.raises(ValidationError):
        BROKEN[name]().full_clean()


def test_no_check_of_a_practice_or_its_rows_is_left_out_above():
    checked = {name for name, (rule, model) in constraints().items()
               if isinstance(rule, CheckConstraint) and issubclass(model, CheckedInPython)}  # fmt: skip
    assert checked == BROKEN.keys() | SET_BY_CODE


def test_a_row_whose_relations_are_loaded_is_validated_without_a_query_for_each(django_assert_num_queries):
    place = unsaved_place(latitude=1, longitude=2)
    with django_assert_num_queries(1):  # that no other place of the practice has its number
        place.full_clean()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Practice(title="T", slug="t", story="S", summary="word " * 60),
        lambda: running(activity_checked_on=date(2024, 5, 1)),
        lambda: unsaved_place(latitude=1, longitude=2),
        lambda: Actor(slug="new", name="New", parent=make_actor("other")),
        lambda: Synonym(words="crew\nsailors"),
    ],
)
def test_a_right_row_is_accepted(make):
    row = make()
    row.full_clean()
    row.save()
    assert type(row).objects.filter(pk=row.pk).count() == 1


def test_a_ring_of_other_actors_above_does_not_hold_the_check_up():
    first, second = make_actor("first"), make_actor("second")
    Actor.objects.filter(pk=first.pk).update(parent=second)  # as two editors at once could make it
    Actor.objects.filter(pk=second.pk).update(parent=first)
    third = make_actor("third")
    third.parent = Actor.objects.get(pk=first.pk)
    third.full_clean()
