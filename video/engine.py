"""The captures of this process: one thread with an event loop that owns their runners and gates.

Web code in other threads and loops uses the methods of ``Engine``; each may be called from anywhere.
"""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Coroutine, Hashable, Iterable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from django.db import DatabaseError

from video.address import AddressPolicy
from video.hub import Stream, Watch
from video.limits import Limits
from video.ownership import Ownership
from video.profiles import Profile
from video.runner import Runner, SourceSpec
from video.states import Status

logger = logging.getLogger("video")

#: How often the registry is read for what other processes changed, in seconds.
RECONCILE = 5.0

#: How long a capture waits for the interpreter's lock while the event loop works, in seconds. Python's own 0.005, a
#: few times a frame, slows a source of 30 frames a second down to 11 when a hundred viewers are served.
SWITCH = 0.0005

T = TypeVar("T")


class Engine(Protocol):
    """Where frames come from: this process (``LocalEngine``) or the video worker (``video.relay_client``)."""

    limits: Limits

    def start(self) -> None: ...

    def stop(self) -> None: ...

    async def refresh(self) -> None:
        """Read the registry again, now."""

    async def works(self, source_id: int) -> bool:
        """Whether a frame comes within the time an open may take."""

    async def statuses(self, source_ids: Iterable[int]) -> dict[int, Status]: ...

    def watch(self, source_id: int, profile: Profile, user: Hashable) -> Watch:
        """A viewer's slot. Raises TooManyViewers."""


class LoopThread:
    """A daemon thread with an event loop; coroutines are run on it from other threads and loops."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread: threading.Thread | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def start(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        ready = threading.Event()

        async def run() -> None:
            self.loop = asyncio.get_running_loop()
            ready.set()
            await main()

        self._thread = threading.Thread(target=lambda: asyncio.run(run()), name=self._name, daemon=True)
        self._thread.start()
        ready.wait()

    def join(self) -> None:
        if self._thread:
            self._thread.join(10)

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        assert self.loop is not None, "not started"
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await it from another loop."""
        return await asyncio.wrap_future(self.submit(work))


class LocalEngine:
    """``read`` gives what is to be captured; it is called in a thread, at start, on ``refresh`` and regularly."""

    def __init__(self, read: Callable[[], list[SourceSpec]], limits: Limits, policy: AddressPolicy) -> None:
        self.limits = limits
        self._read = read
        self._policy = policy
        self._thread = LoopThread("video-engine")
        self._ownership = Ownership()
        self._streams: dict[int, Stream] = {}
        self._runners: dict[int, Runner] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._lock = threading.Lock()
        self._reconciling = asyncio.Lock()
        self._stopping = asyncio.Event()

    def start(self) -> None:
        sys.setswitchinterval(SWITCH)
        self._thread.start(self._main)

    def stop(self) -> None:
        """End every capture and wait for its thread."""
        if loop := self._thread.loop:
            loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    async def refresh(self) -> None:
        await self._thread.run(self._reconcile())

    async def works(self, source_id: int) -> bool:
        return await self._thread.run(self._works(source_id))

    async def statuses(self, source_ids: Iterable[int]) -> dict[int, Status]:
        return self.statuses_now(source_ids)

    def statuses_now(self, source_ids: Iterable[int]) -> dict[int, Status]:
        runners = self._runners
        return {i: runners[i].status() if i in runners else Status() for i in source_ids}

    def watch(self, source_id: int, profile: Profile, user: Hashable) -> Watch:
        watch = self.stream(source_id).watch(profile, user)
        self.need(source_id)
        return watch

    def need(self, source_id: int) -> None:
        """Wake the source; one that the engine has not heard of yet is looked for in the registry."""
        runner = self._runners.get(source_id)
        if runner and self._thread.loop:
            self._thread.loop.call_soon_threadsafe(runner.need)
        else:
            self._thread.submit(self._works(source_id))

    def stream(self, source_id: int) -> Stream:
        with self._lock:
            if source_id not in self._streams:
                self._streams[source_id] = Stream(self.limits.max_viewers, self.limits.max_viewers_per_user)
            return self._streams[source_id]

    async def _main(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    await self._reconcile()
                    if await asyncio.to_thread(self._ownership.is_lost):
                        await self._end(list(self._tasks))
                except DatabaseError:
                    logger.warning("the registry of video sources cannot be read; captures go on", exc_info=True)
                try:
                    await asyncio.wait_for(self._stopping.wait(), RECONCILE)
                except TimeoutError:
                    continue
        finally:
            for stream in list(self._streams.values()):
                stream.close()
            await self._end(list(self._tasks))
            self._ownership.close()

    async def _works(self, source_id: int) -> bool:
        if source_id not in self._runners:
            await self._reconcile()
        runner = self._runners.get(source_id)
        return runner is not None and await runner.first_frame(
            self.limits.open_timeout + self.limits.read_timeout + 1.0
        )

    async def _reconcile(self) -> None:
        async with self._reconciling:
            wanted = {spec.id: spec for spec in await asyncio.to_thread(self._read)}
            gone = [i for i, r in self._runners.items() if wanted.get(i) != r.spec or self._tasks[i].done()]
            for i in gone:
                if i not in wanted:
                    self._forget_stream(i)
            await self._end(gone)
            for i, spec in wanted.items():
                if i not in self._runners:
                    self._begin(spec)

    def _forget_stream(self, source_id: int) -> None:
        with self._lock:
            stream = self._streams.pop(source_id, None)
        if stream:
            stream.close()

    def _begin(self, spec: SourceSpec) -> None:
        runner = Runner(spec, self.stream(spec.id), limits=self.limits, policy=self._policy, own=self._ownership.of)
        self._runners[spec.id] = runner
        self._tasks[spec.id] = asyncio.get_running_loop().create_task(runner.run(), name=f"video source {spec.id}")

    async def _end(self, ids: list[int]) -> None:
        tasks = [self._tasks.pop(i) for i in ids]
        for i in ids:
            del self._runners[i]
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                logger.error("a video source ended with an error", exc_info=result)
