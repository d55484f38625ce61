"""The life of one source: connect, follow, lose, wait, connect again. A coroutine on the engine's loop.

The coroutine owns the state; the capture thread only reads and encodes. A read that hangs is ended by cutting the
gate, and a thread that even then does not come back is left behind (``abandoned``), never waited for.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass

from django.utils.translation import gettext_noop, override

from video.address import AddressPolicy
from video.backoff import Backoff
from video.capture import Image, Session
from video.errors import SourceRefused
from video.frame import Frame
from video.gate import Gate
from video.hub import Stream
from video.limits import Limits
from video.location import Location, NetworkLocation
from video.meter import Meter
from video.profiles import Profile
from video.recording import Recorder
from video.states import State, Status

logger = logging.getLogger("video")

#: How often a running capture is looked at, in seconds.
TICK = 0.1
#: A source that was live for this long starts its back-off anew, in seconds.
SETTLED = 5.0


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """What a source is to do, as the registry has it. ``always`` captures without viewers too."""

    id: int
    name: str
    location: Location
    always: bool = False
    record: bool = False


class Runner:
    """One source. ``own`` gives a context that holds the right to capture it in this process, or raises
    SourceRefused: no two processes open one camera."""

    def __init__(
        self,
        spec: SourceSpec,
        stream: Stream,
        *,
        limits: Limits,
        policy: AddressPolicy,
        own: Callable[[int], AbstractAsyncContextManager[None]],
    ) -> None:
        self.spec = spec
        self.stream = stream
        self.abandoned = 0
        self._limits = limits
        self._policy = policy
        self._own = own
        self._state = State.CLOSED
        self._error = ""
        self._reconnects = 0
        self._frames_in = Meter()
        self._encoded = 0
        self._sequence = 0
        self._bytes_in = 0
        self._session: Session | None = None
        self._gate: Gate | None = None
        self._recorder: Recorder | None = None
        self._needed_until = 0.0
        self._changed = asyncio.Event()
        self._backoff = Backoff(limits.backoff_first, limits.backoff_last)

    # What the capture thread calls: video.capture.Sink.

    def wanted(self) -> list[Profile]:
        return self.stream.wanted()

    def wants_image(self) -> bool:
        return self._recorder is not None

    def image(self, image: Image) -> None:
        if self._recorder:
            self._recorder.offer(image)

    def encoded(self, profile: Profile, jpeg: bytes, captured_ms: int) -> None:
        self._encoded += 1
        self.stream.channel(profile).publish(Frame(self._sequence, captured_ms, jpeg))

    def seen(self) -> None:
        self._sequence += 1
        self._frames_in.add()

    # What the engine calls, on its loop.

    def need(self) -> None:
        """A viewer came, or somebody wants to know whether it works: capture for a while."""
        self._needed_until = time.monotonic() + self._limits.linger
        self._changed.set()

    def status(self) -> Status:
        session = self._session
        age = None
        if session and session.last_frame is not None:
            age = round(time.monotonic() - session.last_frame, 3)
        return Status(
            state=self._state,
            error=self._error,
            width=session.width if session else 0,
            height=session.height if session else 0,
            frame_age=age,
            fps_in=self._frames_in.rate(),
            fps_out=self.stream.frames_out.rate(),
            frames_in=self._frames_in.total,
            frames_encoded=self._encoded,
            frames_out=self.stream.frames_out.total,
            bytes_in=self._bytes_in + (self._gate.bytes_in if self._gate else 0),
            bytes_out=self.stream.bytes_out,
            viewers=self.stream.viewers,
            reconnects=self._reconnects,
            recording=self._recorder is not None,
        )

    async def first_frame(self, timeout: float) -> bool:
        """Whether a frame came in time. Wakes the source."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self.need()
            if self._state is State.LIVE:
                return True
            if self._state is State.LOST:
                return False
            await asyncio.sleep(TICK / 4)
        return False

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._until_needed()
                await self._attempt()
                if not self._needed():
                    self._state = State.CLOSED
                    continue
                self._state = State.LOST
                self._reconnects += 1
                self.stream.clear()
                await asyncio.sleep(self._backoff.next())
        finally:
            self._state = State.CLOSED

    def _needed(self) -> bool:
        if self.spec.always or self.spec.record:
            return True
        if self.stream.viewers:
            self._needed_until = time.monotonic() + self._limits.linger
        return time.monotonic() < self._needed_until

    async def _until_needed(self) -> None:
        while not self._needed():
            self._changed.clear()
            await self._changed.wait()

    async def _attempt(self) -> None:
        self._state = State.CONNECTING
        try:
            async with self._own(self.spec.id):
                await self._capture()
        except SourceRefused as error:
            self._error = _untranslated(error)
        except OSError as error:
            self._error = error.strerror or type(error).__name__

    async def _capture(self) -> None:
        location = self.spec.location
        try:
            if self.spec.record:
                self._recorder = Recorder(self.spec.id, self._limits)
            if isinstance(location, NetworkLocation):
                self._gate = await Gate.open(location, self._policy, self._limits)
                await self._follow(self._gate.url, paced=False)
            else:
                await self._follow(str(location.path), paced=True)
        finally:
            await self._let_go()

    async def _follow(self, url: str, *, paced: bool) -> None:
        """Keep the state true until the capture ends or nobody needs it."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        session = Session(
            url,
            paced=paced,
            sink=self,
            limits=self._limits,
            on_end=lambda: _call(loop, ended.set),
        )
        self._session = session
        started = time.monotonic()
        session.start()
        while not session.over and self._needed():
            now = time.monotonic()
            if session.last_frame is None:
                if now - started > self._limits.open_timeout + self._limits.read_timeout:
                    self._error = gettext_noop("no frame came")
                    return
            else:
                age = now - self._last_sign(session.last_frame)
                if age > self._limits.read_timeout:
                    self._error = gettext_noop("frames stopped coming")
                    return
                self._state = State.LIVE if age < self._limits.stall_after else State.STALLED
                if self._state is State.LIVE:
                    self._error = ""
                    if now - started > SETTLED:
                        self._backoff.reset()
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), TICK / 4 if session.last_frame is None else TICK)
        if session.over:
            self._error = _untranslated(self._gate.error) if self._gate and self._gate.error else session.error

    def _last_sign(self, last_frame: float) -> float:
        """When the source last gave a sign of life. FFmpeg hands out what its decoder still held when a read times
        out, so frames alone would call a frozen camera live."""
        return min(last_frame, self._gate.last_bytes) if self._gate else last_frame

    async def _let_go(self) -> None:
        """End the thread, the gate and the recording. Waits for the thread, but not for ever."""
        gate, session, recorder = self._gate, self._session, self._recorder
        if session:
            session.stop()
        if gate:
            self._bytes_in += gate.bytes_in
            self._gate = None
            await gate.close()
        if session and session.is_alive():
            await asyncio.to_thread(session.join, self._limits.read_timeout)
            if session.is_alive():
                self.abandoned += 1
                logger.warning("source %s: a capture thread does not come back and is left behind", self.spec.id)
        self._session = None
        if recorder:
            self._recorder = None
            await asyncio.to_thread(recorder.close)


def _untranslated(error: SourceRefused) -> str:
    """The message in English: whoever reads the status has his own language, not that of this thread."""
    with override(None):
        return str(error)


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], object]) -> None:
    # A closed loop raises: the process ends.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function)
