"""From one capture to any number of viewers: the latest frame wins, and nobody has a queue.

A viewer asks for the frame after the one it has. One that is slow finds a newer frame when it comes back and has
skipped those between; it holds up nobody, and there is no buffer that could grow. The capture thread makes one call
per frame and event loop, never one per viewer (IO.md 2.9).
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
        self._bells: dict[asyncio.AbstractEventLoop, asyncio.Event] = {}

    def publish(self, frame: Frame) -> None:
        with self._lock:
            self._latest = frame
        self.ring()

    def clear(self) -> None:
        """Forget the picture: a source that died must not go on showing its last moment to new viewers."""
        with self._lock:
            self._latest = None

    def close(self) -> None:
        with self._lock:
            self.closed = True
            self._latest = None
        self.ring()

    async def next(self, watch: "Watch") -> Frame:
        """The newest frame that the viewer has not had. Raises SourceClosed when the source or the watch has ended."""
        loop = asyncio.get_running_loop()
        while True:
            with self._lock:
                if self.closed or watch.ended:
                    raise SourceClosed
                if self._latest is not None and self._latest is not watch.last:
                    return self._latest
                bell = self._bells.get(loop)
                if bell is None:  # made by the first who waits, not by each
                    bell = self._bells[loop] = asyncio.Event()
            await bell.wait()

    def ring(self) -> None:
        """Wake every waiting viewer: one call per event loop, whatever their number."""
        with self._lock:
            loops = list(self._bells)
        for loop in loops:
            # A closed loop raises: its viewers are gone with it.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._swing, loop)

    def _swing(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            bell = self._bells.pop(loop, None)
        if bell:
            bell.set()


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
        self.last: Frame | None = None
        self.ended = False
        self._viewers = 1
        self._open = True

    async def next(self) -> Frame:
        """The newest frame this viewer has not had. Raises SourceClosed when the source or this watch has ended."""
        self.last = await self._channel.next(self)
        return self.last

    def end(self) -> None:
        """Let a ``next`` that waits raise SourceClosed."""
        self.ended = True
        self._channel.ring()

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
