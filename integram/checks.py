"""``manage.py check --deploy``: what is wrong with this deployment, in the words of the environment (.env.example)."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from qdm.managers import server

OWN_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
OLDEST = 150000  #: PostgreSQL 15
#: Connections beside the pool of one web process: worker, listener, video, an administrator.
BESIDE_POOL = 10
LEAST_DISK = 2 * 2**30  #: bytes free under VAR_DIR


@register(deploy=True)
def reachable(app_configs: Any, **_of: Any) -> list[CheckMessage]:
    """Where it is served, and how."""
    return list(_reachable())


def _reachable() -> Iterator[CheckMessage]:
    outside = set(settings.ALLOWED_HOSTS) - OWN_HOSTS
    if "*" in outside:
        yield Error("ALLOWED_HOSTS=* takes any name: links in e-mails could lead elsewhere.",
                    hint="Name the hosts it is reached by.", id="integram.E001")  # fmt: skip
    if settings.HOST not in LOOPBACK and not outside:
        yield Error(f"HOST={settings.HOST} is open to other machines, but no name they could use is allowed.",
                    hint="Name it in ALLOWED_HOSTS, as in their address bar.", id="integram.E002")  # fmt: skip
    if outside and not settings.BEHIND_HTTPS:
        yield Warning("Other machines sign in without HTTPS: passwords and sessions can be read on the way.",
                      hint="Put a proxy with TLS in front and set BEHIND_HTTPS=1.", id="integram.W003")  # fmt: skip
    if settings.BEHIND_HTTPS and settings.HOST not in LOOPBACK:
        yield Warning(f"HOST={settings.HOST} can be reached past the proxy, and X-Forwarded-Proto is believed.",
                      hint="Set HOST=127.0.0.1, or let only the proxy reach the port.", id="integram.W004")  # fmt: skip
    if settings.BEHIND_HTTPS and not settings.METRICS_TOKEN:
        yield Info("/metrics is closed: behind a proxy it takes METRICS_TOKEN.", id="integram.I005")
    if os.environ.get("WEB_CONCURRENCY", "1") not in {"", "0", "1"} and not settings.REDIS_URL:
        yield Error("Several web processes without REDIS_URL: each would limit calls alone.",
                    hint="Set REDIS_URL, or WEB_CONCURRENCY=1.", id="integram.E006")  # fmt: skip


@register(deploy=True)
def kept(app_configs: Any, **_of: Any) -> list[CheckMessage]:
    """What lies in VAR_DIR."""
    return list(_kept())


def _kept() -> Iterator[CheckMessage]:
    key = settings.VAR_DIR / "secret_key"
    if key.exists() and key.stat().st_mode & 0o077:
        yield Error(f"Others on this machine may read {key}.", hint=f"chmod 600 {key}", id="integram.E007")
    if (free := shutil.disk_usage(settings.VAR_DIR).free) < LEAST_DISK:
        yield Warning(f"{free // 2**20} MB are free under {settings.VAR_DIR}: writes are refused once it is full.",
                      id="integram.W008")  # fmt: skip
    if settings.LOG_LEVEL == "DEBUG":
        yield Warning("LOG_LEVEL=DEBUG writes what people do into the log.", id="integram.W009")


@register(deploy=True)
def database(app_configs: Any, **_of: Any) -> list[CheckMessage]:
    """The server the data is in."""
    try:
        found = server.look()
        behind = MigrationExecutor(connection)
        plan = behind.migration_plan(behind.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return [Error(f"The database does not answer: {type(error).__name__}.", hint="Is DATABASE_URL right, and is "
                      "the server up?", id="integram.E010")]  # fmt: skip
    return [*_server(found), *_behind(len(plan))]


def _behind(number: int) -> Iterator[CheckMessage]:
    if number:
        yield Error(f"The database is {number} migrations behind the program.", hint="manage.py migrate",
                    id="integram.E011")  # fmt: skip


def _server(found: server.Server) -> Iterator[CheckMessage]:
    if found.version < OLDEST:
        yield Error(f"PostgreSQL {found.version // 10000} is too old.", hint="15 or newer.", id="integram.E012")
    if found.encoding != "UTF8":
        yield Error(f"The database is encoded in {found.encoding}.", hint="Make one in UTF8.", id="integram.E013")
    if not found.cases:
        yield Error("The database does not lower Cyrillic letters: people would not find what they search for.",
                    hint="Make one with a UTF-8 locale that is not plain C.", id="integram.E014")  # fmt: skip
    pool = settings.DATABASES["default"]["OPTIONS"].get("pool") or {}
    if pool and pool["max_size"] + BESIDE_POOL > found.max_connections:
        yield Error(f"DATABASE_POOL={pool['max_size']} and the {found.max_connections} connections of the server "
                    "leave none for the worker.", hint="Lower DATABASE_POOL or raise max_connections.",
                    id="integram.E015")  # fmt: skip
