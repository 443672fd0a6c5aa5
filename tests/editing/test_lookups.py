"""Lookups in the address of every admin list: only its own filters, with values in range."""

import logging
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.admin.filters import ListFilter
from django.contrib.auth.models import Group
from django.db.models import Model
from django.urls import reverse

from practices.accounts.lookups import ListedLookups
from practices.models import Actor, AuditEntry, Country, Practice, Synonym, User
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_objective,
    make_person,
    make_practice,
    make_publication,
    make_region,
    make_theme,
)

pytestmark = pytest.mark.django_db

ADMINS = sorted(admin.site._registry.items(), key=lambda item: item[0].__name__)
EACH = pytest.mark.parametrize(("model", "model_admin"), ADMINS, ids=[model.__name__ for model, _a in ADMINS])
OUT_OF_RANGE = ["99999999999999999999999", "x", ""]
MORE = [
    *("9999999999", "-1", "0", "9999", "1", "-99999999999999999999", "1e400"),
    *("½", "٣", "NaN", "None", "True", "2020-13-45", "2026-02-30T25:61", "9" * 5_000, "é" * 1_000, "a,b"),
]


def listing(model: type[Model], **parameters: str) -> str:
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{page}?{urlencode(parameters)}" if parameters else page


@pytest.fixture
def editor(client):
    client.force_login(make_editor())
    return client


@pytest.fixture
def rows(db) -> None:
    """Two of everything, so that filters have choices."""
    for number, code in enumerate(("PH", "IT")):
        country = make_country(code, region=make_region(f"03{number}", f"Region {number}"))
        make_objective(("gcm-20", "sdg-10.7")[number])
        actor = make_actor(f"actor-{number}", f"kind-{number}", country=country)
        theme = make_theme(f"theme-{number}", scheme=("jmdi", "toolbox")[number])
        kind = {"status": ("draft", "published")[number], "language": ("en", "fr")[number]}
        make_practice(countries=(code,), themes=(theme.slug,), actors=(actor.slug,), **kind)
        make_publication(f"publication-{number}", publisher=actor)
        Synonym.objects.create(words=f"a{number}, b{number}")
        AuditEntry.objects.create(action=f"action {number}")
    person = make_person("cora", "Contributors", is_active=False)
    Practice.objects.update(owner=person)


def paths(model: type[Model], depth: int = 2) -> Iterator[str]:
    """Yield every path from a model to a column, over up to `depth` relations, forwards and backwards."""
    for field in model._meta.get_fields(include_hidden=True):
        yield field.name
        if depth and field.is_relation and field.related_model:
            yield from (f"{field.name}__{rest}" for rest in paths(field.related_model, depth - 1))


@EACH
def test_a_list_takes_the_lookups_of_its_own_filters_only(model, model_admin, rf):
    assert isinstance(model_admin, ListedLookups)
    request = rf.get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    listed = set(model_admin.listed_lookups(request))
    ways = ("", "__exact", "__gte", "__startswith", "__regex", "__in", "__isnull")
    asked = {path + way for path in paths(model) for way in ways}
    assert len(asked) > 10
    allowed = {lookup for lookup in asked if model_admin.lookup_allowed(lookup, "x", request)}
    assert allowed == listed & asked
    secret = ("password", "session", "second", "secret", "recovery", "logentry")
    assert [lookup for lookup in allowed if any(word in lookup.lower() for word in secret)] == []


@EACH
def test_every_choice_of_every_filter_works(model, model_admin, editor, rows, rf):
    page = editor.get(listing(model))
    changelist = page.context["cl"]
    assert len(changelist.filter_specs) == len(model_admin.get_list_filter(page.wsgi_request))
    for spec in changelist.filter_specs:
        assert isinstance(spec, ListFilter)
        assert set(spec.expected_parameters()) <= set(model_admin.listed_lookups(page.wsgi_request))
        for choice in spec.choices(changelist):
            assert editor.get(listing(model) + choice["query_string"]).status_code == 200


REFUSED = [
    ("user", "sessions__session_key__gte=a"),
    ("user", "session__session_key__gte=a"),
    ("user", "second_factor__secret__startswith=A"),
    ("user", "secondfactor__pk=1"),
    ("user", "password__startswith=pbkdf2"),
    ("user", "logentry__id__gte=1"),
    ("user", "id__exact=1"),
    ("user", "email__startswith=a"),
    ("user", "groups__permissions__codename=x"),
    ("practice", "owner__password__startswith=a"),
    ("practice", "owner__id__exact=1"),
    ("practice", "owner__sessions__session_key__gte=a"),
    ("practice", "editors_note__contains=a"),
    ("practice", "places__practice__pk__exact=1"),
    ("practice", "updated_at__gte=2020-01-01"),
    ("auditentry", "person__password__gte=a"),
    ("auditentry", "person__pk=1"),
    ("actor", "participations__practice__pk__exact=1"),
    ("actor", "practices=1"),
    ("synonym", "words__contains=a"),
    ("user", "_to_field=password"),
    ("practice", "nothing__of__the__kind=1"),
]


@pytest.mark.parametrize(("name", "query"), REFUSED)
def test_another_lookup_is_answered_with_400_and_noted_without_a_traceback(client, rows, caplog, name, query):
    client.force_login(make_person("ada", "Administrators"))
    with caplog.at_level(logging.INFO):
        refused = client.get(f"/admin/practices/{name}/?{query}")
    assert refused.status_code == 400
    assert (
        "This list does not have the filter in the address. Nothing was changed." in refused.content.decode()
    )
    assert [
        record.name for record in caplog.records if record.exc_info or record.levelno > logging.INFO
    ] == []
    line = AuditEntry.objects.get(action="refused")
    assert (line.name, line.about) == ("ada", f"/admin/practices/{name}/")
    assert query.split("=")[0 if "_to_field" not in query else 1] in line.comment


@EACH
def test_values_out_of_range_never_fail_a_list(model, model_admin, editor, rows, rf, pytestconfig):
    thorough = pytestconfig.getoption("thorough")
    request = rf.get("/")
    request.user = User.objects.get(username="editor")
    fixed = ("q", "p", "o", "e", "all", "_facets", "_popup")
    names = [*model_admin.listed_lookups(request), *(fixed if thorough or model is Practice else ())]
    for name in names:
        for value in [*OUT_OF_RANGE, *(MORE if thorough else ())]:
            answer = editor.get(listing(model, **{name: value}))
            assert answer.status_code in {200, 302}, (name, value)
            if answer.status_code == 302:
                assert answer["Location"] == listing(model), (name, value)
                said = [str(message) for message in editor.get(answer["Location"]).context["messages"]]
                assert "which is not valid" in said[0]


@pytest.mark.parametrize(
    "query",
    [
        "updated_at__year=9999999999",
        "updated_at__year=9999",
        "updated_at__year=9999&updated_at__month=12&updated_at__day=31",
        "updated_at__year=2026&updated_at__month=13",
        "updated_at__year=2026&updated_at__month=2&updated_at__day=30",
        "updated_at__year=2026&updated_at__day=x",
        "q=" + "a+" * 3_000,
        "q=" + "a" * 201,
        "q=" + "a+" * 21,
        "themes__id__exact=x",
        "e=1&themes__id__exact=x",
    ],
)
def test_a_list_says_what_it_cannot_use_and_is_shown_without_it(editor, query):
    make_practice(themes=("rights", "remittances"))
    shown = editor.get(f"/admin/practices/practice/?{query}", follow=True)
    assert shown.redirect_chain == [("/admin/practices/practice/", 302)]
    said = [str(message) for message in shown.context["messages"]]
    assert len(said) == 1
    assert query.split("=")[0] in said[0]
    assert "a date or number out of range" in said[0]


@EACH
def test_a_null_character_is_answered_with_400(model, model_admin, editor):
    for query in ("q=a%00b", "%00=1", "o=%00", "p=%00", "x__exact=%00"):
        answer = editor.get(f"{listing(model)}?{query}")
        assert answer.status_code == 400
        assert "Remove the null character." in answer.content.decode()


@pytest.mark.parametrize("page", ["country/%00/change/", "actor/a%00/delete/", "practice/%00/history/"])
def test_a_null_character_in_a_path_is_answered_with_400(editor, page):
    assert editor.get(f"/admin/practices/{page}").status_code == 400


def test_a_null_character_in_the_name_to_complete_is_answered_with_400(editor):
    query = "app_label=practices&model_name=participation&field_name=actor&term=%00"
    assert editor.get(f"/admin/autocomplete/?{query}").status_code == 400


def test_a_long_name_to_complete_is_looked_up_by_its_beginning(editor):
    actor = make_actor("atikha", name="Atikha " + "and others " * 20)
    query = {"app_label": "practices", "model_name": "participation", "field_name": "actor"}
    found = editor.get("/admin/autocomplete/", query | {"term": f"{actor.name} {'and ' * 1_000}"}).json()
    assert [row["id"] for row in found["results"]] == [str(actor.pk)]


@EACH
def test_a_chosen_row_whose_key_cannot_exist_is_named_or_ignored(model, model_admin, editor):
    for key in ("9" * 30, "x", "-1", "", "9" * 5_000, "\0", "½"):
        chosen = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
        assert editor.post(listing(model), chosen).status_code in {200, 302}


def test_a_key_out_of_range_is_named(editor):
    make_actor("naga")
    chosen = {"action": "delete_selected", "_selected_action": ["9" * 30], "post": "yes"}
    shown = editor.post("/admin/practices/actor/", chosen, follow=True)
    assert [str(said) for said in shown.context["messages"]] == [f"“{'9' * 30}” is not a valid key."]
    assert Actor.objects.count() == 1


@pytest.mark.parametrize("page", ["actor", "practice", "publication", "theme", "user"])
def test_a_form_for_a_new_row_takes_nothing_from_its_address(editor, page):
    filled = {
        "country": "x",
        "themes": "x,9" + "9" * 30,
        "publication": "9" * 30,
        "parent": "x",
        "groups": "x",
    }
    answer = editor.get(f"/admin/practices/{page}/add/", filled)
    assert answer.status_code == 200


def test_a_list_of_countries_still_takes_its_filter(editor, rows):
    found = editor.get("/admin/practices/country/?region__code__exact=030").context["cl"].result_list
    assert list(found) == list(Country.objects.filter(code="PH"))
    assert Group in admin.site._registry
