"""From one capture to any number of viewers: the latest frame wins, and nobody has a queue.

A viewer asks for the frame after the one it has. One that is slow finds a newer frame when it comes back and has
skipped those between; it holds up nobody, and there is no buffer that could grow. All waiting viewers of one event
loop share one future, so a frame costs one wake-up per loop (IO.md 2.9).
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Hashable
from contextlib import suppress

from video.errors import SourceClosed, TooManyViewers
from video.frame import Frame
from video.meter import Meter
from video.profiles import Profile


class Channel:
    """One source in one profile. ``publish`` comes from the capture thread, ``next`` from event loops."""

    def __init__(self) -> None:
        self.viewers = 0
        self.closed = False
        self._latest: Frame | None = None
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.AbstractEventLoop, asyncio.Future[None]] = {}

    def publish(self, frame: Frame) -> None:
        with self._lock:
            self._latest = frame
        self._wake()

    def clear(self) -> None:
        """Forget the picture: a source that died must not go on showing its last moment to new viewers."""
        with self._lock:
            self._latest = None

    def close(self) -> None:
        with self._lock:
            self.closed = True
            self._latest = None
        self._wake()

    async def next(self, last: Frame | None, timeout: float) -> Frame | None:
        """The newest frame unless it is ``last``; None when none came in ``timeout`` seconds.

        Raises SourceClosed when the source was disconnected.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            frame = self._newer(last)
            if frame:
                return frame
            waiting = self._waiting.get(loop)
            if waiting is None:
                waiting = self._waiting[loop] = loop.create_future()
        await asyncio.wait([waiting], timeout=timeout)
        with self._lock:
            return self._newer(last)

    def _newer(self, last: Frame | None) -> Frame | None:
        if self.closed:
            raise SourceClosed
        return self._latest if self._latest is not last else None

    def _wake(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for loop, future in waiting.items():
            # A closed loop raises: its viewers are gone with it.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_resolve, future)


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


class Stream:
    """All channels of one source, and the count of what left through them."""

    def __init__(self, max_viewers: int, max_viewers_per_user: int) -> None:
        self.frames_out = Meter()
        self.bytes_out = 0
        self._max_viewers = max_viewers
        self._max_per_user = max_viewers_per_user
        self._channels: dict[Profile, Channel] = {}
        self._users: Counter[Hashable] = Counter()
        self._lock = threading.Lock()

    def channel(self, profile: Profile) -> Channel:
        with self._lock:
            return self._channels.setdefault(profile, Channel())

    @property
    def viewers(self) -> int:
        return sum(channel.viewers for channel in list(self._channels.values()))

    def wanted(self) -> list[Profile]:
        """Profiles somebody watches: only these are encoded."""
        return [profile for profile, channel in list(self._channels.items()) if channel.viewers]

    def watch(self, profile: Profile, user: Hashable) -> "Watch":
        """A slot for one viewer. Raises TooManyViewers at the limit of the source or of the user."""
        channel = self.channel(profile)
        with self._lock:
            if self.viewers >= self._max_viewers or self._users[user] >= self._max_per_user:
                raise TooManyViewers
            self._users[user] += 1
            channel.viewers += 1
        return Watch(self, channel, user)

    def clear(self) -> None:
        for channel in list(self._channels.values()):
            channel.clear()

    def close(self) -> None:
        for channel in list(self._channels.values()):
            channel.close()

    def sent(self, size: int, frames: int = 1) -> None:
        self.frames_out.add(frames)
        with self._lock:
            self.bytes_out += size

    def counted(self, channel: Channel, viewers: int) -> None:
        """Add to the count of viewers of the channel, or take from it."""
        with self._lock:
            channel.viewers += viewers

    def left(self, channel: Channel, user: Hashable, viewers: int) -> None:
        with self._lock:
            channel.viewers -= viewers
            self._users[user] -= 1
            if not self._users[user]:
                del self._users[user]


class Watch:
    """One viewer's slot: a context manager that gives the place back."""

    def __init__(self, stream: Stream, channel: Channel, user: Hashable) -> None:
        self._stream = stream
        self._channel = channel
        self._user = user
        self._last: Frame | None = None
        self._viewers = 1
        self._open = True

    async def next(self, timeout: float = 1.0) -> Frame | None:
        """The newest frame this viewer has not had; None when none came in time. Raises SourceClosed."""
        frame = await self._channel.next(self._last, timeout)
        if frame:
            self._last = frame
        return frame

    def sent(self, size: int, frames: int = 1) -> None:
        """Count what was handed to the network: bytes and frames."""
        self._stream.sent(size, frames)

    def stand_for(self, viewers: int) -> None:
        """Count as so many viewers: those of a web process that has one slot here (``video.relay_server``)."""
        if self._open:
            self._stream.counted(self._channel, viewers - self._viewers)
            self._viewers = viewers

    def close(self) -> None:
        if self._open:
            self._open = False
            self._stream.left(self._channel, self._user, self._viewers)

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
