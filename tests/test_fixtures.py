"""The content of a new portal: complete, valid, true to its source, unchanged when loaded twice."""

import re
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management import call_command

from practices.models import (
    Actor,
    ChangeLogEntry,
    ContentVersion,
    Country,
    IndexedLesson,
    IndexedPractice,
    Objective,
    Participation,
    Practice,
    Publication,
    Region,
    Theme,
    User,
    VocabularyWord,
)
from practices.values.text import to_html
from tests import fidelity
from tests.fidelity import CASES


def name(path: Path) -> str:
    return path.stem


def everything() -> str:
    """Return all rows of the app, except accounts and the search index, as YAML with natural keys."""
    left_out = {User, ContentVersion, ChangeLogEntry, IndexedLesson, IndexedPractice, VocabularyWord}
    models = [model for model in apps.get_app_config("practices").get_models() if model not in left_out]
    rows = [row for model in models for row in model.objects.order_by("pk")]
    return serializers.serialize("yaml", rows, use_natural_foreign_keys=True, use_natural_primary_keys=True)


def test_there_are_seventeen_cases():
    assert [path.name[:2] for path in CASES] == [f"{number:02}" for number in range(1, 18)]


def test_loading_twice_changes_nothing(jmdi, fixture_files):
    before = everything()
    call_command("loaddata", *fixture_files, verbosity=0)
    assert everything() == before


def test_every_row_is_valid(jmdi):
    for model in set(apps.get_app_config("practices").get_models()) - {ContentVersion}:
        for row in model.objects.all():
            row.full_clean()


def test_every_text_of_a_case_renders_without_leftover_markup(jmdi):
    left = []
    for practice in Practice.objects.prefetch_related("lessons", "sources"):
        lessons = [row.text for row in practice.lessons.all()]
        sources = [row.text for row in practice.sources.all()]
        for text in (practice.story, practice.editors_note, *lessons, *sources):
            shown = re.sub(r"<[^>]+>", "", to_html(text))
            left += re.findall(r"\*\*?\w|\[\^|\]\(|^#", shown)
    assert left == []


def test_every_footnote_that_is_called_is_there_and_the_other_way_round(jmdi):
    for practice in Practice.objects.prefetch_related("lessons"):
        for text in (practice.story, *(row.text for row in practice.lessons.all())):
            called = set(re.findall(r"\[\^(\w+)\](?!:)", text))
            assert called == set(re.findall(r"^\[\^(\w+)\]:", text, re.MULTILINE)), practice.slug


@pytest.mark.parametrize(
    ("code", "count"), [("PH", 6), ("EC", 4), ("SN", 2), ("SV", 2), ("MA", 2), ("CR", 1)]
)
def test_cases_by_country(jmdi, code, count):
    assert Practice.objects.published().filter(places__country=code).distinct().count() == count


def test_every_case_has_what_a_case_needs(jmdi):
    lacking = [
        (practice.slug, what)
        for practice in Practice.objects.all()
        for what, there in {
            "summary": 10 <= len(practice.summary.split()) <= 60,
            "two themes": practice.themes.count() >= 2,
            "an objective": practice.objectives.exists(),
            "a place with coordinates": not practice.places.filter(latitude=None).exists()
            and practice.places.exists(),
            "an actor": practice.participations.exists(),
            "types of all its actors": not practice.participations.filter(actor__type=None).exists(),
            "the publication": practice.publication is not None,
        }.items()
        if not there
    ]
    assert lacking == []


def test_every_case_but_the_one_that_has_none_in_the_booklet_has_lessons(jmdi):
    without = Practice.objects.filter(lessons=None).values_list("slug", flat=True)
    assert list(without) == ["story-of-hugo-salinas"]


def test_the_batangas_centre_has_fourteen_bodies_in_three_groups(jmdi):
    parts = Participation.objects.filter(practice__slug="migrants-resource-centre-batangas")
    groups = list(parts.values_list("group", flat=True))
    assert [(group, groups.count(group)) for group in dict.fromkeys(groups)] == [
        ("Provincial Local Government of Batangas", 5),
        ("National Government", 6),
        ("Civil society organisations and private sector", 3),
    ]


def test_three_actors_of_souss_massa_are_set_apart_from_eight(jmdi):
    parts = Participation.objects.filter(practice__slug="migration-territories-and-development-morocco")
    apart = parts.exclude(group="")
    assert [part.actor.acronym for part in apart] == ["ANAPEC", "CNSS", "MDCD"]
    assert parts.count() == 11


def test_the_publication_names_its_funders_and_implementers(jmdi):
    publication = Publication.objects.get()
    assert {actor.acronym for actor in publication.funders.all()} == {"EU", "SDC"}
    assert {actor.acronym for actor in publication.implementers.all()} == {"UNDP", "IOM"}


def test_the_reference_data_are_complete(jmdi):
    assert Country.objects.count() == 249
    assert not Country.objects.filter(region=None).exists()
    assert Objective.objects.filter(framework="gcm").count() == 23
    assert Theme.objects.filter(scheme="jmdi", parent=None).count() == 4
    assert Theme.objects.filter(scheme="jmdi").exclude(parent=None).count() == 11
    assert Theme.objects.filter(scheme="toolbox").count() == 5
    top = Region.objects.filter(parent=None).values_list("code", flat=True)
    assert set(top) == {"002", "009", "010", "019", "142", "150"}


def test_no_two_actors_are_the_same_body(jmdi):
    names = [fidelity.fold(str(actor)) for actor in Actor.objects.all()]
    assert sorted(names) == sorted(set(names))


def test_every_fixture_names_its_source_in_its_first_line():
    for path in (settings.BASE_DIR / "fixtures").glob("*/*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# "), path.name


@pytest.mark.parametrize("path", CASES, ids=name)
def test_a_case_file_reads_well_in_a_diff(path):
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    longest = max(len(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert longest <= 300
    assert [row["model"] for row in rows].count("practices.practice") == 1


@pytest.mark.parametrize("path", CASES, ids=name)
def test_a_case_keeps_every_figure_and_name_of_the_booklet_at_full_length(path):
    record, facts = fidelity.record_of(path), fidelity.committed_facts()[path.stem]
    assert fidelity.lost(facts, record.everything) == []
    assert 0.9 <= record.words / facts.words <= 1.2


@fidelity.needs_booklet
@pytest.mark.parametrize("path", CASES, ids=name)
def test_a_case_is_told_in_words_of_our_own(path):
    record = fidelity.record_of(path)
    assert fidelity.copied(fidelity.printed_of(record), record.prose) == []


@fidelity.needs_booklet
def test_the_committed_facts_are_those_of_the_booklet():
    assert fidelity.committed_facts() == fidelity.printed_facts()


def test_the_check_against_the_booklet_sees_what_is_lost_and_what_is_copied():
    printed = "In 2012 the council of Naga began, with 1,250 people, a slow and careful count of every house."
    facts = fidelity.facts_of(f"Title\nStory\n{printed}")
    assert facts == fidelity.Facts(["1,250", "2012"], ["Naga"], 18)
    assert fidelity.lost(facts, "The council of Naga began in 2012.") == ["1,250"]
    assert fidelity.lost(facts, "A council began in 2012 with 1,250 people.") == ["Naga"]
    assert fidelity.copied(printed, "They made a slow and careful count of every house.") == [
        "a slow and careful count of every house"
    ]
