"""Calls by programs, served without what only browsers need: sessions, cookies, languages, a thread made for each.

The addresses, the views and the answers are those of the site (``integram.api.urls``); what differs is the way there.
Each call takes one change of thread, the middleware is one function (``headed``) beside the log, and the threads keep
their connections, with the statements prepared on them, instead of giving them back to the pool after every call
(docs/decisions/0004).
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.db import DatabaseError, connection
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

from integram.api.urls import WorkspaceConverter
from integram.content_security import PERMISSIONS
from integram.one_thread import BLOCK
from integram.request_log import RequestLogMiddleware
from qdm.managers import running

URLCONF = "integram.api.urls"
_CALL = re.compile(rf"/{WorkspaceConverter.regex}/.")
#: Seconds after which it is worth to look whether the client is still there.
LONG = 0.05


def is_call(path: str) -> bool:
    """Whether the path begins with what may be the slug of a workspace: then no page of the site has it."""
    return _CALL.match(path) is not None


#: No page: nothing may be loaded by it, nor stand in a frame.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
Respond = Callable[[HttpRequest], HttpResponseBase]


def headed(get_response: Respond) -> Respond:
    """What the middleware of pages does for every answer, and calls need too: only for hosts that are ours, with the
    headers that keep a browser from taking an answer for something else, and with its length."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Content-Security-Policy": POLICY,
        "Permissions-Policy": PERMISSIONS,
    }
    ours: set[str] = set()

    def respond(request: HttpRequest) -> HttpResponseBase:
        host = request.META.get("HTTP_HOST", "")
        if host not in ours:
            request.get_host()  # raises DisallowedHost
            if len(ours) < 100:
                ours.add(host)
        response = get_response(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        if isinstance(response, HttpResponse):
            response.headers["Content-Length"] = str(len(response.content))
        return response

    return respond


class ProgramHandler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(settings.API_THREADS, thread_name_prefix="call")

    def load_middleware(self, is_async: bool = False) -> None:
        chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # the stubs leave it out
        for middleware in (headed, RequestLogMiddleware):
            chain = convert_exception_to_response(middleware(chain))  # type: ignore[arg-type]  # never an awaitable here
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = chain

    async def read_body(self, receive: Any) -> Any:
        """A body that comes in one piece, as nearly all do, stays where it is."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestAborted
        if not message.get("more_body"):
            return BytesIO(message.get("body", b""))
        first = [message]

        async def again() -> Any:
            return first.pop() if first else await receive()

        return await super().read_body(again)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop = asyncio.get_running_loop()
        statements = running.Running()
        answering = loop.run_in_executor(self._threads, self._answer, scope, body, statements)
        gone: list[asyncio.Task[None]] = []
        watching = loop.call_later(LONG, lambda: gone.append(loop.create_task(_watch(receive, statements))))
        try:
            response = await asyncio.shield(answering)
            await self._send(response, send)
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(statements.cancel))
            raise
        finally:
            watching.cancel()
            for task in gone:
                task.cancel()

    def _answer(self, scope: Any, body: Any, statements: running.Running) -> HttpResponseBase | None:
        """In a thread of the pool, which keeps its connection."""
        running.current.set(statements)
        request, refused = self.create_request(scope, body)
        if request is None:
            return refused
        request.urlconf = URLCONF
        with suppress(DatabaseError):  # the door will find the same, and say so
            connection.ensure_connection()
            connection.close_at = None
        response = self.get_response(request)
        if not response.streaming:
            response.close()
        return response

    async def _send(self, response: Any, send: Any) -> None:
        headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        if not response.streaming:
            await send({"type": "http.response.body", "body": response.content})
            return
        if isinstance(response, FileResponse):
            response.block_size = BLOCK
        chunks = iter(response)
        run = asyncio.get_running_loop().run_in_executor
        try:
            while (chunk := await run(self._threads, next, chunks, None)) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await run(self._threads, response.close)


async def _watch(receive: Any, statements: running.Running) -> None:
    """Stop the statement of a client that goes away."""
    if (await receive())["type"] == "http.disconnect":
        await asyncio.to_thread(statements.cancel)
