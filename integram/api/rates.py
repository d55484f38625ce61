"""How many calls a minute: of one token, of one address, and of failed tokens of one address.

Counted in the cache in windows of a minute: in Redis for all processes together, else, and while Redis does not answer,
in each process by itself.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from redis import RedisError

from qdm.errors import QdmError

logger = logging.getLogger(__name__)

WINDOW = 60  #: seconds
#: Seconds for which a Redis that did not answer is not asked.
AWAY = 2.0


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
    def add(cache: BaseCache) -> int:
        try:
            return cache.incr(key)
        except ValueError:
            cache.add(key, 0, left)
            return cache.incr(key)

    return _counters.ask(add)


def _count(kind: str, identity: str, limit: int) -> None:
    key, left = _window(kind, identity)
    if limit and _add(key, left) > limit:
        raise RateLimited(left)


def _check(kind: str, identity: str, limit: int) -> None:
    key, left = _window(kind, identity)
    if limit and _counters.ask(lambda cache: int(cache.get(key, 0))) >= limit:
        raise RateLimited(left)


class _Counters:
    """The common cache, or this process's own while the common one is away: calls are served, and limited still."""

    def __init__(self) -> None:
        self._next_try = 0.0

    def ask(self, question: Callable[[BaseCache], int]) -> int:
        if time.monotonic() >= self._next_try:
            try:
                return question(caches["default"])
            except RedisError as error:
                logger.warning("Redis is away, calls are counted in each process: %s", error)
                self._next_try = time.monotonic() + AWAY
        return question(caches["process"])


_counters = _Counters()
