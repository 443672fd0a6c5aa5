"""Two editors of one practice: nobody overwrites text they have not seen, in any order of steps."""

import json
import os
import random
import re
from itertools import count

import pytest
from django.contrib import admin
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, RequestFactory

from practices.editing.conflicts import fingerprints, submitted_value
from practices.models import Practice
from tests.admin_form import PracticePage, form_of
from tests.factories import make_actor, make_country, make_editor, make_practice, make_theme

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """The clients of two editors."""
    clients = Client(), Client()
    for name, client in zip(("rosa", "juan"), clients, strict=True):
        client.force_login(make_editor(name))
    return clients


def change(practice: Practice) -> str:
    return f"/admin/practices/practice/{practice.pk}/change/"


def both_open(two, practice: Practice) -> tuple[PracticePage, PracticePage]:
    return tuple(PracticePage(client, change(practice)) for client in two)


def questions(response) -> dict[str, list[tuple[str, bool]]]:
    """Return the questions to the second editor: the offered values by field, and the selected one."""
    assert response.status_code == 409
    return {
        question.name: [(offer.value, offer.chosen) for offer in question.offers]
        for question in response.context["conflicts"]
    }


def choose(client, response, address: str, **values) -> object:
    """Submit the page of both versions with these choices; all others stay as selected."""
    data = form_of_both(response)
    return client.post(address, data | {name.replace("__", "-"): value for name, value in values.items()})


def form_of_both(response) -> dict:
    response.status_code = 200
    return form_of(response, "conflict_form")


def test_the_second_to_save_sees_both_texts_and_nothing_is_saved(two):
    practice = make_practice(status="draft", story="The story.", lessons=("First.",))
    first, second = both_open(two, practice)
    first.fill(story="The story of Rosa.", lessons__0__text="First of Rosa.")
    second.fill(story="The story of Juan.", lessons__0__text="First.")
    assert first.save().status_code == 302
    response = second.save()
    assert questions(response) == {
        "story": [("The story of Juan.", True), ("The story of Rosa.", False)],
        "lessons-0-text": [("First.", False), ("First of Rosa.", True)],
    }
    page = response.content.decode()
    assert "The story of <mark>Juan</mark>." in page
    assert "The story of <mark>Rosa</mark>." in page
    assert "rosa saved this" in page
    assert Practice.objects.get().story == "The story of Rosa."


@pytest.mark.parametrize(
    ("choice", "story"), [("The story of Juan.", "The story of Juan."), ("The story of Rosa.",) * 2]
)
def test_what_the_second_chooses_is_saved_with_all_else_of_both(two, choice, story):
    practice = make_practice(status="draft", story="The story.", lessons=("First.", "Second."))
    first, second = both_open(two, practice)
    first.fill(story="The story of Rosa.", lessons__0__text="First of Rosa.")
    second.fill(story="The story of Juan.", lessons__1__text="Second of Juan.", title="Title of Juan")
    first.save()
    response = second.save()
    assert choose(two[1], response, change(practice), story=choice).status_code == 302
    practice.refresh_from_db()
    assert (practice.story, practice.title) == (story, "Title of Juan")
    assert [row.text for row in practice.lessons.all()] == ["First of Rosa.", "Second of Juan."]


def test_who_changed_other_fields_is_asked_only_about_those_the_other_changed(two):
    practice = make_practice(status="draft", title="Title", story="Story.")
    first, second = both_open(two, practice)
    first.fill(title="Title of Rosa")
    second.fill(story="Story of Juan.")
    first.save()
    response = second.save()
    assert questions(response) == {"title": [("Title", False), ("Title of Rosa", True)]}
    choose(two[1], response, change(practice))
    practice.refresh_from_db()
    assert (practice.title, practice.story) == ("Title of Rosa", "Story of Juan.")


def test_the_same_text_sent_twice_is_saved_without_a_question(two):
    """As after a save whose response was lost."""
    practice = make_practice(status="draft", story="Story.", lessons=("First.",))
    page = PracticePage(two[0], change(practice))
    page.fill(story="New story.", lessons__0__text="New lesson.")
    assert [page.save().status_code, page.save().status_code] == [302, 302]


def test_a_choice_of_several_offers_every_value_of_either(two):
    themes = [make_theme(slug) for slug in ("rights", "remittances", "capacities")]
    practice = make_practice(status="draft", themes=("rights",))
    first, second = both_open(two, practice)
    keys = [str(theme.pk) for theme in themes]
    first.fill(themes=keys[:2])
    second.fill(themes=[keys[0], keys[2]])
    first.save()
    response = second.save()
    assert questions(response) == {"themes": [(keys[0], True), (keys[1], False), (keys[2], True)]}
    choose(two[1], response, change(practice), themes=keys)
    assert set(practice.themes.all()) == set(themes)


def test_a_choice_is_shown_by_its_name(two):
    make_country("IT", "Italy")
    practice = make_practice(status="draft", countries=("PH",))
    make_country("MA", "Morocco")
    first, second = both_open(two, practice)
    first.fill(places__0__country="IT")
    second.fill(places__0__country="MA")
    first.save()
    response = second.save()
    assert [offer.text for offer in response.context["conflicts"][0].offers] == [
        "<mark>Morocco</mark>",
        "<mark>Italy</mark>",
    ]


@pytest.mark.slow
def test_a_row_that_the_other_removed_can_be_kept_or_let_go(two):
    for keep, left in (("", ["B", "A of Juan"]), ("on", ["B"])):
        practice = make_practice(status="draft", lessons=("A", "B"))
        first, second = both_open(two, practice)
        first.fill(lessons__0__DELETE="on")
        second.fill(lessons__0__text="A of Juan")
        first.save()
        response = second.save()
        assert questions(response) == {"lessons-0-DELETE": [("", True), ("on", False)]}
        assert choose(two[1], response, change(practice), lessons__0__DELETE=keep).status_code == 302
        assert sorted(row.text for row in practice.lessons.all()) == sorted(left)


def test_a_row_that_the_other_changed_is_not_removed_unseen(two):
    for remove, left in (("on", []), ("", ["A of Rosa"])):
        practice = make_practice(status="draft", lessons=("A",))
        first, second = both_open(two, practice)
        first.fill(lessons__0__text="A of Rosa")
        second.fill(lessons__0__DELETE="on")
        first.save()
        response = second.save()
        assert questions(response) == {
            "lessons-0-DELETE": [("on", True), ("", False)],
            "lessons-0-text": [("A", False), ("A of Rosa", True)],
        }
        choose(two[1], response, change(practice), lessons__0__DELETE=remove)
        assert [row.text for row in practice.lessons.all()] == left


def test_rows_that_both_added_are_all_kept(two):
    practice = make_practice(status="draft", lessons=("A",))
    first, second = both_open(two, practice)
    first.add_row("lessons", text="B of Rosa")
    second.add_row("lessons", text="B of Juan")
    assert [first.save().status_code, second.save().status_code] == [302, 302]
    assert {(row.order, row.text) for row in practice.lessons.all()} == {
        (1, "A"),
        (2, "B of Rosa"),
        (3, "B of Juan"),
    }


@pytest.mark.parametrize(
    ("mine", "asked", "choice", "order"),
    [
        ("ABC", False, None, "CBA"),  # untouched: that of the other stays
        ("BAC", True, "", "BAC"),
        ("BAC", True, "theirs", "CBA"),
        ("CBA", False, None, "CBA"),
    ],
)
def test_the_order_of_rows_is_asked_when_both_changed_it(two, mine, asked, choice, order):
    practice = make_practice(status="draft", lessons=("A", "B", "C"))
    first, second = both_open(two, practice)
    first.fill(lessons__0__order="3", lessons__2__order="1")
    second.fill(**{f"lessons__{'ABC'.index(letter)}__order": str(mine.index(letter) + 1) for letter in "ABC"})
    first.save()
    response = second.save()
    if asked:
        assert questions(response) == {"_order-lessons": [("", True), ("theirs", False)]}
        response = choose(two[1], response, change(practice), **{"_order-lessons": choice})
    assert response.status_code == 302
    assert "".join(row.text for row in practice.lessons.all()) == order


def test_a_form_that_does_not_say_what_it_was_opened_with_overwrites_nothing_unseen(two):
    practice = make_practice(status="draft", story="The story.")
    page = PracticePage(two[0], change(practice))
    for seen in ("", "[]", "{", '{"story": 1}'):
        page.fill(_seen=seen, story="Other story.")
        assert list(questions(page.save())) == ["story"]
    assert Practice.objects.get().story == "The story."


def test_a_third_save_between_question_and_choice_is_asked_about_too(two):
    practice = make_practice(status="draft", story="The story.")
    first, second = both_open(two, practice)
    first.fill(story="Rosa’s.")
    second.fill(story="Juan’s.")
    first.save()
    response = second.save()
    again = PracticePage(two[0], change(practice))
    again.fill(story="Rosa’s second.")
    again.save()
    response = choose(two[1], response, change(practice), story="Juan’s.")
    assert questions(response) == {"story": [("Juan’s.", True), ("Rosa’s second.", False)]}


def test_actors_are_guarded_alike(two):
    actor = make_actor("atikha", name="Atikha")
    address = f"/admin/practices/actor/{actor.pk}/change/"
    pages = [form_of(client.get(address), "actor_form") for client in two]
    assert two[0].post(address, pages[0] | {"name": "Atikha of Rosa"}).status_code == 302
    response = two[1].post(address, pages[1] | {"name": "Atikha of Juan"})
    assert questions(response) == {"name": [("Atikha of Juan", True), ("Atikha of Rosa", False)]}


# Any order of steps --------------------------------------------------------------------------------------

TOKEN = re.compile(r"t\d+t")
CAMPAIGN = int(os.environ.get("INTERLEAVINGS", "6"))


class Desk:
    """One editor at the views themselves; `say` makes texts that no other has."""

    def __init__(self, user, practice, chance: random.Random, numbers: count) -> None:
        self.user, self.practice, self.chance, self.numbers = user, practice, chance, numbers
        self.admin = admin.site._registry[Practice]
        self.data: dict | None = None

    def request(self, method: str, data: dict | None = None):
        request = getattr(RequestFactory(), method)(change(self.practice), data)
        request.user, request.session, request._dont_enforce_csrf_checks = self.user, {}, True
        request._messages = CookieStorage(request)
        return request

    def answer(self, method: str, data: dict | None = None):
        return self.admin.change_view(self.request(method, data), str(self.practice.pk))

    def open(self) -> None:
        practice = Practice.objects.get(pk=self.practice.pk)
        self.data = opened(*self.admin.stored_form(self.request("get"), practice))
        self.typed, self.gone, self.rejected = set(), set(), set()

    def edit(self) -> None:
        names = [
            name
            for name in self.data
            if re.fullmatch(r"story|summary|editors_note|(lessons|sources)-\d+-text", name)
        ]
        kind = self.chance.choice(["text", "text", "text", "remove", "add", "move"])
        gone = {name.replace("-DELETE", "-text") for name in self.data if name.endswith("-DELETE")}
        rows = [name for name in names if name.endswith("-text") and name not in gone and self.data[name]]
        if kind == "text" or not rows:
            name = self.chance.choice(["story", "summary", *rows])
            self.forget(name)
            self.data[name] = f"Text {self.say()}."
        elif kind == "remove":
            name = self.chance.choice(rows)
            if self.data.get(name.replace("-text", "-id")):
                self.forget(name)
                self.data[name.replace("-text", "-DELETE")] = "on"
        elif kind == "add":
            total = int(self.data["lessons-TOTAL_FORMS"])
            self.data |= {f"lessons-{total}-{field}": "" for field in ("id", "order", "practice")}
            self.data |= {
                f"lessons-{total}-text": f"Added {self.say()}.",
                "lessons-TOTAL_FORMS": str(total + 1),
            }
        else:
            for name in rows:
                self.data[name.replace("-text", "-order")] = str(self.chance.randint(1, 5))

    def forget(self, name: str) -> None:
        tokens = set(TOKEN.findall(self.data[name]))
        self.gone |= tokens
        self.typed -= tokens

    def say(self) -> str:
        token = f"t{next(self.numbers)}t"
        self.typed.add(token)
        return token

    def save(self) -> None:
        before = tokens(self.practice)
        response = self.answer("post", self.data)
        if response.status_code == 409:
            return self.choose(response)
        assert response.status_code == 302, response.context_data["errors"]
        after = tokens(self.practice)
        assert (
            before - after <= self.gone | self.rejected
        )  # nothing vanished that this editor did not give up
        assert (
            self.typed - after <= self.rejected
        )  # and all that they typed is there, or they chose the other
        self.data = None

    def choose(self, response) -> None:
        """Choose one of the two versions at every question."""
        context = response.context_data
        asked = {
            offered.name: [o.value for o in offered.offers if o.chosen] for offered in context["conflicts"]
        }
        self.data = dict(context["sent"]) | asked | {"_seen": context["seen"]}
        for question in response.context_data["conflicts"]:
            if not question.several:
                taken = self.chance.choice(question.offers)
                self.data[question.name] = taken.value
                for offer in question.offers:
                    if offer is not taken and not question.name.startswith("_order"):
                        self.rejected |= set(TOKEN.findall(re.sub("</?mark>", "", offer.text)))
                if question.name.endswith("-DELETE") and taken.value == "on":
                    row = question.name.replace("DELETE", "text")
                    self.rejected |= set(TOKEN.findall(str(self.data.get(row, ""))))
                    self.rejected |= {
                        t
                        for q in response.context_data["conflicts"]
                        if q.name == row
                        for o in q.offers
                        for t in TOKEN.findall(re.sub("</?mark>", "", o.text))
                    }


def opened(form, sets) -> dict:
    """Return what a browser would submit of the page, without rendering it, which takes most of the time."""
    forms = [form, *(rows.management_form for rows in sets), *(row for rows in sets for row in rows)]
    fields = {
        bound.html_name: submitted_value(bound) for form in forms for bound in form if bound.name != "DELETE"
    }
    return fields | {"_seen": json.dumps(fingerprints(form, sets))}


def tokens(practice: Practice) -> set[str]:
    practice.refresh_from_db()
    texts = [practice.story, practice.summary, *(row.text for row in practice.lessons.all()),
             *(row.text for row in practice.sources.all())]  # fmt: skip
    return set(TOKEN.findall(" ".join(texts)))


@pytest.mark.parametrize("seed", range(CAMPAIGN))
def test_no_order_of_steps_loses_a_text(seed):
    chance, numbers = random.Random(seed), count(1)
    lessons, sources = ("Text t9001t.", "Text t9002t."), ("Text t9003t.",)
    practice = make_practice(
        status="draft", story="Text t9004t.", summary="Text t9005t.", lessons=lessons, sources=sources
    )
    desks = [Desk(make_editor(name), practice, chance, numbers) for name in ("rosa", "juan")]
    for _step in range(14):
        desk = chance.choice(desks)
        if desk.data is None:
            desk.open()
        else:
            chance.choice([desk.edit, desk.edit, desk.save])()
    for desk in desks:
        for _try in range(3):
            if desk.data is not None:
                desk.save()
        assert desk.data is None
    assert [row.order for row in practice.lessons.all()] == list(range(1, practice.lessons.count() + 1))
