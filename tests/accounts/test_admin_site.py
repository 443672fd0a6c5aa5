"""The admin around the form of a practice: lists, searches, actions, and read-only data."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from practices.models import (
    ActorType,
    AuditEntry,
    Country,
    Objective,
    Place,
    Practice,
    Region,
    Revision,
    Synonym,
    Theme,
)
from tests.admin_form import form_of
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

LIST = "/admin/practices/practice/"
READ_ONLY = [Region, Country, Objective, ActorType]
MODELS = sorted(admin.site._registry, key=lambda model: model.__name__)


@pytest.fixture
def editor(client):
    client.force_login(make_editor())
    return client


def address(model, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def slugs(response) -> list[str]:
    return sorted(practice.slug for practice in response.context["cl"].result_list)


# The list of practices ---------------------------------------------------------------------------------


def three_practices() -> None:
    """One practice that each filter and search below finds, and two that it must not find."""
    wanted = make_practice(
        "Bonds of migrants",
        slug="wanted",
        status="draft",
        kind="thinking_point",
        language="fr",
        activity="ended",
        summary="Zarzuela.",
        countries=("PH", "IT"),
        themes=("remittances", "rights"),
    )
    Place.objects.filter(practice=wanted, country="PH").update(name="Batangas")
    Country.objects.filter(code="PH").update(name="Philippines")
    wanted.participations.create(order=1, actor=make_actor("atikha", name="Atikha", acronym="ATK"))
    wanted.participations.create(order=2, actor=make_actor("atikha-2", name="Atikha again"))
    for slug in ("other", "another"):
        make_practice(slug=slug, countries=("CR",), themes=("capacities",), actors=("figuig",))


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "status__exact=draft",
        "kind__exact=thinking_point",
        "activity__exact=ended",
        "language__exact=fr",
        "places__country__code__exact=PH",
        "places__country__pk__exact=IT",
        "themes__id__exact={rights}",
        "status__exact=draft&themes__id__exact={remittances}&q=bonds",
        "q=bonds+migrants",
        "q=wanted",
        "q=zarzuela",
        "q=batangas",
        "q=philippines",
        "q=atikha",
        "q=atk",
    ],
)
def test_a_filter_or_a_search_shows_what_it_names_once_and_no_more(editor, query):
    three_practices()
    keys = dict(Theme.objects.values_list("slug", "pk"))
    response = editor.get(f"{LIST}?{query.format(**keys)}")
    assert slugs(response) == ["wanted"]
    assert response.context["cl"].result_count == 1


def test_filters_offer_only_countries_and_themes_in_use(editor):
    three_practices()
    make_country("MA")
    make_theme("communities")
    specs = editor.get(LIST).context["cl"].filter_specs
    offered = {
        spec.field_path: {str(label) for _key, label in spec.lookup_choices}
        for spec in specs
        if getattr(spec, "field_path", "") in ("places__country", "themes")
    }
    assert offered == {
        "places__country": {"Philippines", "Country IT", "Country CR"},
        "themes": {"Capacities", "Remittances", "Rights"},
    }


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    "query", ["", "?q=bonds", "?status__exact=published&places__country__code__exact=PH"]
)
def test_the_list_costs_the_same_for_one_practice_and_for_three(
    editor, django_assert_num_queries, number, query
):
    for _number in range(number):
        make_practice("Bonds", countries=("PH", "IT"), themes=("remittances", "rights"), actors=("atikha",))
    # 1. session  2. editor  3. countries in use  4. themes in use  5. number found  6. number of all
    # 7. practices  8. their places  9. the places' countries  10. first and last day  11. days between
    # 12. how many wait
    with django_assert_num_queries(12):
        response = editor.get(LIST + query)
    assert response.context["cl"].result_count == number
    assert response.content.decode().count("Country PH, Country IT") == number


# Going public ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Practice.Status.values)
def test_only_a_published_practice_has_a_way_to_its_page(editor, status):
    practice = make_practice(slug="one", status=status)
    page = editor.get(address(Practice, "change", practice.pk)).content.decode()
    assert ('href="/practices/one/"' in page) is (status == "published")


def act(editor, action: str, practices: list[Practice], **said: str):
    """Choose an action in the list and confirm it."""
    data = {"action": action, "_selected_action": [practice.pk for practice in practices]}
    asking = editor.post(LIST, data)["Location"]
    assert "<textarea" in editor.get(asking).content.decode()
    return editor.post(asking, {"comment": "", **said}, follow=True)


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize(
    ("action", "status", "word"),
    [("publish", "published", "Published"), ("return_to_draft", "draft", "Draft")],
)
def test_an_action_asks_and_moves_the_chosen_practices_and_no_other(editor, action, status, word):
    old = {"draft": "archived", "published": "in_review"}[status]
    chosen = [make_practice(status=old), make_practice(status=old)]
    there = make_practice(status=status)
    left = make_practice(status=old)
    response = act(editor, action, [*chosen, there])
    assert said(response) == [f"2 practices now have the status: {word}."]
    assert {Practice.objects.get(pk=practice.pk).status for practice in chosen} == {status}
    assert Practice.objects.get(pk=left.pk).status == old
    assert {row.key for row in Revision.objects.all()} == {row.pk for row in chosen}


def test_publishing_by_action_notes_the_day_and_opens_the_door(editor):
    practice = make_practice(status="draft")
    assert practice.published_at is None
    act(editor, "publish", [practice])
    published = Practice.objects.published().get()
    assert published == practice
    assert published.published_at is not None


def test_taking_back_closes_the_door_and_keeps_the_day(editor):
    practice = make_practice(slug="one")
    act(editor, "return_to_draft", [practice])
    assert editor.get("/practices/one/").status_code == 410
    assert Practice.objects.get().published_at == practice.published_at


# Help with typing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "field", "term", "expected"),
    [
        ("place", "country", "phil", "Philippines"),
        ("place", "country", "it", "Italy"),
        ("place", "country", "PHX", "Philippines"),
        ("corridor", "origin", "ital", "Italy"),
        ("corridor", "destination", "ital", "Italy"),
        ("participation", "actor", "ATK", "Atikha (ATK)"),
        ("practice", "themes", "remit", "Remittances"),
        ("practice", "objectives", "gcm-20", "GCM 20: Savings"),
        ("practice", "publication", "booklet", "A booklet"),
        ("actor", "parent", "atik", "Atikha (ATK)"),
        ("actor", "country", "ital", "Italy"),
        ("publication", "publisher", "atik", "Atikha (ATK)"),
        ("publication", "funders", "atik", "Atikha (ATK)"),
        ("publication", "implementers", "atik", "Atikha (ATK)"),
    ],
)
def test_a_few_letters_find_the_row_that_is_meant(editor, model, field, term, expected):
    rows = [
        make_country("PH", "Philippines"),
        make_country("IT", "Italy"),
        make_country("MA", "Morocco"),
        make_actor("atikha", name="Atikha", acronym="ATK"),
        make_actor("figuig", name="Figuig"),
        make_theme("remittances"),
        make_theme("rights"),
        make_objective("gcm-20", name="Savings"),
        make_objective("gcm-2"),
        make_publication("booklet"),
        make_publication("another", title="Another", publisher=make_actor("figuig")),
    ]
    [key] = [str(row.pk) for row in rows if str(row) == expected]
    query = {"app_label": "practices", "model_name": model, "field_name": field, "term": term}
    found = editor.get("/admin/autocomplete/", query).json()
    assert found == {"results": [{"id": key, "text": expected}], "pagination": {"more": False}}


def test_actors_are_offered_by_name(editor):
    for name in ("Beta", "Gamma", "Alpha"):
        make_practice(actors=(name.lower(),))
    query = {"app_label": "practices", "model_name": "participation", "field_name": "actor", "term": "a"}
    found = editor.get("/admin/autocomplete/", query).json()["results"]
    assert [row["text"] for row in found] == ["Alpha", "Beta", "Gamma"]


# Every page --------------------------------------------------------------------------------------------


def one_of_everything() -> None:
    country = make_country("PH", "Philippines", make_region("035", "South-eastern Asia"))
    actor = make_actor("atikha", "civil-society", country=country)
    make_publication(publisher=actor)
    make_objective("gcm-20")
    Synonym.objects.create(words="sailors, seafarers")
    make_theme("bonds", parent=make_theme("remittances"))
    make_practice(countries=("PH",), actors=("atikha",), themes=("bonds",))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_shows_its_rows(editor, model):
    one_of_everything()
    found = editor.get(address(model, "changelist")).context["cl"]
    assert model is Group or found.result_count > 0
    assert {row.pk for row in found.result_list} == set(model.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_page_for_a_new_row_offers_a_form_or_is_closed(editor, model):
    response = editor.get(address(model, "add"))
    if model in (*READ_ONLY, AuditEntry):
        assert response.status_code == 403
    else:
        assert "csrfmiddlewaretoken" in form_of(response, f"{model._meta.model_name}_form")


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_what_a_standard_defines_can_be_read_and_not_changed(editor, model):
    one_of_everything()
    row = model.objects.first()
    page = address(model, "change", row.pk)
    response = editor.get(page)
    assert response.context["has_change_permission"] is False
    assert row.name in response.content.decode()
    assert editor.post(page, {"name": "Changed"}).status_code == 403
    assert editor.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    editor.post(address(model, "changelist"), bulk)
    assert model.objects.get(pk=row.pk).name == row.name


def test_the_public_cannot_come_in(client):
    for model in MODELS:
        page = address(model, "changelist")
        assert client.get(page)["Location"] == f"/admin/login/?next={page}"
