"""Typed readers of the environment.

Each takes the name of a variable and a default, and raises ``BadSetting`` with the name, the value and what was
expected. A variable that is set to nothing counts as not set, as in ``PORT= make run`` and in a half-filled ``.env``.
"""

import os
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class BadSetting(ImproperlyConfigured):
    """A variable of the environment has a value that cannot be used."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r}: expected {expected}.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int, *, minimum: int, maximum: int) -> int:
    raw = text(name)
    if not raw:
        return default
    expected = f"a whole number from {minimum} to {maximum}"
    try:
        value = int(raw)
    except ValueError:
        raise BadSetting(name, raw, expected) from None
    if not minimum <= value <= maximum:
        raise BadSetting(name, raw, expected)
    return value


def flag(name: str, default: bool) -> bool:
    raw = text(name).lower()
    if not raw:
        return default
    if raw not in TRUE | FALSE:
        raise BadSetting(name, raw, "1 or 0, true or false, yes or no, on or off")
    return raw in TRUE


def words(name: str, default: Sequence[str]) -> list[str]:
    """Values parted by commas or blanks."""
    return text(name).replace(",", " ").split() or list(default)


def networks(name: str) -> list[str]:
    """Networks in CIDR form, parted by commas or blanks."""
    values = words(name, [])
    for value in values:
        try:
            ip_network(value)
        except ValueError:
            raise BadSetting(name, value, "networks such as 192.168.1.0/24 10.0.0.0/8") from None
    return values


def choice(name: str, default: str, choices: Sequence[str]) -> str:
    raw = text(name, default)
    if raw not in choices:
        raise BadSetting(name, raw, "one of " + ", ".join(choices))
    return raw


def directory(name: str, default: Path) -> Path:
    """Absolute path of a directory, which is made when it is missing."""
    path = Path(text(name, str(default))).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(name, str(path), f"a directory that can be made and written ({error.strerror})") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise BadSetting(name, str(path), "a directory that this user may write")
    return path


def time_zone(name: str, default: str) -> str:
    raw = text(name, default)
    try:
        ZoneInfo(raw)
    except (KeyError, ValueError, OSError):
        raise BadSetting(name, raw, "a time zone such as Europe/Moscow") from None
    return raw


def redis_url(name: str) -> str:
    """URL of a Redis server, '' for none."""
    raw = text(name)
    if not raw:
        return ""
    parts = urlsplit(raw)
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.hostname or parts.path):
        raise BadSetting(name, raw, "a URL such as redis://localhost:6379/0")
    return raw


def database(name: str) -> dict[str, Any] | None:
    """Django's connection settings of a PostgreSQL URL, as libpq itself reads it; None when it is not set.

    Whatever libpq knows may stand in the URL's query: ``?sslmode=require``, ``?host=/run/postgresql``. The message
    leaves the value out, because it may hold a password.
    """
    raw = text(name)
    if not raw:
        return None
    expected = "a URL such as postgresql://user:password@localhost:5432/integram"
    if not raw.startswith(("postgresql://", "postgres://")):
        raise BadSetting(name, "…", expected)
    try:
        options: dict[str, Any] = conninfo_to_dict(raw)
    except psycopg.ProgrammingError:
        raise BadSetting(name, "…", expected) from None
    if "dbname" not in options:
        raise BadSetting(name, "…", expected + ", with the name of a database")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname"),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
    }
