"""The handler of HTTP that bounds what a client may cost: the bytes of a body, and the query of one that goes away."""

import asyncio
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from integram.one_thread import OneThreadHandler
from integram.programs import ProgramHandler, is_call
from qdm.managers import running

TOO_LARGE = b'{"detail":"The body is too large."}'


class GuardedHandler(OneThreadHandler):
    """Pages of the site; calls by programs go to a handler of their own."""

    def __init__(self) -> None:
        super().__init__()
        self._programs = ProgramHandler()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if length.isdigit() and int(length) > settings.BODY_BYTES:
            headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 413, "headers": headers})
            await send({"type": "http.response.body", "body": TOO_LARGE})
            return
        if is_call(scope["path"]):
            await self._programs(scope, _bounded(receive), send)
        else:
            await super().__call__(scope, _bounded(receive), send)

    async def get_response_async(self, request: HttpRequest) -> Any:
        statements = running.Running()
        running.current.set(statements)  # the request's thread works in a copy of this context
        try:
            return await super().get_response_async(request)
        except asyncio.CancelledError:  # the client went away
            await asyncio.shield(asyncio.to_thread(statements.cancel))
            raise


def _bounded(receive: Any) -> Any:
    """Of a body whose length is not told beforehand no more is taken either: the request is given up."""
    taken = 0

    async def bounded() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= settings.BODY_BYTES else {"type": "http.disconnect"}

    return bounded
