"""A snapshot contains the whole practice, and applying it gives the same practice back."""

import json

import pytest
from django.core.exceptions import ValidationError

from practices.history import snapshots
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import take_snapshot
from practices.index.facet_index import get_facet_index
from practices.models import Lesson, Practice
from practices.models.content_version import content_version
from practices.search.retrieval import find
from tests.factories import make_country, make_practice, make_publication, make_theme

pytestmark = pytest.mark.django_db

# Derived, or steps of the workflow that a text does not carry.
LEFT_OUT = {"title_sort", "id", "updated_at", "period_start", "period_end", "owner", "publish_at", "replaces"}


def full_practice() -> Practice:
    return make_practice(
        slug="bonds", period="2009-04/2011-06", publication=make_publication(), countries=("PH", "IT"),
        corridors=("PH-IT",), themes=("savings", "rights"), objectives=("gcm-20",), actors=("naga",),
        sources=("A report",), lessons=("A", "B", "C"), editors_note="A note.",
    )  # fmt: skip


def keys(practice: Practice) -> dict[str, int]:
    return dict(practice.lessons.values_list("text", "pk"))


def refused(wrong: dict, practice: Practice | None = None) -> dict:
    with pytest.raises(ValidationError) as caught:
        apply_snapshot(wrong, practice)
    return caught.value.message_dict


def test_every_field_of_a_practice_and_its_children_is_in_its_record():
    own = {field.name for field in Practice._meta.get_fields() if not field.auto_created}
    assert own - LEFT_OUT == {*snapshots.FIELDS, *snapshots.LINKS, *snapshots.LESSON_NUMBER_FIELDS}
    derived = {"indexed", "replacement", "change_log_entries"}
    rows = {f.get_accessor_name() for f in Practice._meta.related_objects} - derived
    assert rows == {*snapshots.CHILDREN, "former_slugs"}
    for model, fields in snapshots.CHILDREN.values():
        assert {f.name for f in model._meta.fields} - {"id", "practice", "order"} == set(fields)


@pytest.mark.slow
def test_the_17_cases_come_back_the_same_from_their_records(jmdi):
    before = [take_snapshot(row) for row in Practice.objects.order_by("slug")]
    assert len(before) == 17
    as_text = json.dumps(before)
    Practice.objects.all().delete()
    for kept in json.loads(as_text):
        apply_snapshot(kept)
    assert json.dumps([take_snapshot(row) for row in Practice.objects.order_by("slug")]) == as_text


def test_a_record_in_full():
    practice = full_practice()
    practice.places.filter(order=1).update(name="Batangas", latitude="13.75", longitude="121.05")
    made = take_snapshot(Practice.objects.get())
    assert list(made) == list(snapshots.KEYS)
    assert made["places"] == [
        {"name": "Batangas", "country": "PH", "latitude": 13.75, "longitude": 121.05},
        {"name": "", "country": "IT", "latitude": None, "longitude": None},
    ]
    assert (made["period"], made["publication"], made["themes"]) == (
        "2009-04/2011-06",
        "booklet",
        ["rights", "savings"],
    )
    assert made["participations"] == [{"actor": "naga", "role": "partner", "group": "", "note": ""}]
    assert made["corridors"] == [{"origin": "PH", "destination": "IT"}]


def test_a_record_is_read_without_a_query_after_its_prefetch(django_assert_num_queries):
    full_practice()
    whole_again = Practice.objects.prefetch_related(*snapshots.RELATIONS).get()
    with django_assert_num_queries(0):
        take_snapshot(whole_again)


def test_children_that_stay_equal_keep_their_rows_in_any_order():
    practice = full_practice()
    before = keys(practice)
    wanted = take_snapshot(practice) | {"lessons": [{"text": "C"}, {"text": "New"}, {"text": "A"}]}
    apply_snapshot(wanted, practice)
    after = keys(practice)
    assert list(practice.lessons.values_list("text", flat=True)) == ["C", "New", "A"]
    assert (after["A"], after["C"]) == (before["A"], before["C"])
    assert take_snapshot(practice)["lessons"] == [
        {"number": 3, "text": "C"},
        {"number": 4, "text": "New"},
        {"number": 1, "text": "A"},
    ]


def test_writing_what_is_there_saves_the_practice_alone():
    practice = full_practice()
    before = (take_snapshot(practice), keys(practice))
    apply_snapshot(before[0], practice)
    assert (take_snapshot(Practice.objects.get()), keys(practice)) == before


def test_what_a_record_does_not_name_stays():
    practice = full_practice()
    before = take_snapshot(practice)
    apply_snapshot({"title": "Another title"}, practice)
    assert take_snapshot(Practice.objects.get()) == before | {"title": "Another title"}


def test_the_search_knows_a_record_as_soon_as_it_is_written():
    practice = full_practice()
    version = content_version()
    apply_snapshot({"lessons": [{"text": "Seagulls"}]}, practice)
    assert list(find("seagulls", get_facet_index()).pks) == [practice.pk]
    assert content_version() != version


def test_a_former_address_is_added_and_never_taken_away():
    practice = make_practice(slug="second")
    practice.former_slugs.create(slug="first")
    other = make_practice(slug="other")
    other.former_slugs.create(slug="taken")
    apply_snapshot({"slug": "third", "former_slugs": ["older", "taken"]}, practice)
    assert take_snapshot(Practice.objects.get(slug="third"))["former_slugs"] == ["first", "older", "second"]
    assert take_snapshot(other)["former_slugs"] == ["taken"]


def test_a_record_that_is_wrong_names_every_field_and_changes_nothing():
    practice = full_practice()
    make_practice(slug="taken")
    before = take_snapshot(practice)
    messages = refused(
        {
            "title": "",
            "slug": "taken",
            "period": "2011/2009",
            "publication": "none",
            "themes": ["rights", "x"],
        },
        practice,
    )
    assert messages == {
        "title": ["This field cannot be blank."],
        "slug": ["Another practice has this slug. Enter a different slug."],
        "period": ["“2011/2009” ends before it begins."],
        "publication": ["“none” was not found."],
        "themes": ["“x” was not found."],
    }
    assert take_snapshot(Practice.objects.get(slug="bonds")) == before


def test_a_wrong_child_is_named_by_its_number_and_nothing_is_half_done():
    practice = full_practice()
    before = take_snapshot(practice)
    part = {"actor": "naga", "role": "partner", "group": "", "note": ""}
    messages = refused(
        {
            "title": "Not kept",
            "places": [{"country": "PH", "latitude": 91, "longitude": 0}, {"country": "ZZ"}],
            "corridors": [{"origin": "PH", "destination": "PH"}],
            "participations": [part, part],
            "lessons": [{"text": "A"}, {"text": ""}, "words", {"colour": "red"}],
        },
        practice,
    )
    assert messages == {
        "places.1.latitude": ["Ensure this value is less than or equal to 90."],
        "places.2.country": ["“ZZ” was not found."],
        "corridors.1.destination": [
            "Select two different countries. Origin and destination are both Country PH."
        ],
        "participations.2": ["This actor already has this role in the practice."],
        "lessons.2.text": ["This field cannot be blank."],
        "lessons.3": ["Each row has these fields: number, text."],
        "lessons.4": ["Each row has these fields: number, text."],
    }
    assert take_snapshot(Practice.objects.get()) == before


@pytest.mark.parametrize(
    ("wrong", "messages"),
    [
        ({"colour": "red"}, {"colour": ["A practice has no such field."]}),
        ({"title": ["a"]}, {"title": ["“['a']” is not text."]}),
        ({"title": "a\0b"}, {"title": ["“a\0b” is not text."]}),
        ({"themes": "rights"}, {"themes": ["“rights” is not a list."]}),
        ({"lessons": {"text": "a"}}, {"lessons": ["“{'text': 'a'}” is not a list."]}),
        ({"former_slugs": ["a b"]}, {"former_slugs.a b.slug": [
            "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
        ]}),
        ({"activity": "running"}, {"__all__": ["Enter the date when you checked that it is running."]}),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused(wrong, messages):
    assert refused({"title": "A", "slug": "a", "story": "A."} | wrong) == messages
    assert (Practice.objects.count(), Lesson.objects.count()) == (0, 0)


def test_a_new_practice_takes_what_its_record_leaves_out_from_the_model():
    make_country("PH")
    make_theme("rights")
    practice = apply_snapshot({"title": "A", "slug": "a", "story": "A.", "places": [{"country": "PH"}]})
    assert (practice.status, practice.kind, practice.published_at) == ("draft", "practice", None)
    assert [place.country_id for place in practice.places.all()] == ["PH"]
