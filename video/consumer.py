"""WebSocket viewers, and drones that send telemetry.

Without a subprotocol each binary message is a JPEG, as the wire contract has it. With ``integram.video`` it is a
frame's packet (video.frame: sequence, capture time, JPEG), and the viewer acknowledges: ``{"ack": sequence}``; three
frames at most are on the way. A ticket comes as the subprotocol ``ticket.<text>`` or in the query.
"""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import connection

from qdm.errors import QdmError
from video import callers, daphne, rights, tickets
from video.callers import Caller
from video.errors import MjpegRefused, SourceClosed
from video.hub import Watch
from video.models import Source
from video.permit import Close, until_revoked
from video.profiles import FULL, PROFILES
from video.runtime import engine
from video.telemetry import Telemetry
from video.window import Window

SUBPROTOCOL = "integram.video"
TICKET = "ticket."
#: A telemetry message is small; a larger text message is refused.
MAX_TEXT = 64 * 1024


class StreamConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    _task: "asyncio.Task[None] | None" = None
    _watch: Watch | None = None

    async def connect(self) -> None:
        """Refused before it is accepted, which a client sees as HTTP 403, for a stream that is unknown or hidden."""
        query = {name: values[0] for name, values in parse_qs(self.scope["query_string"].decode("latin-1")).items()}
        offered: list[str] = self.scope["subprotocols"]
        self._limits = engine().limits
        self._window = Window(self._limits.in_flight) if SUBPROTOCOL in offered else None
        self._queue = None
        try:
            if self._window is None and daphne.is_server():
                self._queue = daphne.SendQueue.of(self.scope)
                if self._queue is None:
                    raise MjpegRefused
            caller, source = await sync_to_async(self._enter)(query, offered)
            if query.get("profile") != "none":
                profile = PROFILES.get(query.get("profile", ""), FULL)
                self._watch = engine().watch(source.pk, profile, caller.user.pk)
        except QdmError:
            await self.close()
            return
        self._telemetry = Telemetry(source.pk, caller, self._limits.telemetry_per_second)
        # Browsers give up on a server that takes none of what they offered.
        await self.accept(SUBPROTOCOL if self._window else next(iter(offered), None))
        self._task = asyncio.create_task(self._serve(caller, source.pk))

    async def disconnect(self, code: int) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._watch:
            self._watch.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            message = json.loads(text_data) if text_data and len(text_data) <= MAX_TEXT else None
        except ValueError:
            message = None
        match message:
            case {"ack": int(sequence)}:
                if self._window:
                    self._window.acknowledged(sequence)
            case {"telemetry": values}:
                await self._take(values)
            case _:
                await self._answer({"error": {"code": "invalid_request", "detail": "Not understood."}})

    def _enter(self, query: dict[str, str], offered: list[str]) -> tuple[Caller, Source]:
        name = self.scope["url_route"]["kwargs"]["drone_id"]
        ticket = next((text.removeprefix(TICKET) for text in offered if text.startswith(TICKET)), query.get("ticket"))
        try:
            caller = tickets.redeem(ticket, name) if ticket else callers.of_scope(self.scope)
            return caller, rights.find(name, caller, query.get("workspace"))
        finally:
            connection.close()

    async def _serve(self, caller: Caller, source_id: int) -> None:
        """Send until the viewer is too slow, the source is disconnected, or the right to watch ends."""
        work = {asyncio.create_task(until_revoked(caller, source_id, self._limits.recheck))}
        if self._watch:
            work.add(asyncio.create_task(self._send_frames(self._watch)))
        try:
            done, _pending = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            ended = next(iter(done))
            code = Close.FAILED if ended.exception() else ended.result()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            if self._watch:
                self._watch.close()
        await self.close(code)

    async def _send_frames(self, watch: Watch) -> Close:
        timeout = self._limits.send_timeout
        taken = time.monotonic()
        try:
            while time.monotonic() - taken < timeout:
                if self._window:
                    await self._window.opened(timeout)
                frame = await watch.next()
                if frame is None:
                    taken = time.monotonic()
                    continue
                if self._queue and not self._queue.has_room():
                    continue
                message = frame.packet if self._window else frame.jpeg
                async with asyncio.timeout(timeout):
                    await self.send(bytes_data=message)
                taken = time.monotonic()
                watch.sent(len(message))
                if self._window:
                    self._window.sent(frame)
        except TimeoutError:
            return Close.TOO_SLOW
        except SourceClosed:
            return Close.DISCONNECTED
        return Close.TOO_SLOW

    async def _take(self, values: object) -> None:
        """One message after the other: the consumer reads the next when this one is stored."""
        try:
            record_id = await sync_to_async(self._telemetry.store, thread_sensitive=False)(values, time.monotonic())
        except QdmError as error:
            fields = {name: str(text) for name, text in error.fields.items()}
            await self._answer({"error": {"code": error.code, "detail": str(error), "fields": fields}})
        else:
            await self._answer({"telemetry": {"record": record_id}})

    async def _answer(self, body: dict[str, Any]) -> None:
        # A client that does not read gets no answers either, but its other messages are still taken.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.send_timeout):
                await self.send(text_data=json.dumps(body, ensure_ascii=False))
