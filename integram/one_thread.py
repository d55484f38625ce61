"""Django's ASGI handler with the whole chain of middleware in one thread.

Stock Django changes between the event loop and a thread at each middleware that is written for both, which is most of
them: 2.2 ms of CPU for an empty request, against 1.1 ms this way (docs/decisions/0004). Views here wait for the
database, so they need the thread anyway; async views and streaming answers run on the event loop as before.
"""

import asyncio
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest

from qdm.managers import running


class OneThreadHandler(ASGIHandler):
    """Also refuses bodies that are too large before they are read, and stops the query of a client that goes away."""

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:
        statements = running.Running()
        running.current.set(statements)  # the thread works in a copy of this context
        try:
            return await sync_to_async(self.get_response, thread_sensitive=True)(request)
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(statements.cancel))
            raise

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > settings.BODY_BYTES:
            start = {"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"application/json")]}
            await send(start)
            await send({"type": "http.response.body", "body": b'{"detail":"The body is too large."}'})
            return
        await super().__call__(scope, _bounded(receive), send)


def _bounded(receive: Any) -> Any:
    """Of a body whose length is not told beforehand no more is taken either: the connection is given up."""
    taken = 0

    async def bounded() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= settings.BODY_BYTES else {"type": "http.disconnect"}

    return bounded
