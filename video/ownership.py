"""One process at a time captures a source: a PostgreSQL advisory lock for each, on one connection of its own.

The lock goes with the connection, so a process that was killed holds nothing.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psycopg
from django.db import connection as django_connection
from django.utils.translation import gettext_lazy as _

from video.errors import SourceRefused

#: First half of the key of every advisory lock of this kind: "vide" in ASCII.
CLASS = 0x76696465

_SQL = Path(__file__).parent / "sql"
_TRY_LOCK = (_SQL / "try_lock.sql").read_bytes()
_UNLOCK = (_SQL / "unlock.sql").read_bytes()


class Ownership:
    def __init__(self) -> None:
        self._connection: psycopg.Connection[tuple[bool]] | None = None
        self._lock = threading.Lock()

    @asynccontextmanager
    async def of(self, source_id: int) -> AsyncIterator[None]:
        """Hold the source. Raises SourceRefused when another process does."""
        await asyncio.to_thread(self._take, source_id)
        try:
            yield
        finally:
            await asyncio.to_thread(self._give_back, source_id)

    def is_lost(self) -> bool:
        """Whether the connection broke and with it every lock; then all captures must start again."""
        with self._lock:
            if self._connection is None:
                return False
            try:
                self._connection.execute(b"")
            except psycopg.Error:
                self._close()
                return True
            return False

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _take(self, source_id: int) -> None:
        with self._lock:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = _connect()
                row = self._connection.execute(_TRY_LOCK, (CLASS, source_id)).fetchone()
            except psycopg.Error as error:
                self._close()
                raise SourceRefused(_("The database is away.")) from error
        if not row or not row[0]:
            raise SourceRefused(_("Another process captures this source already."))

    def _give_back(self, source_id: int) -> None:
        with self._lock, suppress(psycopg.Error):
            if self._connection is not None:
                self._connection.execute(_UNLOCK, (CLASS, source_id))


def _connect() -> psycopg.Connection[tuple[bool]]:
    """Beside Django's pool, which would hand the connection to somebody else."""
    parameters = django_connection.get_connection_params()
    for name in ("pool", "cursor_factory", "context"):
        parameters.pop(name, None)
    return psycopg.connect(**parameters, autocommit=True, application_name="integram video")
