"""The worker's side of the relay: one subscription per web process, source and profile, each with its own slot.

A web process that is slow skips frames, like any other viewer.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from video.engine import LocalEngine
from video.errors import LimitReached, SourceClosed
from video.hub import Watch
from video.profiles import PROFILES
from video.relay_protocol import GONE, LENGTH, line, read_line, socket_path

Writer = asyncio.StreamWriter


class AlreadyRunning(Exception):
    """Another worker listens on the socket."""


class RelayServer:
    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine
        self._answers: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "refresh": self._refresh,
            "works": self._works,
            "statuses": self._statuses,
        }

    async def serve(self, until: asyncio.Event) -> None:
        """Raises AlreadyRunning."""
        path = socket_path()
        with contextlib.suppress(OSError):
            _reader, writer = await asyncio.open_unix_connection(path)
            writer.close()
            raise AlreadyRunning
        server = await asyncio.start_unix_server(self._accept, path)
        path.chmod(0o600)
        async with server:
            await until.wait()
        path.unlink(missing_ok=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            request = await read_line(reader)
            if request is None:
                return
            if request.get("do") == "watch":
                await self._watch(request, reader, writer)
            elif answer := self._answers.get(str(request.get("do"))):
                writer.write(line(await answer(request)))
                await writer.drain()
        except (OSError, KeyError, ValueError):
            # The web process is gone, or is of another version: it connects again.
            pass
        finally:
            writer.close()

    async def _refresh(self, _request: dict[str, Any]) -> dict[str, Any]:
        await self._engine.refresh()
        return {"ok": True}

    async def _works(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"works": await self._engine.works(int(request["source"]))}

    async def _statuses(self, request: dict[str, Any]) -> dict[str, Any]:
        statuses = await self._engine.statuses([int(i) for i in request["sources"]])
        return {str(i): status.as_json() for i, status in statuses.items()}

    async def _watch(self, request: dict[str, Any], reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            watch = self._engine.watch(int(request["source"]), PROFILES[request["profile"]], writer)
        except LimitReached:
            return
        with watch:
            sender = asyncio.create_task(self._send(watch, writer))
            try:
                while report := await read_line(reader):
                    watch.stand_for(max(1, int(report["viewers"])))
                    watch.sent(int(report["bytes"]), int(report["frames"]))
            finally:
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)

    async def _send(self, watch: Watch, writer: Writer) -> None:
        try:
            while True:
                frame = await watch.next()
                writer.write(LENGTH.pack(len(frame.packet)) + frame.packet)
                await writer.drain()
        except SourceClosed:
            writer.write(LENGTH.pack(GONE))
            await writer.drain()
