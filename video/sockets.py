"""WebSocket viewers, and drones that send telemetry: an ASGI application.

Without a subprotocol each binary message is a JPEG, as the wire contract has it. With ``integram.video`` it is a
frame's packet (video.frame: sequence, capture time, JPEG), and the viewer acknowledges at least every second:
``{"ack": sequence}``; three frames at most are on the way. A ticket comes as the subprotocol ``ticket.<text>`` or in
the query.

It is not a consumer of Channels: the dispatch of its messages cost four times the sending of the frames they
acknowledge (bench/video.py, 100 viewers).
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.db import connection

from qdm.errors import QdmError
from video import callers, daphne, rights, tickets
from video.callers import Caller
from video.errors import MjpegRefused, SourceClosed
from video.hub import Watch
from video.models import Source
from video.peer import Peer
from video.permit import Close, until_revoked
from video.profiles import FULL, PROFILES
from video.progress import Progress
from video.runtime import engine
from video.telemetry import Telemetry
from video.window import Window

SUBPROTOCOL = "integram.video"
TICKET = "ticket."
#: A telemetry message is small; a larger text message is refused.
MAX_TEXT = 64 * 1024

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Refused before it is accepted, which a client sees as HTTP 403, for a stream that is unknown or hidden."""
    await receive()
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    offered: list[str] = scope["subprotocols"]
    limits = engine().limits
    window = Window(limits.in_flight) if SUBPROTOCOL in offered else None
    peer, watch = Peer.of(scope), None
    try:
        if window is None and daphne.is_server() and peer is None:
            raise MjpegRefused
        caller, source = await sync_to_async(_enter, thread_sensitive=False)(scope, query, offered)
        if query.get("profile") != "none":
            watch = engine().watch(source.pk, PROFILES.get(query.get("profile", ""), FULL), caller.user.pk)
    except QdmError:
        await send({"type": "websocket.close", "code": int(Close.FORBIDDEN)})
        return
    if peer:
        peer.bound(limits.send_timeout)
    asked = peer if window is None and daphne.is_server() else None
    try:
        # Browsers give up on a server that takes none of what they offered.
        chosen = SUBPROTOCOL if window else next(iter(offered), None)
        await send({"type": "websocket.accept", "subprotocol": chosen})
        viewer = Viewer(receive, send, window, asked, Telemetry(source.pk, caller, limits.telemetry_per_second))
        code = await viewer.serve(watch, until_revoked(caller, source.pk, limits.recheck), limits.send_timeout)
    finally:
        if watch:
            watch.close()
    if code is not None:
        # A viewer that does not read holds this up too; the server's pings end it. daphne takes plain integers only.
        await send({"type": "websocket.close", "code": int(code)})


def _enter(scope: Scope, query: dict[str, str], offered: list[str]) -> tuple[Caller, Source]:
    name = scope["url_route"]["kwargs"]["drone_id"]
    ticket = next((text.removeprefix(TICKET) for text in offered if text.startswith(TICKET)), query.get("ticket"))
    try:
        caller = tickets.redeem(ticket, name) if ticket else callers.of_scope(scope)
        return caller, rights.find(name, caller, query.get("workspace"))
    finally:
        connection.close()


class Viewer:
    """One accepted socket. ``window``: of a viewer that acknowledges; ``asked``: the connection whose room decides
    before each frame, where the server's send does not wait for it."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        window: Window | None,
        asked: Peer | None,
        telemetry: Telemetry,
    ) -> None:
        self._receive = receive
        self._send = send
        self._window = window
        self._asked = asked
        self._telemetry = telemetry
        self._progress = Progress()

    async def serve(self, watch: Watch | None, revoked: Awaitable[Close], timeout: float) -> Close | None:
        """Until the viewer leaves (None), takes nothing any more, may not watch, or the source is disconnected."""
        work: list[asyncio.Future[Close | None]] = [
            asyncio.ensure_future(self._listen()),
            asyncio.ensure_future(revoked),
            asyncio.ensure_future(self._until_stuck(timeout)),
        ]
        if watch:
            work.append(asyncio.ensure_future(self._send_frames(watch)))
        try:
            done, _pending = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _send_frames(self, watch: Watch) -> Close:
        progress, window, asked, send = self._progress, self._window, self._asked, self._send
        try:
            while True:
                if window:
                    progress.begins()
                    await window.opened()
                    progress.done()
                frame = await watch.next()
                progress.begins()
                if asked and not asked.has_room():
                    continue
                message = frame.packet if window else frame.jpeg
                await send({"type": "websocket.send", "bytes": message})
                progress.done()
                watch.sent(len(message))
                if window:
                    window.sent(frame)
        except SourceClosed:
            return Close.DISCONNECTED

    async def _until_stuck(self, timeout: float) -> Close:
        await self._progress.until_stuck(timeout)
        return Close.TOO_SLOW

    async def _listen(self) -> None:
        """One message after the other: the next is read when this one is stored."""
        while (message := await self._receive())["type"] == "websocket.receive":
            text = message.get("text")
            try:
                body = json.loads(text) if text and len(text) <= MAX_TEXT else None
            except ValueError:
                body = None
            match body:
                case {"ack": int(sequence)}:
                    if self._window:
                        self._window.acknowledged(sequence)
                case {"telemetry": values}:
                    await self._answer(await self._store(values))
                case _:
                    await self._answer({"error": {"code": "invalid_request", "detail": "Not understood."}})

    async def _store(self, values: object) -> dict[str, Any]:
        try:
            record_id = await sync_to_async(self._telemetry.store, thread_sensitive=False)(values, time.monotonic())
        except QdmError as error:
            fields = {name: str(text) for name, text in error.fields.items()}
            return {"error": {"code": error.code, "detail": str(error), "fields": fields}}
        return {"telemetry": {"record": record_id}}

    async def _answer(self, body: dict[str, Any]) -> None:
        await self._send({"type": "websocket.send", "text": json.dumps(body, ensure_ascii=False)})
