"""How many calls a minute: of one token, of one address, and of failed tokens of one address.

Counted in the cache in windows of a minute: in Redis for all processes together, else in each process by itself.
"""

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qdm.errors import QdmError

WINDOW = 60  #: seconds


class RateLimited(QdmError):
    """``retry_after``: seconds until calls are taken again."""

    code = "rate_limited"
    status = 429
    default = _("Too many requests. Wait and try again.")

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def of_address(request: HttpRequest) -> None:
    """Count a call of this address. Raises RateLimited, also for one whose tokens have failed too often."""
    address = request.META.get("REMOTE_ADDR", "")
    _count("address", address, settings.API_RATE_ADDRESS)
    _check("failure", address, settings.API_RATE_FAILURES)


def of_token(token_id: int) -> None:
    """Count a call with this token. Raises RateLimited."""
    _count("token", str(token_id), settings.API_RATE_TOKEN)


def failed(request: HttpRequest) -> None:
    """Count a token that was missing or wrong."""
    _add(*_window("failure", request.META.get("REMOTE_ADDR", "")))


def _window(kind: str, identity: str) -> tuple[str, int]:
    """Key of the counter, and the seconds it has left."""
    now = int(time.time())
    return f"api:{kind}:{identity}:{now // WINDOW}", WINDOW - now % WINDOW


def _add(key: str, left: int) -> int:
    try:
        return cache.incr(key)
    except ValueError:
        cache.add(key, 0, left)
        return cache.incr(key)


def _count(kind: str, identity: str, limit: int) -> None:
    key, left = _window(kind, identity)
    if limit and _add(key, left) > limit:
        raise RateLimited(left)


def _check(kind: str, identity: str, limit: int) -> None:
    key, left = _window(kind, identity)
    if limit and cache.get(key, 0) >= limit:
        raise RateLimited(left)
