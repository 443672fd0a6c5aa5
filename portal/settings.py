"""Settings, read from the environment or a `.env` file next to `manage.py`; the environment has priority.

`docs/reference/settings.md` lists the variables. The defaults suit a public site.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from dotenv import dotenv_values, load_dotenv
from jinja2 import StrictUndefined

from portal import environment
from portal.error_reporting import start_sentry
from portal.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
ENV_FILE = BASE_DIR / ".env"
environment.refuse_unknown(os.environ, dotenv_values(ENV_FILE))
load_dotenv(ENV_FILE)

# What an operator sets
DEBUG = environment.boolean("DEBUG", False)
SITE_URL = environment.site_url("SITE_URL", "http://127.0.0.1:8000")
HOST = urlsplit(SITE_URL).hostname
SECRET_KEY = environment.secret("SECRET_KEY", in_public=HOST not in environment.OWN_MACHINE)
SITE_NAME = environment.text("SITE_NAME") or _("Useful practices")
CONTACT_EMAIL = environment.email_address("CONTACT_EMAIL")
PROXIES = environment.number(
    "PROXIES", int(SITE_URL.startswith("https://")), most=9
)  # in front of this server
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS", HOST)
MEDIA_ROOT = environment.folder("MEDIA_ROOT", BASE_DIR / "media")
DATABASES = {"default": environment.database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'portal.sqlite3'}")}
REQUIRE_SECOND_FACTOR = environment.boolean("REQUIRE_SECOND_FACTOR", False)
API_RATE = environment.number("API_RATE", 1200)  # requests of one address in a minute
SEARCH_RATE = environment.number("SEARCH_RATE", 300)  # searches of the site by one address in a minute
if environment.read("REPLICA_URL"):
    DATABASES["replica"] = environment.replica("REPLICA_URL", DATABASES["default"]) | {
        "TEST": {"MIRROR": "default"}
    }
    DATABASE_ROUTERS = ["portal.replica.Router"]
CACHES = {"default": environment.cache("CACHE_URL")}
globals().update(environment.mail("EMAIL_URL", DEBUG))
DEFAULT_FROM_EMAIL = CONTACT_EMAIL or f"noreply@{HOST}"

# What an operator sees
LOGGING = logging_settings(DEBUG)
SLOW_QUERY_MS = environment.number("SLOW_QUERY_MS", 500)
METRICS_ADDRESS = environment.port("METRICS_PORT")
start_sentry("SENTRY_DSN")

# The application
INSTALLED_APPS = [
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # its templates, which FORM_RENDERER takes from here
    "django_filters",
    "practices",
]
# Those that set headers stand before the one that serves static files, so that files carry them too.
MIDDLEWARE = [
    "portal.request_logging.request_logging_middleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.security_headers_middleware",
    "portal.middleware.cache_control_middleware",
    "portal.middleware.url_length_middleware",
    "portal.middleware.health_middleware",
    "portal.middleware.search_throttling_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_http_compression.middleware.HttpCompressionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if "replica" in DATABASES:
    MIDDLEWARE.insert(0, "portal.replica.replica_middleware")
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "practices.User"
AUTHENTICATION_BACKENDS = ["practices.accounts.logins.AccountBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
SESSION_ENGINE = "practices.models.session"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
# Public pages are Jinja2, which renders a long list several times faster; the editors' desk is Django's own.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "site"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "portal.jinja.environment",
            "undefined": StrictUndefined,
            "trim_blocks": True,
            "lstrip_blocks": True,
            # Nothing of accounts or messages: a reader has no session.
            "context_processors": ["practices.site.context_processors.site"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.MinimumLengthValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "practices.accounts.passwords.SiteWordsValidator",
    )
]

PASSWORD_RESET_TIMEOUT = 3600
SESSION_COOKIE_AGE = 12 * 3600  # a working day, however busy, or less (models/session.py): no word is lost

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
CONTENT_LANGUAGES = [("en", _("English")), ("fr", _("French")), ("es", _("Spanish")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "portal.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files: hashed names, compressed once, served for a year. In development they are served unhashed.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Headers that Django sets; the others are in portal/middleware.py.
HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]  # asked by a watcher on the machine itself
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # a browser takes these names from this very host alone
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "practices.site.errors.csrf_failure"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a practice with a hundred rows has some seven hundred

# The API only reads, and needs to know nobody.
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["practices.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_CLASSES": ["practices.api.throttling.NetworkThrottle"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "practices.api.negotiation.ContentNegotiation",
    "DEFAULT_SCHEMA_CLASS": "practices.api.autoschema.DocumentSchema",
    "DEFAULT_PAGINATION_CLASS": "practices.api.pagination.PagePagination",
    "EXCEPTION_HANDLER": "practices.api.errors.problem_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],  # enums stay where they are used
}
