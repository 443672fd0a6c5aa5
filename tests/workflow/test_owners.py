"""Owners of practices: kept after a deletion, changed by editors, and required when an account is deleted."""

import pytest
from django.core.exceptions import PermissionDenied

from practices.history import reference_versions, versions
from practices.models import ActiveEditor, AuditEntry, Practice, Revision, User
from practices.workflow import owners, transitions
from tests.admin_form import PracticePage
from tests.factories import make_editor, make_person, make_practice, make_theme

LIST = "/admin/practices/practice/"
ACCOUNTS = "/admin/practices/user/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return make_person("ana", "Contributors")


@pytest.fixture
def colleague() -> User:
    return make_person("cora", "Contributors")


@pytest.fixture
def editor(client) -> User:
    person = make_person("ed", "Editors")
    client.force_login(person)
    return person


@pytest.fixture
def administrator(client) -> User:
    person = make_person("ada", "Administrators")
    client.force_login(person)
    return person


def titles_for(client, person: User) -> list[str]:
    """Return what a user finds under “For me”."""
    client.force_login(person)
    return [row.title for row in client.get(f"{LIST}?waits=me").context["cl"].result_list]


def restored(slug: str, editor: User) -> Practice:
    return transitions.restore_practice(versions.deleted_practices().get(slug=slug), editor)


# Restoring -------------------------------------------------------------------------------------------------


def test_a_restored_practice_has_its_owner_who_finds_it_under_for_me(client, author, editor):
    practice = make_practice("Bonds", slug="bonds", status="draft", owner=author)
    transitions.delete_practices([practice], editor)
    back = restored("bonds", editor)
    assert Practice.objects.get(pk=back.pk).owner == author
    assert versions.versions_of(back.pk).first().owner == author
    assert titles_for(client, author) == ["Bonds"]
    assert client.get(f"{LIST}{back.pk}/change/").status_code == 200


def test_a_version_of_a_former_release_gives_the_practice_to_who_wrote_the_first_version(author, editor):
    practice = make_practice(slug="bonds", status="draft", owner=author)
    versions.save_version(practice, "created", author)
    transitions.delete_practices([practice], editor)
    Revision.objects.update(owner=None)
    assert restored("bonds", editor).owner == author


def test_a_first_version_that_was_only_found_names_no_owner(author, editor):
    practice = make_practice(slug="bonds", status="draft")
    versions.save_version(practice, "found", None)
    versions.save_version(practice, "changed", author)
    transitions.delete_practices([practice], editor)
    assert restored("bonds", editor).owner is None


def test_the_page_that_restores_says_who_owns_the_practice(client, author, editor):
    transitions.delete_practices([make_practice(slug="bonds", status="draft", owner=author)], editor)
    page = client.post(
        f"{LIST}version/{versions.deleted_practices().get().pk}/", follow=True
    ).content.decode()
    assert "This version was restored as a draft. Owner: ana." in page


# Handing over ----------------------------------------------------------------------------------------------


def test_an_editor_gives_a_practice_to_another_owner(client, author, colleague, editor):
    practice = make_practice("Bonds", slug="bonds", status="draft", owner=author)
    before = Practice.objects.get().updated_at
    address = f"{LIST}owner/?practice={practice.pk}"
    assert f'href="{address}">Owner: ana</a>' in client.get(f"{LIST}{practice.pk}/change/").content.decode()
    assert "owner: ana" in " ".join(client.get(address).content.decode().split())
    assert client.post(address, {"owner": colleague.pk})["Location"] == f"{LIST}{practice.pk}/change/"
    practice.refresh_from_db()
    assert (practice.owner, practice.updated_at) == (colleague, before)
    entry = AuditEntry.objects.get(action="owner changed")
    assert (entry.about, entry.comment, entry.name) == (f"Bonds ({practice.slug})", "ana → cora", "ed")
    assert entry.practices == [{"key": practice.pk, "slug": "bonds", "title": "Bonds"}]
    assert (titles_for(client, author), titles_for(client, colleague)) == ([], ["Bonds"])


def test_the_draft_of_a_change_goes_along_if_it_has_the_same_owner(author, colleague, editor):
    mine, theirs = make_practice(owner=author), make_practice(owner=author)
    own_draft = transitions.prepare_change(mine, author)
    other_draft = transitions.prepare_change(theirs, editor)
    changed = owners.set_owner([mine, theirs], colleague, editor)
    assert {row.pk for row in changed} == {mine.pk, theirs.pk, own_draft.pk}
    assert Practice.objects.get(pk=other_draft.pk).owner == editor


def test_several_practices_are_given_at_once_also_to_nobody(client, author, editor):
    first, second = make_practice(owner=author), make_practice(owner=author, status="archived")
    asked = {"action": "change_owner", "_selected_action": [first.pk, second.pk]}
    page = client.post(LIST, asked, follow=True)
    assert {row.pk for row in page.context["practices"]} == {first.pk, second.pk}
    address = page.redirect_chain[-1][0]
    assert "Select a new owner, or “Nobody”." in client.post(address, {"owner": ""}).content.decode()
    assert Practice.objects.filter(owner=author).count() == 2
    client.post(address, {"owner": "nobody"})
    assert Practice.objects.filter(owner=None).count() == 2


@pytest.mark.parametrize("wrong", ["999999", "x", "1' OR 1=1"])
def test_an_account_that_cannot_own_is_refused(client, author, editor, wrong):
    practice = make_practice(owner=author)
    assert client.post(f"{LIST}owner/?practice={practice.pk}", {"owner": wrong}).status_code == 200
    assert Practice.objects.get().owner == author


def test_an_account_that_cannot_log_in_is_not_offered(client, author, editor):
    make_person("gone", "Contributors", is_active=False)
    make_person("outside", "Contributors", is_staff=False)
    practice = make_practice(owner=author)
    form = client.get(f"{LIST}owner/?practice={practice.pk}").context["form"]
    assert [name for _key, name in form.fields["owner"].choices] == ["–", "ana", "ed", "Nobody"]


def test_a_contributor_can_neither_change_the_owner_nor_see_the_page(client, author, colleague):
    practice = make_practice(status="draft", owner=author)
    client.force_login(author)
    address = f"{LIST}owner/?practice={practice.pk}"
    assert (client.get(address).status_code, client.post(address, {"owner": colleague.pk}).status_code) == (
        403,
        403,
    )
    assert "owner/?practice" not in client.get(f"{LIST}{practice.pk}/change/").content.decode()
    asked = {"action": "change_owner", "_selected_action": [practice.pk]}
    assert "owner/" not in client.post(LIST, asked).headers.get("Location", "")
    with pytest.raises(PermissionDenied):
        owners.set_owner([practice], colleague, author)
    assert Practice.objects.get().owner == author


def test_the_form_of_a_practice_takes_no_owner(client, author, colleague):
    practice = make_practice(status="draft", owner=author)
    client.force_login(author)
    page = PracticePage(client, f"{LIST}{practice.pk}/change/")
    page.data["owner"] = str(colleague.pk)
    page.save()
    assert Practice.objects.get().owner == author


# Deleting an account ---------------------------------------------------------------------------------------


def test_the_question_names_the_practices_of_an_account_and_asks_for_a_new_owner(
    client, author, administrator
):
    live = make_practice("Bonds", owner=author)
    make_practice("A draft", owner=author, status="draft")
    make_practice("Of another")
    page = client.get(f"{ACCOUNTS}{author.pk}/delete/").content.decode()
    said = " ".join(page.split())
    assert "This account owns these practices: 1 of these practices is public." in said
    assert f'<a href="{LIST}{live.pk}/change/">Bonds</a> (Published)' in said
    assert ("A draft</a> (Draft)" in said, "Of another" in said) == (True, False)
    assert ('name="owner"' in said, ">ana</option>" in said) == (True, False)


def test_an_account_with_practices_is_not_deleted_before_an_owner_is_chosen(client, author, administrator):
    make_practice(owner=author)
    for said in ({"post": "yes"}, {"post": "yes", "owner": ""}, {"post": "yes", "owner": str(author.pk)}):
        response = client.post(f"{ACCOUNTS}{author.pk}/delete/", said)
        assert response.status_code == 200
        assert "errorlist" in response.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [author.pk], "post": "yes"}
    assert "Select a new owner" in client.post(ACCOUNTS, chosen).content.decode()
    assert User.objects.filter(pk=author.pk).exists()
    assert not AuditEntry.objects.filter(action__in=["account deleted", "owner changed"]).exists()


@pytest.mark.parametrize("page", ["one", "chosen"])
def test_the_practices_of_a_deleted_account_go_to_the_chosen_owner(
    client, author, colleague, administrator, page
):
    practice = make_practice("Bonds", slug="bonds", status="draft", owner=author)
    versions.save_version(practice, "created", author)
    transitions.delete_practices([make_practice(slug="gone", owner=author)], administrator)
    if page == "one":
        response = client.post(f"{ACCOUNTS}{author.pk}/delete/", {"post": "yes", "owner": str(colleague.pk)})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [author.pk]}
        assert "Bonds" in client.post(ACCOUNTS, chosen).content.decode()
        response = client.post(ACCOUNTS, chosen | {"post": "yes", "owner": str(colleague.pk)})
    assert response.status_code == 302
    assert not User.objects.filter(username="ana").exists()
    practice.refresh_from_db()
    assert practice.owner == colleague
    entry = AuditEntry.objects.get(action="account deleted")
    assert (entry.about, [row["title"] for row in entry.practices]) == ("ana", ["Bonds"])
    assert AuditEntry.objects.get(action="owner changed").comment == "ana → cora"
    [version] = versions.versions_of(practice.pk)
    assert (version.name, version.person) == ("ana", None)
    assert restored("gone", administrator).owner == colleague
    assert "Bonds" in titles_for(client, colleague)


def test_an_account_without_practices_is_deleted_without_a_further_question(client, author, administrator):
    assert 'name="owner"' not in client.get(f"{ACCOUNTS}{author.pk}/delete/").content.decode()
    client.post(f"{ACCOUNTS}{author.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=author.pk).exists()


# The question before a practice is deleted -----------------------------------------------------------------


def test_the_question_before_a_practice_is_deleted_says_that_it_can_be_restored(client, author, editor):
    practice = make_practice("Bonds", themes=("savings",), lessons=("A lesson.",), actors=("atikha",))
    transitions.prepare_change(practice, editor)
    ActiveEditor.objects.create(practice=practice, user=author, seen_at="2026-01-01T00:00Z")
    said = client.get(f"{LIST}{practice.pk}/delete/").content.decode()
    for sentence in (
        "It is removed from the public site immediately.",
        "Editors can restore it under “Deleted practices”, with its history.",
        "Its pending change is also deleted.",
    ):
        assert sentence in said
    for absent in ("resence", "ana:", "relationship", "A lesson."):
        assert absent not in said


def test_the_question_before_a_prepared_change_is_deleted_says_that_the_practice_stays(client, editor):
    draft = transitions.prepare_change(make_practice("Bonds"), editor)
    said = client.get(f"{LIST}{draft.pk}/delete/").content.decode()
    assert "Only this pending change is deleted. The public practice does not change." in said
    assert "It is removed from the public site" not in said


@pytest.mark.parametrize("page", ["one", "chosen"])
def test_the_reason_of_a_deletion_stands_in_the_history_and_the_log(client, editor, page):
    practice = make_practice("Bonds")
    if page == "one":
        client.post(f"{LIST}{practice.pk}/delete/", {"post": "yes", "reason": "Told twice."})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [practice.pk]}
        assert "It is removed from the public site immediately." in client.post(LIST, chosen).content.decode()
        client.post(LIST, chosen | {"post": "yes", "reason": "Told twice."})
    assert versions.deleted_practices().get().comment == "Told twice."
    assert AuditEntry.objects.get(action="deleted").comment == "Told twice."


# The log ---------------------------------------------------------------------------------------------------


def test_a_line_of_the_log_links_to_its_practices(client, administrator):
    theme = make_theme("savings")
    here, gone = (make_practice(title, themes=("savings",)) for title in ("Here", "Gone"))
    reference_versions.delete_rows([theme], administrator)
    transitions.delete_practices([gone], administrator)
    page = client.get("/admin/practices/auditentry/?q=Savings").content.decode()
    for practice, to in ((here, f"{LIST}{here.pk}/change/"), (gone, "/version/")):
        address = f"{LIST}found/{practice.pk}/?slug={practice.slug}"
        assert f'<a href="{address}">{practice.title}</a>' in page
        assert to in client.get(address)["Location"]
    entry = AuditEntry.objects.get(action="theme deleted")
    detail = client.get(f"/admin/practices/auditentry/{entry.pk}/change/").content.decode()
    assert f'{LIST}found/{here.pk}/?slug={here.slug}">Here</a>' in detail


def test_a_link_of_the_log_finds_a_restored_practice_under_its_new_key(client, editor):
    practice = make_practice(slug="bonds")
    transitions.delete_practices([practice], editor)
    back = restored("bonds", editor)
    location = client.get(f"{LIST}found/{practice.pk}/?slug=bonds")["Location"]
    assert location == f"{LIST}{back.pk}/change/"
    assert client.get(f"{LIST}found/{practice.pk}/?slug=none").status_code == 404


def test_a_contributor_finds_no_practice_of_others_by_the_links_of_the_log(client, author):
    other = make_practice(slug="other")
    transitions.delete_practices([gone := make_practice(slug="gone")], make_editor("boss"))
    client.force_login(author)
    for key, slug in ((other.pk, "other"), (gone.pk, "gone")):
        assert client.get(f"{LIST}found/{key}/?slug={slug}").status_code == 404
