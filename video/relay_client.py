"""The web process's side of the relay: an ``Engine`` whose frames come from the video worker.

For each source and profile with viewers here there is one connection; the hub in this process does the rest, just as
for a local capture.
"""

import asyncio
import threading
from collections.abc import Hashable, Iterable
from typing import Any

from django.utils.translation import gettext_noop

from video.backoff import Backoff
from video.engine import LoopThread
from video.frame import Frame
from video.hub import Channel, Stream, Watch
from video.limits import Limits
from video.profiles import Profile
from video.relay_protocol import REPORT, line, read_line, read_message, socket_path
from video.states import State, Status

#: Bytes asyncio buffers of a connection before it stops reading: a few frames.
BUFFER = 512 * 1024
WORKER_AWAY = gettext_noop("the video worker is away")


class RemoteEngine:
    """``Engine`` over the worker's socket. A worker that is away, or starts again, is a lost source meanwhile."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._thread = LoopThread("video-relay")
        self._streams: dict[int, Stream] = {}
        self._subscriptions: dict[tuple[int, Profile], asyncio.Task[None]] = {}
        self._lock = threading.Lock()
        self._stopping = asyncio.Event()

    def start(self) -> None:
        self._thread.start(self._main)

    def stop(self) -> None:
        if loop := self._thread.loop:
            loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    async def refresh(self) -> None:
        await self._ask({"do": "refresh"})

    async def works(self, source_id: int) -> bool:
        answer = await self._ask({"do": "works", "source": source_id})
        return bool(answer and answer["works"])

    async def statuses(self, source_ids: Iterable[int]) -> dict[int, Status]:
        ids = list(source_ids)
        answer = await self._ask({"do": "statuses", "sources": ids})
        if answer is None:
            return {i: Status(state=State.LOST, error=WORKER_AWAY) for i in ids}
        return {i: Status.from_json(answer[str(i)]) for i in ids}

    def watch(self, source_id: int, profile: Profile, user: Hashable) -> Watch:
        with self._lock:
            stream = self._streams.setdefault(
                source_id, Stream(self.limits.max_viewers, self.limits.max_viewers_per_user)
            )
            watch = stream.watch(profile, user)
        assert self._thread.loop is not None, "not started"
        self._thread.loop.call_soon_threadsafe(self._subscribe, source_id, profile, stream)
        return watch

    async def _main(self) -> None:
        await self._stopping.wait()

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """The worker's answer, None when it is away."""
        try:
            reader, writer = await asyncio.open_unix_connection(socket_path())
        except OSError:
            return None
        try:
            writer.write(line(request))
            await writer.drain()
            return await read_line(reader)
        except OSError:
            return None
        finally:
            writer.close()

    def _subscribe(self, source_id: int, profile: Profile, stream: Stream) -> None:
        key = (source_id, profile)
        task = self._subscriptions.get(key)
        if task is None or task.done():
            self._subscriptions[key] = asyncio.create_task(self._receive(source_id, profile, stream))

    async def _receive(self, source_id: int, profile: Profile, stream: Stream) -> None:
        """Until nobody here watches, or the source is gone."""
        channel = stream.channel(profile)
        backoff = Backoff(self.limits.backoff_first, self.limits.backoff_last)
        while channel.viewers:
            try:
                reader, writer = await asyncio.open_unix_connection(socket_path(), limit=BUFFER)
            except OSError:
                channel.clear()
                await asyncio.sleep(backoff.next())
                continue
            backoff.reset()
            writer.write(line({"do": "watch", "source": source_id, "profile": profile.name}))
            reporter = asyncio.create_task(_report(stream, channel, writer))
            try:
                while (packet := await read_message(reader)) is not None:
                    channel.publish(Frame.from_packet(packet))
                with self._lock:
                    self._streams.pop(source_id, None)
                stream.close()
                return
            except (OSError, asyncio.IncompleteReadError):
                channel.clear()
                if channel.viewers:
                    await asyncio.sleep(backoff.next())
            finally:
                reporter.cancel()
                writer.transport.abort()


async def _report(stream: Stream, channel: Channel, writer: asyncio.StreamWriter) -> None:
    """Tell what was taken here; end the subscription when the last viewer has left."""
    frames, size = stream.frames_out.total, stream.bytes_out
    viewers = channel.viewers
    while True:
        now_frames, now_size = stream.frames_out.total, stream.bytes_out
        writer.write(line({"viewers": viewers, "frames": now_frames - frames, "bytes": now_size - size}))
        if not viewers:
            break
        frames, size = now_frames, now_size
        await asyncio.sleep(REPORT)
        viewers = channel.viewers
    # Not cut off: what the last viewers took is told first.
    writer.close()
