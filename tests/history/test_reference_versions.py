"""Themes, actors and publications: changes and deletions name the practices and can be undone."""

import pytest
from django.urls import reverse

from practices.history import reference_versions
from practices.history.snapshots import take_snapshot
from practices.models import (
    Actor,
    AuditEntry,
    Practice,
    Publication,
    ReferenceVersion,
    Revision,
    Synonym,
    Theme,
)
from practices.workflow import transitions
from tests.admin_form import form_of
from tests.factories import (
    make_actor,
    make_editor,
    make_person,
    make_practice,
    make_publication,
    make_theme,
)


@pytest.fixture
def editor(db, client):
    person = make_person("editor", "Editors")
    client.force_login(person)
    return person


def page(client, row, what: str) -> str:
    return reverse(f"admin:practices_{row._meta.model_name}_{what}", args=[row.pk])


def save(client, row, **values):
    address = page(client, row, "change")
    data = form_of(client.get(address), f"{row._meta.model_name}_form")
    response = client.post(address, data | values)
    assert response.status_code == 302, response.content.decode()
    return response


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def of(practice: Practice) -> list[tuple[str, str, list[str]]]:
    """Return the versions of a practice, the oldest first: action, comment and themes."""
    rows = Revision.objects.filter(key=practice.pk).order_by("pk")
    return [(row.action, row.comment, row.snapshot["themes"]) for row in rows]


def entry_of(*practices: Practice) -> list[dict]:
    return [{"key": row.pk, "slug": row.slug, "title": row.title} for row in practices]


# Deleting a theme ------------------------------------------------------------------------------------------


@pytest.fixture
def savings(db):
    theme = make_theme("savings", definition="Putting money by.")
    make_practice("Bonds", slug="bonds", themes=("savings", "other"))
    make_practice("A draft", slug="draft", status="draft", themes=("savings",))
    make_practice("Untouched", slug="untouched", themes=("other",))
    return theme


def practice(slug: str) -> Practice:
    return Practice.objects.get(slug=slug)


def test_the_question_names_the_practices_that_lose_a_theme(client, editor, savings):
    said = client.get(page(client, savings, "delete")).content.decode()
    assert "It will be removed from these practices immediately: 1 of these practices is public." in " ".join(
        said.split()
    )
    for row, status in ((practice("bonds"), "Published"), (practice("draft"), "Draft")):
        assert f'<a href="{page(client, row, "change")}">{row.title}</a> ({status})' in said
    assert "You can restore it later" in said
    for absent in ("Untouched", "Practice_themes object", "relationship"):
        assert absent not in said


def test_of_many_practices_twenty_are_named_and_the_others_counted(client, editor):
    theme = make_theme("savings")
    for number in range(23):
        make_practice(f"Case {number:02}", themes=("savings",))
    said = client.get(page(client, theme, "delete")).content.decode()
    assert "23 of these practices are public." in said
    assert ("Case 19" in said, "Case 20" in said, "and 3 more" in said) == (True, False, True)


def test_deleting_a_theme_keeps_versions_before_and_after_and_names_the_practices(client, editor, savings):
    response = client.post(page(client, savings, "delete"), {"post": "yes"})
    assert response.status_code == 302
    said = "The theme “Savings” was deleted."
    assert of(practice("bonds")) == [("found", "", ["other", "savings"]), ("changed", said, ["other"])]
    assert of(practice("draft")) == [("found", "", ["savings"]), ("changed", said, [])]
    assert of(practice("untouched")) == []
    entry = AuditEntry.objects.get(action="theme deleted")
    assert (entry.about, entry.comment, entry.name) == ("Savings", said, "editor")
    assert entry.practices == entry_of(practice("bonds"), practice("draft"))
    assert {row.name for row in Revision.objects.filter(action="changed")} == {"editor"}


def test_a_version_that_holds_the_state_before_is_not_kept_twice(client, editor, savings):
    live = practice("bonds")
    draft = transitions.prepare_change(live, editor)
    client.post(page(client, savings, "delete"), {"post": "yes"})
    assert [action for action, _comment, _themes in of(live)] == ["found", "changed"]
    assert [action for action, _comment, _themes in of(draft)] == ["prepared", "changed"]
    assert Revision.objects.filter(key=draft.pk).first().slug == "bonds"


def test_a_deleted_theme_is_restored_with_its_practices(client, editor, savings):
    before = {row.slug: take_snapshot(row) for row in Practice.objects.all()}
    line = reference_versions.row_snapshot(savings)
    client.post(page(client, savings, "delete"), {"post": "yes"})
    listed = client.get(reverse("admin:practices_theme_deleted")).content.decode()
    version = reference_versions.deleted_rows(Theme).get()
    address = reverse("admin:practices_theme_version", args=[version.pk])
    assert f'<a href="{address}">Savings</a>' in listed
    assert "Bonds</a> (Published)" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    restored = Theme.objects.get(slug="savings")
    assert (restored.pk, reference_versions.row_snapshot(restored)) == (savings.pk, line)
    assert {row.slug: take_snapshot(row) for row in Practice.objects.all()} == before
    assert of(practice("bonds"))[-1] == ("changed", "The theme “Savings” was restored.", ["other", "savings"])
    assert last_entry().action == "theme restored"
    assert last_entry().practices == entry_of(practice("bonds"), practice("draft"))
    assert not reference_versions.deleted_rows(Theme).exists()


def test_a_practice_that_was_deleted_and_restored_since_gets_its_theme_back(client, editor, savings):
    reference_versions.delete_rows([savings], editor)
    transitions.delete_practices([practice("bonds")], editor)
    transitions.restore_practice(Revision.objects.get(action="deleted"), editor)
    reference_versions.restore_row(reference_versions.deleted_rows(Theme).get(), editor)
    assert take_snapshot(practice("bonds"))["themes"] == ["other", "savings"]


def test_a_theme_whose_name_was_given_again_is_not_restored_and_the_page_says_why(client, editor, savings):
    reference_versions.delete_rows([savings], editor)
    make_theme("savings-2", name="Savings")
    address = reverse("admin:practices_theme_version", args=[reference_versions.deleted_rows(Theme).get().pk])
    assert "Theme with this Name already exists." in client.post(address).content.decode()
    assert not Theme.objects.filter(slug="savings").exists()


def test_chosen_themes_are_deleted_with_the_same_care(client, editor, savings):
    other = Theme.objects.get(slug="other")
    asked = {"action": "delete_selected", "_selected_action": [savings.pk, other.pk]}
    said = client.post(reverse("admin:practices_theme_changelist"), asked).content.decode()
    assert ("Untouched" in said, "Practice_themes" in said) == (True, False)
    client.post(reverse("admin:practices_theme_changelist"), asked | {"post": "yes"})
    assert set(Theme.objects.all()) == set()
    noted = AuditEntry.objects.filter(action="theme deleted").values_list("about", flat=True)
    assert set(noted) == {"Savings", "Other"}
    assert of(practice("untouched"))[-1] == ("changed", "The theme “Other” was deleted.", [])
    for version in list(reference_versions.deleted_rows(Theme)):
        reference_versions.restore_row(version, editor)
    assert take_snapshot(practice("bonds"))["themes"] == ["other", "savings"]


def test_a_theme_with_parts_is_refused_and_the_parts_are_named(client, editor, savings):
    make_theme("bonds-theme", parent=savings)
    said = client.get(page(client, savings, "delete")).content.decode()
    assert "It cannot be deleted, because it is used by:" in said
    assert "Bonds theme</a> (theme)" in said
    client.post(page(client, savings, "delete"), {"post": "yes"})
    assert Theme.objects.filter(pk=savings.pk).exists()
    assert not AuditEntry.objects.filter(action="theme deleted").exists()


# Actors and publications -----------------------------------------------------------------------------------


def test_an_actor_in_use_is_refused_and_the_practices_are_named_by_title(client, editor):
    bonds = make_practice("Bonds", actors=("atikha",))
    actor = Actor.objects.get()
    make_actor("part", parent=actor)
    publication = make_publication(publisher=actor)
    said = client.get(page(client, actor, "delete")).content.decode()
    assert f'<a href="{page(client, bonds, "change")}">Bonds</a> (Published)' in said
    assert f'<a href="{page(client, publication, "change")}">A booklet</a> (publication)' in said
    assert "Part</a> (actor)" in said
    assert "Participation" not in said
    chosen = {"action": "delete_selected", "_selected_action": [actor.pk], "post": "yes"}
    assert "Bonds" in client.post(reverse("admin:practices_actor_changelist"), chosen).content.decode()
    assert Actor.objects.filter(pk=actor.pk).exists()


def test_an_actor_that_funds_a_publication_is_deleted_and_restored_with_it(client, editor):
    publication = make_publication()
    funder, runner = make_actor("eu", name="European Union", acronym="EU"), make_actor("runner")
    publication.funders.add(funder, runner)
    publication.implementers.add(funder)
    live = make_practice("Bonds", publication=publication)
    make_practice("Untouched")
    said = client.get(page(client, funder, "delete")).content.decode()
    assert ("Bonds</a> (Published)" in said, "Untouched" in said) == (True, False)
    client.post(page(client, funder, "delete"), {"post": "yes"})
    entry = AuditEntry.objects.get(action="actor deleted")
    assert (entry.about, entry.practices) == ("European Union (EU)", entry_of(live))
    assert of(live)[-1][1] == "The actor “European Union (EU)” was deleted."
    reference_versions.restore_row(reference_versions.deleted_rows(Actor).get(), editor)
    funder = Actor.objects.get(slug="eu")
    assert (set(publication.funders.all()), set(publication.implementers.all())) == (
        {funder, runner},
        {funder},
    )


def test_a_publication_is_refused_while_practices_name_it_and_restored_when_it_was_deleted(client, editor):
    publication = make_publication()
    publication.funders.add(make_actor("eu"))
    live = make_practice("Bonds", publication=publication)
    assert "Bonds</a> (Published)" in client.get(page(client, publication, "delete")).content.decode()
    client.post(page(client, publication, "delete"), {"post": "yes"})
    assert Publication.objects.exists()
    Practice.objects.filter(pk=live.pk).update(publication=None)
    client.post(page(client, publication, "delete"), {"post": "yes"})
    assert AuditEntry.objects.get(action="publication deleted").about == "A booklet"
    reference_versions.restore_row(reference_versions.deleted_rows(Publication).get(), editor)
    assert [actor.slug for actor in Publication.objects.get().funders.all()] == ["eu"]


# Renaming --------------------------------------------------------------------------------------------------


def test_the_form_names_the_practices_that_a_change_shows_in(client, editor, savings):
    said = " ".join(client.get(page(client, savings, "change")).content.decode().split())
    assert "1 of these practices is public." in said
    assert ("Bonds</a> (Published)" in said, "Untouched" in said) == (True, False)


def test_renaming_an_actor_keeps_versions_and_names_the_practices_and_can_be_undone(client, editor):
    live = make_practice("Bonds", actors=("atikha",))
    draft = make_practice("A draft", status="draft", actors=("atikha",))
    actor = Actor.objects.get()
    save(client, actor, name="Atikha Overseas", acronym="AO")
    said = "The actor “Atikha” was renamed to “Atikha Overseas (AO)”."
    assert [(action, comment) for action, comment, _themes in of(live)] == [("found", ""), ("changed", said)]
    assert of(draft) == []  # its content is the same, and nobody outside sees it
    entry = AuditEntry.objects.get(action="actor changed")
    assert (entry.about, entry.comment, entry.practices) == ("Atikha Overseas (AO)", said, entry_of(live))
    history = client.get(page(client, actor, "history")).content.decode()
    assert "<dt>Name</dt><dd><del>Atikha</del> <ins>Atikha Overseas</ins></dd>" in history
    first = ReferenceVersion.objects.earliest("pk")
    client.post(reverse("admin:practices_actor_version", args=[first.pk]))
    actor.refresh_from_db()
    assert (actor.name, actor.acronym) == ("Atikha", "")
    assert last_entry().action == "actor restored"
    assert last_entry().practices == entry_of(live)
    assert of(live)[-1][1] == "The actor “Atikha Overseas (AO)” was renamed to “Atikha”."


def test_the_log_says_when_the_slug_or_the_parent_of_a_row_changed_too(client, editor, savings):
    above = make_theme("money")
    save(client, savings, name="Saving", slug="saving", parent=str(above.pk))
    said = (
        "The theme “Savings” was renamed to “Saving”. The slug changed from “savings” to “saving”. "
        "The parent changed from “none” to “money”."
    )
    assert AuditEntry.objects.get(action="theme changed").comment == said
    save(client, Theme.objects.get(slug="saving"), slug="savings")
    entry = AuditEntry.objects.filter(action="theme changed").latest("pk")
    assert entry.comment == "The theme “Saving” was changed. The slug changed from “saving” to “savings”."


def test_a_theme_of_another_slug_is_found_by_versions_of_practices_from_before(client, editor, savings):
    first = practice("draft")
    transitions.delete_practices([first], editor)
    save(client, savings, slug="saving-money")
    assert of(practice("bonds"))[-1][2] == ["other", "saving-money"]
    restored = transitions.restore_practice(Revision.objects.get(action="deleted"), editor)
    assert take_snapshot(restored)["themes"] == ["saving-money"]


def test_a_changed_publisher_changes_the_practices_of_its_publications(client, editor):
    live = make_practice("Bonds", publication=make_publication())
    save(client, Actor.objects.get(slug="publisher"), name="Printers")
    assert AuditEntry.objects.get(action="actor changed").practices == entry_of(live)


def test_a_form_saved_without_a_change_keeps_nothing(client, editor, savings):
    save(client, savings)
    assert not ReferenceVersion.objects.exists()
    assert not AuditEntry.objects.filter(action="theme changed").exists()
    assert of(practice("bonds")) == []


def test_a_change_that_no_practice_shows_is_noted_without_practices(client, editor, savings):
    save(client, savings, definition="Otherwise.")
    entry = AuditEntry.objects.get(action="theme changed")
    assert (entry.comment, entry.practices) == ("The theme “Savings” was changed.", [])
    assert of(practice("bonds")) == []


def test_synonyms_are_noted_and_restored(client, editor):
    words = Synonym.objects.create(words="boats, ships")
    save(client, words, words="boats, vessels")
    assert AuditEntry.objects.get(action="synonym changed").about == "boats, vessels"
    client.post(page(client, words, "delete"), {"post": "yes"})
    assert AuditEntry.objects.get(action="synonym deleted").about == "boats, vessels"
    reference_versions.restore_row(reference_versions.deleted_rows(Synonym).get(), editor)
    assert Synonym.objects.get(pk=words.pk).words == "boats, vessels"


# Rights and costs ------------------------------------------------------------------------------------------


def test_a_contributor_neither_sees_deleted_actors_nor_restores_a_version(client, db):
    editor = make_editor("boss")
    actor = make_actor("atikha")
    change = reference_versions.RowChange(actor)
    Actor.objects.filter(pk=actor.pk).update(name="Renamed")
    change.save_versions(editor)
    gone = make_actor("gone")
    reference_versions.delete_rows([gone], editor)
    client.force_login(make_person("writer", "Contributors"))
    assert client.get(page(client, actor, "history")).status_code == 200
    assert client.get(reverse("admin:practices_actor_deleted")).status_code == 403
    for version in ReferenceVersion.objects.all():
        address = reverse("admin:practices_actor_version", args=[version.pk])
        assert (client.get(address).status_code, client.post(address).status_code) == (403, 403)
    assert list(Actor.objects.values_list("name", flat=True)) == ["Renamed"]


def test_a_version_of_another_table_is_not_found(client, editor, savings):
    reference_versions.delete_rows([savings], editor)
    address = reverse("admin:practices_actor_version", args=[ReferenceVersion.objects.get().pk])
    assert client.post(address).status_code == 404


def test_many_practices_cost_few_queries_each(editor, django_assert_max_num_queries):
    actor = make_actor("atikha")
    for _number in range(30):
        make_practice(actors=("atikha",))
    change = reference_versions.RowChange(actor)
    Actor.objects.filter(pk=actor.pk).update(name="Renamed")
    with django_assert_max_num_queries(40):
        changed = change.save_versions(editor)
    assert len(changed) == 30
