"""The statement a request is waiting for, so that it can be stopped when nobody waits for the answer any more."""

import threading
from contextvars import ContextVar
from typing import Any

from qdm.errors import QueryTimeout

#: Seconds to wait for the server to take the cancellation.
CANCEL_TIMEOUT = 5.0


class Running:
    """The statements of one request, which run one after another in its thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Any = None
        self._cancelled = False

    def cancel(self) -> None:
        """Stop the statement that runs now, and let no other begin. Called from another thread."""
        with self._lock:
            self._cancelled = True
            # Under the lock: the connection cannot go to somebody else before the server knows.
            if self._connection is not None:
                self._connection.cancel_safe(timeout=CANCEL_TIMEOUT)

    def begin(self, connection: Any) -> None:
        """A statement begins on this connection of the driver. Raises QueryTimeout where the request was cancelled."""
        with self._lock:
            if self._cancelled:
                raise QueryTimeout
            self._connection = connection

    def end(self) -> None:
        """It has ended."""
        with self._lock:
            self._connection = None


current: ContextVar[Running | None] = ContextVar("running", default=None)
