"""Whether a viewer takes what it is sent. Two assignments a frame; a timeout around each send would cost more."""

import asyncio
import time

#: How often it is looked at, in seconds.
LOOK = 1.0


class Progress:
    """Of one viewer: since when a frame is on offer that it did not take."""

    def __init__(self) -> None:
        self._since: float | None = None

    @property
    def is_waiting(self) -> bool:
        return self._since is not None

    def begins(self) -> None:
        """A frame is on offer; the time counts from the first one that was not taken."""
        if self._since is None:
            self._since = time.monotonic()

    def done(self) -> None:
        self._since = None

    async def until_stuck(self, timeout: float) -> None:
        """Returns when nothing was taken for so long, in seconds."""
        while self._since is None or time.monotonic() - self._since < timeout:
            await asyncio.sleep(LOOK)
