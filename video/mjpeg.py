"""MJPEG over HTTP: one part after the other, never more than one frame on its way to a viewer."""

import asyncio
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpResponseBase, JsonResponse, StreamingHttpResponse

from qdm.errors import QdmError
from video import callers, daphne, rights, tickets
from video.callers import Caller
from video.errors import MjpegRefused, SourceClosed
from video.frame import BOUNDARY
from video.hub import Watch
from video.limits import Limits
from video.models import Source
from video.peer import Peer
from video.permit import until_revoked
from video.profiles import FULL, PROFILES
from video.progress import Progress
from video.runtime import engine


async def stream(request: ASGIRequest, drone_id: str) -> HttpResponseBase:
    """``GET /video/stream/{id}?profile=full|tile|low``. By token, session or ``?ticket=``."""
    try:
        peer = Peer.of(request.scope)
        if daphne.is_server() and peer is None:
            raise MjpegRefused
        caller, source = await sync_to_async(_enter)(request, drone_id)
        profile = PROFILES.get(request.GET.get("profile", ""), FULL)
        watch = engine().watch(source.pk, profile, caller.user.pk)
    except QdmError as error:
        return JsonResponse({"detail": str(error)}, status=error.status)
    limits = engine().limits
    if peer:
        peer.bound(limits.send_timeout)
    return MjpegResponse(watch, _parts(watch, caller, source.pk, limits, peer if daphne.is_server() else None))


class MjpegResponse(StreamingHttpResponse):
    """Gives the viewer's place back also when he is gone before the first part, and so before the generator runs."""

    def __init__(self, watch: Watch, parts: AsyncIterator[bytes]) -> None:
        super().__init__(
            parts,
            content_type="multipart/x-mixed-replace; boundary=frame",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        self._watch = watch

    def close(self) -> None:
        self._watch.close()
        super().close()


def _enter(request: ASGIRequest, name: str) -> tuple[Caller, Source]:
    try:
        ticket = request.GET.get("ticket")
        caller = tickets.redeem(ticket, name) if ticket else callers.of_request(request)
        return caller, rights.find(name, caller, request.GET.get("workspace"))
    finally:
        # The stream may last for hours: it must not keep a connection of the pool.
        connection.close()


async def _parts(
    watch: Watch, caller: Caller, source_id: int, limits: Limits, asked: Peer | None
) -> AsyncIterator[bytes]:
    """``asked``: the connection whose room decides before each frame, where the server's send does not wait for it."""
    response = asyncio.current_task()
    assert response is not None
    progress = Progress()
    guards = [
        asyncio.create_task(_end_when_revoked(watch, progress, response, caller, source_id, limits.recheck)),
        asyncio.create_task(_end_when_stuck(progress, response, limits.send_timeout)),
    ]
    try:
        yield BOUNDARY
        while True:
            frame = await watch.next()
            progress.begins()
            if asked is None or asked.has_room():
                yield frame.part
                progress.done()
                watch.sent(len(frame.part))
    except SourceClosed:
        return
    finally:
        for guard in guards:
            guard.cancel()
        watch.close()


async def _end_when_revoked(
    watch: Watch, progress: Progress, response: "asyncio.Task[object]", caller: Caller, source_id: int, recheck: float
) -> None:
    await until_revoked(caller, source_id, recheck)
    watch.end()
    if progress.is_waiting:
        response.cancel()


async def _end_when_stuck(progress: Progress, response: "asyncio.Task[object]", timeout: float) -> None:
    """Django waits in its send for as long as the viewer does not read; only cancelling the response ends that."""
    await progress.until_stuck(timeout)
    response.cancel()
