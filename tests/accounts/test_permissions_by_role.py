"""Every address in every role with every method, for one's own objects and for others'.

The addresses come from the URL resolver; an address without an entry in the tables below fails.
"""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import get_resolver

from practices.history import reference_versions, versions
from practices.models import AuditEntry, Import, Practice, SecondFactor, Synonym
from practices.workflow import transitions
from practices.workflow.preview_links import link
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

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# C contributor, E editor, A administrator, S superuser; N nobody; F one whose code is still to come.
STAFF, EDITORS, ADMINISTRATORS, ALL = "CEAS", "EAS", "AS", "NCEASF"
FOR_COUNTRIES = "?app_label=practices&model_name=place&field_name=country"
METHODS = ("get", "head", "post", "put", "patch", "delete")
CHANGING = {"post", "put", "patch", "delete"}

# Who may see, add, change and delete the rows of a model of the admin.
MODELS = {
    "auth_group": ("S", "S", "S", "S"),
    "practices_region": (STAFF, "", "", ""),
    "practices_country": (STAFF, "", "", ""),
    "practices_objective": (STAFF, "", "", ""),
    "practices_actortype": (STAFF, "", "", ""),
    "practices_theme": (STAFF, EDITORS, EDITORS, EDITORS),
    "practices_actor": (STAFF, STAFF, EDITORS, EDITORS),
    "practices_publication": (STAFF, EDITORS, EDITORS, EDITORS),
    "practices_synonym": (EDITORS, EDITORS, EDITORS, EDITORS),
    "practices_user": (ADMINISTRATORS, ADMINISTRATORS, ADMINISTRATORS, ADMINISTRATORS),
    "practices_auditentry": (ADMINISTRATORS, "", "", ""),
}
# The other addresses of the desk: route → who gets in, by the thing and, where that tells, by the method.
SEEN = {"own": STAFF, "other": EDITORS, "public": EDITORS}
P = "admin/practices/practice/"
REFERENCES = ("theme", "actor", "publication", "synonym")
DESK = {
    "admin/": STAFF,
    "admin/token/": STAFF,
    "admin/account/": STAFF,
    "admin/account/second-factor/": STAFF,
    "admin/password_change/": STAFF,
    "admin/password_change/done/": {"own": {"get": STAFF}},
    "admin/autocomplete/": {"own": {"get": STAFF}},
    "admin/jsi18n/": {"own": {"get": STAFF}},
    "admin/^(?P<app_label>practices|auth)/$": STAFF,
    "admin/(?P<url>.*)$": "",
    "admin/practices/user/<id>/password/": ADMINISTRATORS,
    **{f"admin/practices/{name}/deleted/": EDITORS for name in REFERENCES},
    **{f"admin/practices/{name}/version/<int:key>/": {name: EDITORS} for name in REFERENCES},
    P: STAFF,
    f"{P}add/": STAFF,
    **{f"{P}assist/{name}/": {"own": {"post": STAFF}} for name in ("text", "completeness", "presence")},
    **{f"{P}assist/{name}/": {"own": {"get": STAFF}} for name in ("period", "point", "near-actors")},
    f"{P}assist/new-actor/": STAFF,
    f"{P}deleted/": EDITORS,
    f"{P}owner/": {"give own": EDITORS},
    f"{P}found/<int:key>/": SEEN,
    f"{P}import/": EDITORS,
    f"{P}import/template.<slug:kind>": EDITORS,
    f"{P}import/<int:key>/": {"import": EDITORS},
    f"{P}version/<int:key>/": SEEN | {"gone": EDITORS},
    f"{P}step/<slug:name>/": {"submit own": STAFF, "submit other": EDITORS, "publish own": EDITORS,
                              "publish other": EDITORS, "archive public": EDITORS},
    f"{P}<int:key>/preview/": SEEN,
    f"{P}<int:key>/prepare/": SEEN,
    f"{P}<path:object_id>/history/": SEEN,
    f"{P}<path:object_id>/delete/": SEEN,
    f"{P}<path:object_id>/change/": {**SEEN, "public": {"get": EDITORS}},
    f"{P}<path:object_id>/": STAFF,
}  # fmt: skip
# Open to whoever comes, with methods of their own.
DOORS = {
    *("admin/login/", "admin/logout/", "admin/account/code/", "admin/password_reset/"),
    *("admin/password_reset/done/", "admin/reset/<uidb64>/<token>/", "admin/reset/done/"),
}
# What everybody reads, and nobody writes to: route → the values of its parts.
PUBLIC = {
    "": {}, "practices/": {}, "practices/<slug:slug>/": {"slug": "public"},
    r"^practices/(?P<slug>[-a-zA-Z0-9_]+)/cite\.(?P<kind>bib|ris)$": {"slug": "public", "kind": "bib"},
    "preview/<str:token>/": {"token": "TOKEN"}, "lessons/": {}, "countries/": {}, "corridors/": {},
    "^countries/(?P<code>[A-Za-z0-9]{2})/$": {"code": "PH"},
    "^corridors/(?P<code>[A-Za-z0-9]{2}-[A-Za-z0-9]{2})/$": {"code": "PH-IT"},
    "actors/": {}, "actors/<slug:slug>/": {"slug": "naga"}, "themes/": {},
    "themes/<slug:slug>/": {"slug": "rights"}, "about/": {}, "help/": {}, "accessibility/": {},
    "suggest/": {}, "opensearch.xml": {}, "feed/": {}, "sitemap.xml": {},
    "sitemap-<slug:section>.xml": {"section": "practices"}, "robots.txt": {}, "favicon.ico": {},
    "api/v1/": {}, "api/v1/^practices/$": {}, "api/v1/^removed/$": {}, "api/v1/lessons/": {},
    "api/v1/^practices/(?P<slug>[-a-zA-Z0-9_]+)/$": {"slug": "public"},
    "api/v1/lessons/<slug:slug>/<int:number>/": {"slug": "public", "number": 1},
    "api/v1/^actors/$": {}, "api/v1/^countries/$": {}, "api/v1/^themes/$": {}, "api/v1/^objectives/$": {},
    "api/v1/^publications/$": {}, "api/v1/schema/": {},
    "api/v1/files/practices.<str:format>": {"format": "csv"},
    "api/v1/files/tables/<slug:table>.csv": {"table": "places"},
    "api/v1/files/practices/<slug:slug>.<str:format>": {"slug": "public", "format": "ris"},
    "api/v1/docs/": {}, r"api/v1/^actors/(?P<key>[-\w.]+)/$": {"key": "naga"},
    r"api/v1/^countries/(?P<key>[-\w.]+)/$": {"key": "PH"},
    r"api/v1/^themes/(?P<key>[-\w.]+)/$": {"key": "rights"},
    r"api/v1/^objectives/(?P<key>[-\w.]+)/$": {"key": "gcm-20"},
    r"api/v1/^publications/(?P<key>[-\w.]+)/$": {"key": "booklet"},
}  # fmt: skip
IMAGE = (
    r"^media/images/(?P<picture>[0-9a-f]{24})-(?P<width>[0-9]{1,4})\.(?P<ending>jpg|png)$"  # test_pictures.py
)
# In this setting, or ever.
NOT_HERE = {
    *(".well-known/security.txt", "styleguide/", r"api/v1/^(?P<rest>[\s\S]*)$", IMAGE),
    r"^api(?P<rest>/[\s\S]*)?$",
}


def routes(resolver=None, before: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, route)
        else:
            yield route


def address(route: str, **parts: object) -> str:
    """Return the address of a route with its placeholders filled."""
    parts = {
        "rest": "none",
        "kind": "csv",
        "url": "none/",
        "app_label": "practices",
        "content_type_id": 1,
    } | parts
    parts = {"picture": "a" * 24, "width": 480, "ending": "jpg"} | parts

    filled = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)|<(?:\w+:)?(\w+)>",
                    lambda found: str(parts[found[1] or found[2]]), route)  # fmt: skip
    return "/" + re.sub(r"[\^$\\]", "", filled)


def model_line(route: str) -> tuple[str, str] | None:
    """Return the model and the page of an address that the admin has for every model."""
    found = re.fullmatch(
        r"admin/(\w+)/(\w+)/(?:(add)/|<path:object_id>/(?:(history|delete|change)/)?)?", route
    )
    if found is None or f"{found[1]}_{found[2]}" not in MODELS:
        return None
    page = found[3] or found[4] or ("object" if "object_id" in route else "list")
    return f"{found[1]}_{found[2]}", page


@pytest.fixture
def things(db) -> dict:
    """An object behind every address: practices of a contributor, of another one, and public ones."""
    own, other = make_person("cora", "Contributors"), make_person("carl", "Contributors")
    country = make_country("PH", region=make_region("035", "Asia"))
    made = {
        "auth_group": Group.objects.first(),
        "practices_region": country.region,
        "practices_country": country,
        "practices_objective": make_objective("gcm-20"),
        "practices_actor": make_actor("naga", "local-authorities"),
        "practices_actortype": make_actor("naga").type,
        "practices_theme": make_theme("rights"),
        "practices_publication": make_publication(),
        "practices_synonym": Synonym.objects.create(words="a, b"),
        "practices_user": other,
        "practices_auditentry": AuditEntry.objects.create(action="x"),
        "own": make_practice(status="draft", owner=own),
        "other": make_practice(status="draft", owner=other),
        "public": make_practice(
            slug="public", countries=("PH",), corridors=("PH-IT",), themes=("rights",), actors=("naga",),
            lessons=("A",), objectives=("gcm-20",),
        ),
    }  # fmt: skip
    Practice.objects.filter(slug="public").update(publication=made["practices_publication"])
    for name in ("own", "other", "public"):
        made[f"version {name}"] = versions.save_version(made[name], "changed", None)
    gone = make_practice(status="draft")
    boss = make_editor("root")
    transitions.delete_practices([gone], boss)
    made["version gone"] = versions.deleted_practices().get()
    made["import"] = Import.objects.create(file="a.csv", lines=[], state="undone")
    for name in REFERENCES:
        made[f"version {name}"] = reference_versions.save_row_version(
            made[f"practices_{name}"], "changed", None
        )
    made["token"] = link(made["other"])[0].split("/")[2]
    return made


@pytest.fixture
def clients(things) -> dict[str, Client]:
    logged_out = Client()
    clients = {"N": logged_out}
    late = make_person("fay", "Editors")
    SecondFactor.objects.create(user=late, secret="A" * 32)
    people = {
        "C": things["own"].owner,
        "E": make_person("ed", "Editors"),
        "A": make_person("ada", "Administrators"),
        "S": make_editor("sue"),
        "F": late,
    }
    for role, person in people.items():
        clients[role] = Client(headers={"accept": "text/html"})
        clients[role].force_login(person)
    return clients


def cells(things: dict) -> Iterator[tuple[str, str, dict[str, str] | str]]:
    """Yield what to request in every role: (name of the entry, address, allowed roles by method)."""
    for route in dict.fromkeys(routes()):
        if line := model_line(route):
            model, page = line
            see, add, change, delete = MODELS[model]
            may = {"list": see, "add": add, "change": see, "history": see, "delete": delete, "object": STAFF}[
                page
            ]
            by_method = dict.fromkeys(METHODS, may)
            if page == "change":
                by_method["post"] = change
            yield route, address(route, object_id=things[model].pk), by_method
        elif route in DESK:
            lines = DESK[route]
            for name, may in lines.items() if isinstance(lines, dict) else [("own", lines)]:
                step, _sign, thing = name.rpartition(" ")
                key = things[f"version {name}" if "version" in route else thing].pk
                where = address(route, key=key, object_id=key, name=step, id=things["practices_user"].pk)
                where += f"?practice={key}" if step else ""
                where += (
                    "?app_label=practices&model_name=place&field_name=country" if "autocomp" in route else ""
                )
                yield f"{route} {name}", where, dict.fromkeys(METHODS, may) if isinstance(may, str) else may
        elif route in PUBLIC:
            parts = {k: things["token"] if v == "TOKEN" else v for k, v in PUBLIC[route].items()}
            yield route, address(route, **parts), "public"
        elif route in DOORS:
            yield route, address(route, uidb64="x", token="x"), "door"
        elif route in NOT_HERE:
            yield route, address(route), "not here"
        else:
            yield route, "", "no line"


def outcome(response: HttpResponse) -> str:
    """Return whether a response grants access, or why not."""
    to = response.headers.get("Location", "")
    if response.status_code == 405:
        return "405"
    if (
        response.status_code == 401
        or to.startswith("/admin/login/")
        or "handed back" in str(response.reason_phrase)
    ):
        return "login"
    if to == "/admin/account/code/":
        return "code"
    return "no" if response.status_code in {403, 404} or to == "/admin/" else "in"


def test_every_address_has_a_line(things):
    assert [route for route, _address, line in cells(things) if line == "no line"] == []
    known = {*DESK, *PUBLIC, *DOORS, *NOT_HERE}
    assert known <= set(routes())


@pytest.mark.parametrize("role", ALL)
def test_each_role_gets_in_where_it_should_and_nowhere_else(role, clients, things, monkeypatch):
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")  # who gets in is decided before
    wrong = {}
    cookies = clients[role].cookies.output()
    for line, where, may in cells(things):
        if may == "no line":
            continue
        # What is public is the same for everybody, and a HEAD is a GET: they are tried once.
        for method in METHODS if role == "N" else ["get"] if may == "public" else [*CHANGING, "get"]:
            clients[role].cookies = SimpleCookie(cookies.replace("Set-Cookie: ", ""))  # one may log out
            with transaction.atomic():
                response = getattr(clients[role], method)(where)
                got = outcome(response)
                transaction.set_rollback(True)
            expected = awaited(role, method, may)
            if got not in expected or response.status_code >= 500:
                wrong[f"{method} {line}"] = f"{got} ({response.status_code}), not {' or '.join(expected)}"
    assert wrong == {}


def awaited(role: str, method: str, may: dict[str, str] | str) -> set[str]:
    if may == "public":
        return {"405"} if method in CHANGING else {"in"}
    if may == "door":
        return {"in", "no", "login", "code", "405"}
    if may == "not here":
        return {"no", "405"}
    if method not in {"get", "head", "post"}:
        return {"405"}
    if role == "N":
        return {"no"} if method == "post" else {"login"}  # a form sent too late is handed back
    if role == "F":
        return {"no"} if method == "post" else {"code"}
    return {"in"} if role in may.get(method, "") else {"no", "405"}


def test_looking_at_every_page_of_the_desk_changes_nothing(clients, things, monkeypatch):
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    log = AuditEntry.objects.exclude(action="refused")
    before = (list(Practice.objects.values()), versions.Revision.objects.count(), log.count())
    for _line, where, may in cells(things):
        if isinstance(may, dict):  # not what is public
            clients["S"].get(where)
    now = (list(Practice.objects.values()), versions.Revision.objects.count(), log.count())
    assert now == before
