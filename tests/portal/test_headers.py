"""The headers of every kind of response, for an A+ of Mozilla's Observatory; static files with a long
lifetime."""

import json
import os
import re
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import path

from portal.urls import handler400, handler404, urlpatterns  # noqa: F401 (a URL configuration has them)
from tests.factories import make_practice

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

POLICY = {
    "default-src": ["'none'"],
    "base-uri": ["'none'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "img-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
}
SET = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), "
        "screen-wake-lock=(), usb=(), xr-spatial-tracking=()"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
WITHOUT_FRAMES = {
    name: value for name, value in SET.items() if name != "X-Frame-Options"
}  # the policy says it
# What any page's script may read.
OPEN = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Content-Disposition, ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
    ),
}
# What an answer says of itself, beside what guards it.
OF_ITS_OWN = {
    *("Content-Type", "Content-Length", "Content-Disposition", "Allow", "Location", "Vary", "ETag"),
    *("Last-Modified", "Cache-Control", "Expires", "X-Robots-Tag", "Content-Language", "Link"),
    "X-Request-ID",
}


def deny(request):
    raise PermissionDenied


def fail(request):
    raise RuntimeError


urlpatterns = [*urlpatterns, path("denied/", deny), path("failed/", fail)]


def guards(response) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the policy and all other headers except those of the response itself."""
    headers = {name: value for name, value in response.headers.items() if name not in OF_ITS_OWN}
    directives = (part.split() for part in headers.pop("Content-Security-Policy").split(";"))
    return {name: values for name, *values in directives}, headers


def body(response) -> bytes:
    """Return the content of a static file and close it, as a server does."""
    content = b"".join(response.streaming_content)
    response.close()
    return content


KINDS = {
    "home": ("/", 200),
    "a list": ("/practices/?q=bonds", 200),
    "a practice": ("/practices/bonds/", 200),
    "words": ("/about/", 200),
    "a feed": ("/feed/", 200),
    "a feed refused": ("/feed/?kind=book", 400),
    "the site map": ("/sitemap.xml", 200),
    "suggestions": ("/suggest/?q=bond", 200),
    "data": ("/api/v1/practices/", 200),
    "data refused": ("/api/v1/practices/?kind=book", 400),
    "a citation": ("/practices/bonds/cite.bib", 200),
    "a redirect": ("/countries/ph/", 301),
    "robots": ("/robots.txt", 200),
    "no such page": ("/nothing/", 404),
    "a denied page": ("/denied/", 403),
    "a failed page": ("/failed/", 500),
    "the desk's door": ("/admin/login/", 200),
}


READ_BY_OTHER_SITES = {"a feed", "a feed refused", "suggestions", "data", "data refused", "a citation"}


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_carries_the_whole_set_and_nothing_more(kind):
    make_practice("Bonds", slug="bonds", countries=("PH",))
    address, status = KINDS[kind]
    response = Client(raise_request_exception=False).get(address)
    assert response.status_code == status
    expected = SET | OPEN if kind in READ_BY_OTHER_SITES else SET
    if kind == "the desk's door":  # Django's own referrer policy for signing in
        expected = SET | {"Referrer-Policy": response.headers["Referrer-Policy"]}
    assert guards(response) == (POLICY, expected)


@pytest.mark.parametrize("address", ["/static/css/site.css", "/static/img/icon.svg", "/static/js/suggest.js"])
def test_static_files_carry_it_too_and_are_for_this_site_alone(client, address):
    response = client.get(address)
    assert (response.status_code, body(response) > b"") == (200, True)
    assert guards(response) == (POLICY, WITHOUT_FRAMES)


HTTPS = """
import json, django
django.setup()
from django.test import Client
host = {"host": "practices.example"}
ask = lambda way: Client().get("/robots.txt", headers=host | {"x-forwarded-proto": way})
answers = [ask("https"), ask("http")]
names = ("Strict-Transport-Security", "Location")
print(json.dumps([[answer.status_code, *map(answer.headers.get, names)] for answer in answers]))
"""


@pytest.mark.slow
def test_with_https_browsers_are_told_to_stay_with_it_and_http_leads_there(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DEBUG": "false",
        "SITE_URL": "https://practices.example",
        "ALLOWED_HOSTS": "practices.example",
        "DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3",
    }
    command = [sys.executable, "-c", HTTPS]
    result = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    assert json.loads(result.stdout or "null") == [
        [200, "max-age=31536000; includeSubDomains; preload", None],
        [301, None, "https://practices.example/robots.txt"],
    ], result.stderr


# Static files as production serves them -------------------------------------------------------------------


@pytest.fixture
def collected(tmp_path):
    """A client of a site whose own static files are collected, hashed and compressed."""
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(
        DEBUG=False, STATIC_ROOT=tmp_path, STORAGES=storages, WHITENOISE_USE_FINDERS=False,
        WHITENOISE_AUTOREFRESH=False,
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    ):  # fmt: skip
        call_command("collectstatic", interactive=False, verbosity=0)
        yield Client()


@pytest.mark.slow
def test_a_static_file_is_hashed_kept_for_years_and_compressed_as_the_browser_can_read(collected):
    page = collected.get("/about/").content.decode()
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    assert len(sheets) == 1
    assert re.fullmatch(r"/static/css/site\.[0-9a-f]{12}\.css", sheets[0])
    plain = collected.get(sheets[0])
    whole = body(plain)
    assert whole == (settings.BASE_DIR / "static/css/site.css").read_bytes()
    assert plain.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert plain.headers["Vary"] == "Accept-Encoding"
    for asked, answered in (("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)):
        response = collected.get(sheets[0], headers={"accept-encoding": asked})
        length = len(body(response))
        assert response.headers.get("Content-Encoding") == answered
        assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        assert (length < len(whole) / 3) == (answered is not None)
    assert guards(plain)[0] == POLICY


@pytest.mark.slow
def test_everything_that_a_page_loads_is_hashed(collected):
    page = collected.get("/").content.decode()
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert sorted({re.sub(r"\.[0-9a-f]{12}\.", ".", name) for name in loaded}) == [
        "/static/css/site.css",
        "/static/img/icon.svg",
        "/static/js/suggest.js",
    ]
    assert [name for name in loaded if not re.search(r"\.[0-9a-f]{12}\.\w+$", name)] == []
    for name in loaded:
        response = collected.get(name)
        assert (response.status_code, "immutable" in response.headers["Cache-Control"]) == (200, True)
        body(response)


@pytest.mark.slow
def test_a_file_under_its_plain_name_is_asked_for_again_after_a_minute(collected):
    response = collected.get("/static/css/site.css")  # the page of a failure names it so
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "max-age=60, public")
    body(response)


def test_djangos_own_page_of_an_error_may_have_its_style_inline_while_developing(client, db, settings):
    assert "Content-Security-Policy" in client.get("/nothing/").headers
    settings.DEBUG = True
    page = client.get("/nothing/")
    assert b"<style" in page.content
    assert "Content-Security-Policy" not in page.headers
    assert "Content-Security-Policy" in client.get("/about/").headers
