"""The right to go on watching, asked again while a stream runs.

Every change of rights, whoever makes it, leaves a line in the log of rights (rbac.models.AccessLog, by triggers). Its
newest id is read once a second and process, so a revoke closes streams in every web process within about a second;
rights that hang on what stands in a row are asked for at a longer interval.
"""

import asyncio
import logging
import time
from enum import IntEnum

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

from qdm.errors import NotFound
from rbac.errors import TokenInvalid
from rbac.models import AccessLog
from video import rights
from video.callers import Caller

logger = logging.getLogger("video")

#: How often a stream looks whether rights have changed, in seconds.
LOOK = 0.5
#: A stream outlives the database by this many seconds.
GRACE = 60.0


class Close(IntEnum):
    """Close codes of the WebSocket; the range is for private use (RFC 6455, 7.4.2)."""

    SIGNED_OUT = 4401
    FORBIDDEN = 4403
    DISCONNECTED = 4404
    TOO_SLOW = 4408
    FAILED = 1011


class _Changes:
    """A number that rises with each change of rights, at most a second old."""

    def __init__(self) -> None:
        self._newest = 0
        self._read = 0.0

    async def newest(self) -> int:
        now = time.monotonic()
        if now - self._read > 1.0:
            # The others go on with the number they know while one reads.
            self._read = now
            self._newest = await sync_to_async(_newest, thread_sensitive=False)()
        return self._newest


changes = _Changes()


async def until_revoked(caller: Caller, source_id: int, recheck: float) -> Close:
    """Returns when the caller may no longer watch, with the reason."""
    good = time.monotonic()
    known = 0
    while True:
        try:
            newest = await changes.newest()
            if newest != known or time.monotonic() - good > recheck:
                ended = await sync_to_async(_verdict, thread_sensitive=False)(caller, source_id)
                if ended:
                    return ended
                good, known = time.monotonic(), newest
        except DatabaseError:
            logger.warning("rights of a running stream cannot be checked", exc_info=True)
            if time.monotonic() - good > recheck + GRACE:
                return Close.FAILED
        await asyncio.sleep(LOOK)


def _verdict(caller: Caller, source_id: int) -> Close | None:
    try:
        rights.by_id(source_id, caller.renewed())
    except TokenInvalid:
        return Close.SIGNED_OUT
    except NotFound:
        return Close.FORBIDDEN
    finally:
        connection.close()
    return None


def _newest() -> int:
    try:
        return AccessLog.objects.order_by("-id").values_list("id", flat=True).first() or 0
    finally:
        connection.close()
