"""The workflow from draft to publication: who may take which step, when, and what the public sees."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.utils import timezone

from practices.history import versions
from practices.history.snapshots import take_snapshot
from practices.index.facet_index import get_facet_index
from practices.models import Actor, AuditEntry, ContentVersion, Practice, Revision, User
from practices.search.retrieval import find
from practices.workflow import transitions
from practices.workflow.transitions import STEPS, publish_scheduled, take_step
from tests.admin_form import PracticePage
from tests.factories import make_editor, make_person, make_practice

pytestmark = pytest.mark.django_db

CHANGE = "/admin/practices/practice/{}/change/"


@pytest.fixture
def author(db) -> User:
    return make_person("ana", "Contributors")


@pytest.fixture
def editor(db) -> User:
    return make_person("ed", "Editors")


def of(practice: Practice) -> Practice:
    return Practice.objects.get(pk=practice.pk)


def public() -> list[str]:
    return sorted(card for card in Practice.objects.published().values_list("slug", flat=True))


STATES = ["draft", "in_review", "published", "archived"]
OPEN = {
    ("author", "draft"): {"submit"},
    ("editor", "draft"): {"submit", "publish"},
    ("editor", "in_review"): {"send-back", "publish"},
    ("editor", "published"): {"archive", "reopen"},
    ("editor", "archived"): {"reopen"},
}
ENDS = {
    "submit": ("in_review", "submitted"),
    "send-back": ("draft", "sent_back"),
    "publish": ("published", "published"),
    "archive": ("archived", "archived"),
    "reopen": ("draft", "reopened"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", ["author", "stranger", "editor"])
def test_each_step_is_open_to_whom_it_is_meant_for_and_refused_to_all_others(who, state, author, editor):
    people = {"author": author, "editor": editor, "stranger": make_person("other", "Contributors")}
    for name in STEPS:
        practice = make_practice(status=state, owner=author)
        allowed = OPEN.get((who, state), set())
        if name in allowed:
            done = take_step(name, practice, people[who], "Because.")
            assert (done.status, of(practice).status) == (ENDS[name][0], ENDS[name][0])
            kept = versions.versions_of(practice.pk).first()
            assert (kept.action, kept.comment, kept.person, kept.name) == (
                ENDS[name][1],
                "Because.",
                people[who],
                people[who].username,
            )
            assert kept.at - timezone.now() < timedelta(seconds=9)
            assert AuditEntry.objects.filter(action=ENDS[name][1], person=people[who]).exists()
        else:
            with pytest.raises((PermissionDenied, ValidationError)):
                take_step(name, practice, people[who], "Because.")
            assert (of(practice).status, Revision.objects.filter(key=practice.pk).count()) == (state, 0)
        assert set(transitions.open_steps(people[who], make_practice(status=state, owner=author))) == allowed
        Revision.objects.all().delete()


def test_a_step_another_took_first_is_refused_with_the_state_it_found(author, editor):
    stale = make_practice("Bonds", status="in_review", owner=author)
    take_step("publish", of(stale), editor)
    with pytest.raises(ValidationError, match=r"“Bonds” now has the status “Published”"):
        take_step("publish", stale, editor)


def test_sending_back_needs_words(author, editor):
    practice = make_practice(status="in_review", owner=author)
    with pytest.raises(ValidationError, match="Explain why"):
        take_step("send-back", practice, editor, "  ")
    assert of(practice).status == "in_review"


# A day of publication ----------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch):
    """Move the clock of the portal: clock(hours=25)."""
    began = timezone.now()

    def move(**by: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: began + timedelta(**by))

    return move


def test_what_is_scheduled_becomes_public_with_the_first_page_after_its_moment_and_never_before(
    client, clock, editor
):
    practice = make_practice("Seagulls", slug="gulls", status="draft")
    at = timezone.now() + timedelta(days=1)
    done = take_step("publish", practice, editor, "For the day of the sea.", at)
    assert (done.status, done.publish_at, done.published_at) == ("in_review", at, None)
    for hours in (0, 23.99):
        clock(hours=hours)
        assert "Seagulls" not in client.get("/practices/").content.decode()
        assert publish_scheduled() == []
    clock(hours=24.01)
    assert "Seagulls" in client.get("/practices/").content.decode()
    assert client.get("/practices/gulls/").status_code == 200
    assert list(find("seagulls", get_facet_index()).pks) == [practice.pk]
    kept = versions.versions_of(practice.pk).first()
    assert (kept.action, kept.person) == ("published", editor)
    assert kept.comment.endswith("For the day of the sea.")
    assert (of(practice).publish_at, ContentVersion.objects.get().next_due) == (None, None)


def test_a_list_asks_no_more_queries_for_what_is_scheduled(clock, editor, django_assert_num_queries):
    take_step("publish", make_practice(status="draft"), editor, "", timezone.now() + timedelta(days=1))
    get_facet_index()
    with django_assert_num_queries(1):
        get_facet_index()


def test_a_timer_publishes_what_is_due_in_the_order_of_the_moments(clock, editor, capsys):
    for slug, days in (("late", 3), ("second", 2), ("first", 1)):
        take_step(
            "publish",
            make_practice(slug.title(), slug=slug, status="draft"),
            editor,
            "",
            timezone.now() + timedelta(days=days),
        )
    clock(days=2, hours=1)
    call_command("publish_scheduled")
    assert capsys.readouterr().out == "First (first) was published.\nSecond (second) was published.\n"
    assert public() == ["first", "second"]
    assert ContentVersion.objects.get().next_due == Practice.objects.get(slug="late").publish_at


def test_what_is_sent_back_is_no_longer_scheduled(clock, author, editor):
    practice = make_practice(status="in_review", owner=author)
    take_step("publish", practice, editor, "", timezone.now() + timedelta(days=1))
    take_step("send-back", practice, editor, "A figure is wrong.")
    clock(days=2)
    assert publish_scheduled() == []
    assert (of(practice).status, ContentVersion.objects.get().next_due) == ("draft", None)


def test_what_cannot_be_published_stays_in_review_and_stops_nothing_else(clock, editor):
    at = timezone.now() + timedelta(days=1)
    broken = take_step("publish", make_practice(status="draft"), editor, "", at)
    take_step("publish", make_practice(slug="sound", status="draft"), editor, "", at)
    Practice.objects.filter(pk=broken.pk).update(summary="word " * 61)
    clock(days=2)
    assert [row.slug for row in publish_scheduled()] == ["sound"]
    assert (of(broken).status, of(broken).publish_at) == ("in_review", None)
    assert AuditEntry.objects.get(action="not published").comment == (
        "The summary has 61 words. The maximum is 60."
    )


# A change of what is public ----------------------------------------------------------------------------


def full_practice(**fields) -> Practice:
    return make_practice(
        "Bonds", slug="bonds", countries=("PH",), actors=("naga",), themes=("savings",), lessons=("A", "B"),
        sources=("A report",), corridors=("PH-IT",), objectives=("gcm-20",), **fields,
    )  # fmt: skip


def test_a_prepared_change_is_a_copy_that_nobody_outside_sees(client, editor):
    live = full_practice()
    draft = transitions.prepare_change(live, editor)
    own = {"slug": f"bonds-change-{live.pk}", "status": "draft", "published_at": None, "public_lessons": []}
    assert {n: v for n, v in take_snapshot(draft).items() if n != "created_at"} == {
        n: v for n, v in (take_snapshot(live) | own).items() if n != "created_at"
    }
    assert (draft.replaces, draft.owner) == (live, editor)
    draft.title = "Seagulls"
    draft.save()
    draft.lessons.create(order=3, text="Seagulls")
    for page in ("/", "/practices/", "/practices/bonds/", "/practices/?q=seagulls", "/api/v1/practices/"):
        answer = client.get(page).content.decode().replace("q=seagulls", "").replace('value="seagulls"', "")
        assert "Seagulls" not in answer, page
    assert client.get(f"/practices/{draft.slug}/").status_code == 404


def test_published_it_takes_the_place_of_the_practice_children_included_and_keeps_address_and_dates(editor):
    live = full_practice()
    live.former_slugs.create(slug="older")
    before = take_snapshot(live)
    kept = dict(live.lessons.values_list("text", "pk"))
    draft = transitions.prepare_change(live, editor)
    draft.title = "Seagulls"
    draft.save()
    draft.lessons.filter(text="B").delete()
    draft.lessons.create(order=2, text="C")
    draft.themes.clear()
    done = take_step("publish", draft, editor, "New figures.")
    lessons = [{"number": 1, "text": "A"}, {"number": 3, "text": "C"}]
    numbers = {"last_lesson_number": 3, "public_lessons": [1, 2, 3]}
    changed = {"title": "Seagulls", "lessons": lessons, "themes": [], **numbers}
    assert (done.pk, take_snapshot(of(live))) == (live.pk, before | changed)
    assert live.lessons.get(text="A").pk == kept["A"]
    assert list(Practice.objects.values_list("pk", flat=True)) == [live.pk]
    assert list(find("seagulls", get_facet_index()).pks) == [live.pk]
    assert [row.action for row in versions.versions_of(live.pk)] == ["published", "prepared", "found"]


def test_a_change_can_be_published_on_a_day_to_come(clock, client, editor):
    draft = transitions.prepare_change(full_practice(), editor)
    draft.title = "Seagulls"
    draft.save()
    take_step("publish", draft, editor, "", timezone.now() + timedelta(days=1))
    assert "Seagulls" not in client.get("/practices/bonds/").content.decode()
    clock(days=1, minutes=1)
    client.get("/practices/")
    assert '<h1 lang="en" dir="ltr">Seagulls</h1>' in client.get("/practices/bonds/").content.decode()


def test_there_is_one_draft_beside_a_practice(editor):
    live = full_practice()
    assert transitions.prepare_change(live, editor) == transitions.prepare_change(live, editor)
    assert Practice.objects.count() == 2


def test_only_what_is_public_has_a_draft_beside_it(author, editor):
    with pytest.raises(ValidationError, match="You can only change a published practice"):
        transitions.prepare_change(make_practice(status="archived"), editor)
    with pytest.raises(PermissionDenied):
        transitions.prepare_change(make_practice(), author)


# Deleting and restoring --------------------------------------------------------------------------------


def test_a_deleted_practice_comes_back_as_a_draft_with_address_children_dates_and_history(editor):
    practice = full_practice()
    before = take_snapshot(practice)
    key = practice.pk
    transitions.delete_practices([practice], editor)
    assert Practice.objects.count() == 0
    [gone] = versions.deleted_practices()
    assert (gone.key, gone.slug, gone.person) == (key, "bonds", editor)
    back = transitions.restore_practice(gone, editor, "By mistake.")
    assert take_snapshot(back) == before | {"status": "draft"}
    assert [row.action for row in versions.versions_of(back.pk)] == ["restored", "deleted", "found"]
    assert list(versions.deleted_practices()) == []
    with pytest.raises(ValidationError):
        versions.restore_deleted(gone)


def test_its_address_may_be_taken_meanwhile(editor):
    practice = make_practice(slug="bonds")
    transitions.delete_practices([practice], editor)
    make_practice(slug="bonds")
    make_practice(slug="other").former_slugs.create(slug="bonds-2")
    assert transitions.restore_practice(versions.deleted_practices().get(), editor).slug == "bonds-3"


def test_a_version_that_names_what_is_gone_says_so(editor):
    practice = full_practice()
    transitions.delete_practices([practice], editor)
    Actor.objects.filter(slug="naga").delete()
    with pytest.raises(ValidationError) as refused:
        transitions.restore_practice(versions.deleted_practices().get(), editor)
    assert refused.value.message_dict == {"participations.1.actor": ["“naga” was not found."]}
    assert Practice.objects.count() == 0


def test_a_version_of_a_draft_is_restored_whole(author):
    practice = make_practice("First", status="draft", owner=author, lessons=("A",))
    first = versions.save_version(practice, "created", author)
    practice.title = "Second"
    practice.save()
    practice.lessons.all().delete()
    versions.save_version(of(practice), "changed", author)
    transitions.restore_practice(first, author)
    assert (of(practice).title, [row.text for row in practice.lessons.all()]) == ("First", ["A"])


def test_a_version_of_what_is_public_comes_back_beside_it(editor):
    live = make_practice("Now")
    old = versions.save_version(live, "changed", editor)
    Practice.objects.filter(pk=live.pk).update(title="Later")
    draft = transitions.restore_practice(old, editor)
    assert (of(live).title, of(draft).title, draft.replaces_id) == ("Later", "Now", live.pk)


def test_with_a_practice_its_prepared_change_goes_and_stays_in_its_history(editor):
    live = make_practice()
    draft = transitions.prepare_change(live, editor)
    transitions.delete_practices([live, draft], editor)
    assert Practice.objects.count() == 0
    assert [row.action for row in versions.versions_of(live.pk)] == [
        "deleted",
        "discarded",
        "prepared",
        "found",
    ]
    assert [row.key for row in versions.deleted_practices()] == [live.pk]


def test_nobody_deletes_or_restores_what_is_not_theirs(author):
    practice = make_practice(status="draft")
    with pytest.raises(PermissionDenied):
        transitions.delete_practices([practice], author)
    kept = versions.save_version(practice, "changed", None)
    with pytest.raises(PermissionDenied):
        transitions.restore_practice(kept, author)
    practice.delete()
    with pytest.raises(PermissionDenied):
        transitions.restore_practice(kept, author)


def test_the_groups_are_made_by_migrate_with_their_rights():
    rights = {
        group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()
    }
    assert {"add_practice", "change_practice", "view_actor", "add_actor"} <= rights["Contributors"]
    assert not rights["Contributors"] & {"publish_practice", "change_actor", "view_user", "view_auditentry"}
    assert rights["Editors"] - rights["Contributors"] >= {"publish_practice", "change_actor", "change_theme"}
    assert not rights["Editors"] & {"view_user", "view_auditentry"}
    assert {"change_user", "view_auditentry"} == (rights["Administrators"] - rights["Editors"]) - {
        "add_user", "view_user", "delete_user"
    }  # fmt: skip


# At the desk -------------------------------------------------------------------------------------------


def test_what_is_public_is_not_typed_into_but_changed_by_a_draft_beside_it(client, editor):
    live = full_practice()
    client.force_login(editor)
    page = client.get(CHANGE.format(live.pk))
    assert page.context["has_change_permission"] is False
    assert client.post(CHANGE.format(live.pk), {"title": "Typed"}).status_code == 403
    prepare = f"/admin/practices/practice/{live.pk}/prepare/"
    assert prepare in page.content.decode()
    beside = client.post(prepare)["Location"]
    draft = PracticePage(client, beside)
    assert "slug" not in draft.data
    assert '<a href="/practices/bonds/">/practices/bonds/</a>' in client.get(beside).content.decode()
    draft.fill(
        title="Seagulls",
        lessons__0__text="Changed.",
    )
    draft.data |= {"reason": "New figures.", "_step": "publish"}
    step = draft.save()["Location"]
    assert "Seagulls" not in client.get("/practices/bonds/").content.decode()
    done = client.post(step, {"comment": "Checked.", "publish_at": ""}, follow=True).content.decode()
    assert "“Seagulls” now has the status: Published." in done
    assert "Changed." in client.get("/practices/bonds/").content.decode()
    comments = [(row.action, row.comment) for row in versions.versions_of(live.pk)]
    assert comments == [
        ("published", "Checked."),
        ("changed", "New figures."),
        ("prepared", ""),
        ("found", ""),
    ]
    shown = client.get(f"/admin/practices/practice/{live.pk}/history/").content.decode()
    assert "<del>Bonds</del><ins>Seagulls</ins>" in shown
    assert '<blockquote dir="auto">New figures.</blockquote>' in shown


def test_a_contributor_writes_and_submits_and_the_list_tells_an_editor_that_it_waits(client, author, editor):
    client.force_login(author)
    page = PracticePage(client, "/admin/practices/practice/add/")
    page.fill(title="Seagulls", slug="gulls", story="A story.")
    page.data |= {"_step": "submit"}
    step = page.save()["Location"]
    assert client.post(step, {"comment": "Ready."}).status_code == 302
    practice = Practice.objects.get()
    assert (practice.status, practice.owner) == ("in_review", author)
    assert [row.action for row in versions.versions_of(practice.pk)] == ["submitted", "created"]
    assert client.get(CHANGE.format(practice.pk)).context["has_change_permission"] is False
    client.force_login(editor)
    make_practice(status="draft", owner=author)
    waiting = client.get("/admin/practices/practice/?waits=me").context["cl"]
    assert list(waiting.result_list) == [practice]
    client.force_login(author)
    mine = client.get("/admin/practices/practice/?waits=me").context["cl"]
    assert [row.status for row in mine.result_list] == ["draft"]


def test_a_form_saved_without_a_change_adds_no_version_and_one_that_is_refused_neither(client, author):
    practice = make_practice(status="draft", owner=author, lessons=("A",))
    client.force_login(author)
    for title, count in (("Other", 2), ("Other", 2), ("", 2), ("Third", 3)):
        page = PracticePage(client, CHANGE.format(practice.pk))
        page.fill(title=title)
        page.save()
        assert versions.versions_of(practice.pk).count() == count
    assert versions.versions_of(practice.pk).last().snapshot["title"] == practice.title


def test_a_day_in_the_past_is_refused(client, editor):
    client.force_login(editor)
    practice = make_practice(status="draft")
    step = f"/admin/practices/practice/step/publish/?practice={practice.pk}"
    response = client.post(step, {"comment": "", "publish_at": "2020-01-01T10:00"})
    assert "Enter a time in the future" in response.content.decode()
    assert of(practice).status == "draft"


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "2201-01-01T00:00"])
def test_a_moment_of_publication_after_2200_is_refused(client, editor, moment):
    client.force_login(editor)
    practice = make_practice(status="draft")
    step = f"/admin/practices/practice/step/publish/?practice={practice.pk}"
    response = client.post(step, {"comment": "", "publish_at": moment})
    assert f"Enter a year from 1900 to 2200 instead of {moment[:4]}." in response.content.decode()
    assert of(practice).status == "draft"


def test_the_pages_for_deleted_practices_and_versions_bring_them_back(client, editor):
    client.force_login(editor)
    practice = make_practice("Gulls", status="draft", lessons=("A",))
    client.post(f"/admin/practices/practice/{practice.pk}/delete/", {"post": "yes"})
    page = client.get("/admin/practices/practice/deleted/").content.decode()
    [version] = versions.deleted_practices()
    assert f'href="/admin/practices/practice/version/{version.pk}/"><bdi>Gulls</bdi></a>' in page
    client.post(f"/admin/practices/practice/version/{version.pk}/", {"comment": "By mistake."})
    assert [row.text for row in Practice.objects.get(title="Gulls").lessons.all()] == ["A"]
    assert versions.versions_of(Practice.objects.get().pk).first().comment == "By mistake."


def test_a_practice_without_a_version_has_a_history_page(client):
    practice = make_practice()
    client.force_login(make_editor("reader"))
    assert client.get(f"/admin/practices/practice/{practice.pk}/history/").status_code == 200
