"""Settings of the project, fed by the environment through the typed readers of ``integram.env``.

Every variable is documented in ``.env.example``.
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from integram import env, sign_in
from integram.embedded import DATABASE, SUPERUSER, Server
from integram.sign_in import *  # noqa: F403 - settings, every one of them

BASE_DIR = Path(__file__).resolve().parent.parent

# -- where things lie

VAR_DIR = env.directory("VAR_DIR", BASE_DIR / "var")
MEDIA_ROOT = VAR_DIR / "files"
STATIC_ROOT = VAR_DIR / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
LOCALE_PATHS = [BASE_DIR / "locale"]

# -- where and as whom it is served

HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, minimum=1, maximum=65535)
DEBUG = env.flag("DEBUG", False)
#: The machine's own names always work, for health checks.
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS", []), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])
#: Set where a proxy in front ends TLS: cookies only over HTTPS, and the proxy's X-Forwarded-Proto is believed.
BEHIND_HTTPS = env.flag("BEHIND_HTTPS", False)


def _secret_key() -> str:
    """SECRET_KEY, else the one in VAR_DIR, made on the first start and readable by this user only."""
    if key := env.text("SECRET_KEY"):
        if len(key) < 32:
            raise env.BadSetting("SECRET_KEY", "…", "at least 32 characters")
        return key
    path = VAR_DIR / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key


SECRET_KEY = _secret_key()

# -- what it is made of

# Ours come last: the admin of rbac replaces what Django and guardian have registered by then. What our templates
# replace lies in templates/, which is looked at first.
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "guardian",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "procrastinate.contrib.django",
    "integram",
    "integram.repeats",
    "integram.api",
    "integram.grid",
    "integram.intake",
    "integram.deliveries",
    "video",
    "rbac",
    "qdm",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "integram.content_security.ContentSecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "integram.request_log.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
# Calls by programs pass none of these but the log (integram/programs.py): a bearer token is no cookie, and their
# language is English.

ROOT_URLCONF = "integram.urls"
ASGI_APPLICATION = "integram.asgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# -- database

#: Whether the server is the one in the wheel, started by ``integram.embedded``.
EMBEDDED = not env.text("DATABASE_URL")

_database: dict[str, Any] = env.database("DATABASE_URL") or {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": DATABASE,
    "USER": SUPERUSER,
    "HOST": str(Server(VAR_DIR).socket_directory),
    "OPTIONS": {},
}
_database["OPTIONS"].setdefault("connect_timeout", 10)
_database["OPTIONS"].setdefault("prepare_threshold", 2)  #: a statement asked so often on a connection is prepared there
# Lists compare very unequal parameters, so a generic plan is a bad one; the rest is for data that is in memory.
_database["OPTIONS"]["options"] = " ".join(
    [
        _database["OPTIONS"].get("options", ""),
        "-c jit=off -c plan_cache_mode=force_custom_plan -c random_page_cost=1.1",
    ]
).strip()
# Under ASGI each request has a thread of its own: connections are shared through a pool (seconds).
_database["OPTIONS"]["pool"] = {
    "min_size": 1,
    "max_size": env.integer("DATABASE_POOL", 20, minimum=2, maximum=500),
    "timeout": 10,
}
DATABASES = {"default": _database}
#: Threads for calls by programs; each keeps a connection of the pool.
API_THREADS = max(_database["OPTIONS"]["pool"]["max_size"] // 2, 1)

# -- Redis, where there are several web processes; one process needs none

REDIS_URL = env.redis_url("REDIS_URL")
CHANNEL_LAYERS: dict[str, Any]
_process_cache = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 20_000},  # counters of calls must not be thrown out
}
#: "process" is each process's own; "default" all have in common where there is Redis.
CACHES: dict[str, dict[str, Any]] = {"default": _process_cache, "process": _process_cache}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},  # seconds a call may wait for a count
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# -- people

AUTH_USER_MODEL = "rbac.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ANONYMOUS_USER_NAME = None
SESSION_ENGINE = "rbac.sessions"  # each session with its user, so that it can be listed and ended
# Somebody who guesses at a password is locked out for a while, from his address and for that name only, so that nobody
# can lock another out of his own account.
AXES_FAILURE_LIMIT = 8
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_VERBOSE = False
# Other ways to sign in, off unless they are named.
INSTALLED_APPS += sign_in.apps
AUTHENTICATION_BACKENDS += sign_in.backends
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# -- language and time

LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "ru", ["ru", "en"])
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/Moscow")
USE_TZ = True
FORMAT_MODULE_PATH = "integram.formats"

# -- files and static

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "integram.static_storage.ModuleManifestStorage"
    },
}

# -- safety

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if BEHIND_HTTPS:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

# -- e-mail

#: Where this site is reached, for addresses in letters.
SITE_URL = env.text("SITE_URL", f"http://{HOST}:{PORT}").rstrip("/")
#: Without a server for outgoing mail letters are written to the log.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.integer("EMAIL_PORT", 587, minimum=1, maximum=65535)
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
_security = env.choice("EMAIL_SECURITY", "starttls", ["tls", "starttls", "none"])
EMAIL_USE_SSL, EMAIL_USE_TLS = _security == "tls", _security == "starttls"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "integram@localhost")
#: The mailbox whose letters bring files to upload forms; without a host there is none.
IMAP_HOST = env.text("IMAP_HOST")
IMAP_SECURITY = env.choice("IMAP_SECURITY", "tls", ["tls", "starttls", "none"])
IMAP_PORT = env.integer("IMAP_PORT", 993 if IMAP_SECURITY == "tls" else 143, minimum=1, maximum=65535)
IMAP_USER = env.text("IMAP_USER")
IMAP_PASSWORD = env.text("IMAP_PASSWORD")
#: Letters are taken out of the first folder and end in the second.
IMAP_FOLDER = env.text("IMAP_FOLDER", "INBOX")
IMAP_DONE_FOLDER = env.text("IMAP_DONE_FOLDER", "Integram")

# -- files fetched from the web by upload forms

#: Networks outside the public Internet that they may be in.
SOURCE_ALLOWED_NETS = env.networks("SOURCE_ALLOWED_NETS")

# -- trash and history

#: Days after which what is in the trash is erased; 0: never.
TRASH_DAYS = env.integer("TRASH_DAYS", 90, minimum=0, maximum=100_000)
#: Days the history of a workspace without a figure of its own is kept, at least TRASH_DAYS; 0: for ever.
HISTORY_DAYS = env.integer("HISTORY_DAYS", 0, minimum=0, maximum=100_000)

# -- files of cells

#: The largest file of a cell, bytes.
CELL_FILE_BYTES = env.integer("CELL_FILE_MEGABYTES", 25, minimum=1, maximum=1000) * 2**20

# -- REST

#: The largest body of a call, and of any request (workbooks come in one), bytes.
API_BODY_BYTES = env.integer("API_BODY_MEGABYTES", 20, minimum=1, maximum=1000) * 2**20
BODY_BYTES = env.integer("BODY_MEGABYTES", 512, minimum=1, maximum=10_000) * 2**20
#: After so many seconds a statement of a call is stopped.
API_STATEMENT_SECONDS = env.integer("API_STATEMENT_SECONDS", 30, minimum=1, maximum=3600)
#: Calls a minute: of one token, of one address, failed sign-ins of one address. 0: as many as they like.
API_RATE_TOKEN = env.integer("API_RATE_TOKEN", 6_000, minimum=0, maximum=10_000_000)
API_RATE_ADDRESS = env.integer("API_RATE_ADDRESS", 12_000, minimum=0, maximum=10_000_000)
API_RATE_FAILURES = env.integer("API_RATE_FAILURES", 120, minimum=0, maximum=10_000_000)
#: Networks outside the public Internet that webhooks may be in.
WEBHOOK_ALLOWED_NETS = env.networks("WEBHOOK_ALLOWED_NETS")
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Integram",
    "DESCRIPTION": "Tables, records, questions and live video of Integram. Every call takes a bearer token.",
    "VERSION": "1",
    "POSTPROCESSING_HOOKS": ["integram.api.openapi.document.add_calls"],
}

# -- live video (every limit: video/limits.py)

#: The one folder that file sources may be in.
VIDEO_ROOT = env.directory("VIDEO_ROOT", VAR_DIR / "video")
#: Patterns of hosts that may be sources, and networks outside the public Internet that they may be in.
VIDEO_ALLOWED_HOSTS = env.words("VIDEO_ALLOWED_HOSTS", ["*"])
VIDEO_ALLOWED_NETS = env.networks("VIDEO_ALLOWED_NETS")
#: Authority of cameras with certificates of their own, as a PEM file.
VIDEO_TLS_CA_FILE = env.text("VIDEO_TLS_CA_FILE") or None
#: Whether ``manage.py video_worker`` captures for this web process.
VIDEO_WORKER = env.flag("VIDEO_WORKER", False)
VIDEO_MAX_SOURCES = env.integer("VIDEO_MAX_SOURCES", 16, minimum=1, maximum=1000)
VIDEO_MAX_VIEWERS = env.integer("VIDEO_MAX_VIEWERS", 100, minimum=1, maximum=100_000)
VIDEO_MAX_VIEWERS_PER_USER = env.integer("VIDEO_MAX_VIEWERS_PER_USER", 32, minimum=1, maximum=100_000)
VIDEO_RECORD_HOURS = env.integer("VIDEO_RECORD_HOURS", 24, minimum=1, maximum=100_000)
VIDEO_RECORD_MEGABYTES = env.integer("VIDEO_RECORD_MEGABYTES", 2048, minimum=1, maximum=100_000_000)

# -- operating

#: Whether it is counted which columns people ask by: the worker makes indexes for them.
COUNT_COLUMN_USES = env.flag("COUNT_COLUMN_USES", True)

#: What a program says to read /metrics ("Authorization: Bearer …"); without one only this machine reads it.
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise env.BadSetting("METRICS_TOKEN", "…", "at least 20 characters")
#: Statements that take longer are logged with their plan, milliseconds; 0: none.
SLOW_STATEMENT_MS = env.integer("SLOW_STATEMENT_MS", 1000, minimum=0, maximum=3_600_000)
#: Whether their values are logged too: what people search for and type.
SLOW_STATEMENT_VALUES = env.flag("SLOW_STATEMENT_VALUES", False)
#: Ours say the same in the words of the environment (integram.checks).
SILENCED_SYSTEM_CHECKS = [f"security.W{number}" for number in ("004", "005", "008", "012", "016", "021")]

# -- log: one line an event, to standard error

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "integram.request_log.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} request={request_id} {message}", "style": "{"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "integram": {"level": LOG_LEVEL},
        "qdm": {"level": LOG_LEVEL},
        "rbac": {"level": LOG_LEVEL},
        "video": {"level": LOG_LEVEL},
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
