"""How many frames a viewer that acknowledges may have on the way."""

import asyncio
from collections import deque

from video.frame import Frame


class Window:
    """Closed while ``size`` frames are sent and not acknowledged. This works through proxies that buffer, and under
    daphne, whose sends do not wait."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._outstanding: deque[int] = deque()
        self._open = asyncio.Event()
        self._open.set()

    def sent(self, frame: Frame) -> None:
        self._outstanding.append(frame.sequence)
        if len(self._outstanding) >= self._size:
            self._open.clear()

    def acknowledged(self, sequence: int) -> None:
        """Of this frame and all that were sent before it; an unknown one says nothing."""
        if sequence in self._outstanding:
            while self._outstanding.popleft() != sequence:
                pass
            self._open.set()

    async def opened(self) -> None:
        await self._open.wait()
