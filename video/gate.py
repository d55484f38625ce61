"""The only way out for FFmpeg: a door on loopback that leads to one checked address and nowhere else.

FFmpeg is given ``rtsp://127.0.0.1:<door>/…``; the gate connects to the address that passed the policy, does the TLS
(certificate checked against the real host), screens the answers (``video.screen``) and counts bytes. It is also the
handle on a call that cannot be interrupted: cutting the gate makes a blocked read return at once, so a source that
froze costs no thread.
"""

import asyncio
import re
import ssl
import time

from django.conf import settings

from video.address import AddressPolicy
from video.errors import SourceRefused
from video.limits import Limits
from video.location import NetworkLocation
from video.screen import HttpScreen, RtspScreen

CHUNK = 64 * 1024
#: FFmpeg opens a second connection when it seeks in a file served by HTTP.
MAX_CONNECTIONS = 4

_HOST = re.compile(rb"^Host:[^\r\n]*", re.IGNORECASE | re.MULTILINE)


class Gate:
    """Made by ``open``; lives as long as one attempt at the source."""

    def __init__(self, location: NetworkLocation, addresses: list[str], limits: Limits) -> None:
        self.bytes_in = 0
        self.last_bytes = time.monotonic()
        self.error: SourceRefused | None = None
        self._location = location
        self._addresses = addresses
        self._limits = limits
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._cut = False

    @classmethod
    async def open(cls, location: NetworkLocation, policy: AddressPolicy, limits: Limits) -> "Gate":
        """Check the address and open the door. Raises SourceRefused."""
        addresses = await policy.resolve(location.host, location.port, limits.open_timeout)
        gate = cls(location, addresses, limits)
        gate._server = await asyncio.start_server(gate._accept, "127.0.0.1", 0, limit=CHUNK)
        return gate

    @property
    def url(self) -> str:
        """What FFmpeg is to open, credentials included."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        scheme = "rtsp" if self._location.is_rtsp else "http"
        return f"{scheme}://{self._location.userinfo}127.0.0.1:{port}{self._location.target}"

    def cut(self) -> None:
        """Drop every connection; a read that waits on one returns."""
        self._cut = True
        for task in self._connections:
            task.cancel()

    async def close(self) -> None:
        self.cut()
        if self._server:
            self._server.close()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._cut or len(self._connections) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections.add(task)
        camera: asyncio.StreamWriter | None = None
        try:
            answers, camera = await self._connect()
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._ask(reader, camera))
                pumps.create_task(self._answer(answers, writer))
        except* SourceRefused as group:
            refused = group.exceptions[0]
            assert isinstance(refused, SourceRefused)
            self.error = refused
        except* (OSError, TimeoutError, asyncio.CancelledError, _Ended):
            pass
        finally:
            self._connections.discard(task)
            writer.transport.abort()
            if camera:
                camera.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To the first checked address that answers; certificates are checked against the real host."""
        failed: Exception = TimeoutError()
        tls = _tls() if self._location.is_tls else None
        async with asyncio.timeout(self._limits.open_timeout):
            for address in self._addresses:
                try:
                    return await asyncio.open_connection(
                        address,
                        self._location.port,
                        limit=CHUNK,
                        ssl=tls,
                        server_hostname=self._location.host if tls else None,
                    )
                except OSError as error:
                    failed = error
        raise failed

    async def _ask(self, reader: asyncio.StreamReader, camera: asyncio.StreamWriter) -> None:
        """FFmpeg's requests, to the camera. In HTTP the Host becomes the real one."""
        if not self._location.is_rtsp:
            head = await _head(reader)
            camera.write(_HOST.sub(b"Host: " + self._location.host_header.encode(), head, count=1))
        while chunk := await reader.read(CHUNK):
            camera.write(chunk)
            await camera.drain()
        raise _Ended

    async def _answer(self, camera: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The camera's answers, to FFmpeg, as far as they are screened."""
        screen = RtspScreen() if self._location.is_rtsp else HttpScreen()
        held = b""
        while chunk := await camera.read(CHUNK):
            self.bytes_in += len(chunk)
            self.last_bytes = time.monotonic()
            screen.feed(chunk)
            held += chunk
            if screen.ready:
                writer.write(held)
                held = b""
                await writer.drain()
        # Let FFmpeg read what it was given before the door closes.
        writer.write_eof()
        await writer.drain()
        await asyncio.sleep(self._limits.read_timeout)
        raise _Ended


class _Ended(Exception):
    """One side is done: ends the other pump too."""


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise _Ended from error


def _tls() -> ssl.SSLContext:
    """Checked certificates; VIDEO_TLS_CA_FILE adds the authority of cameras that sign for themselves."""
    return ssl.create_default_context(cafile=getattr(settings, "VIDEO_TLS_CA_FILE", None))
