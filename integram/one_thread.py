"""Django's ASGI handler with the whole chain of middleware in one thread, and with answers streamed from it.

Stock Django changes between the event loop and a thread at each middleware that is written for both, which is most of
them: 2.2 ms of CPU for an empty request, against 1.1 ms this way (docs/decisions/0004). And it collects an answer that
comes from an ordinary generator, such as a file or an export, in memory before it sends the first byte.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import FileResponse, HttpRequest, StreamingHttpResponse

BLOCK = 2**16  #: bytes of a file for one change of thread; Django's own 4 KiB would cost more than it sends


class OneThreadHandler(ASGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:
        response = await sync_to_async(self.get_response, thread_sensitive=True)(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            if isinstance(response, FileResponse):
                response.block_size = BLOCK
            response.streaming_content = _from_thread(iter(response))
        return response


async def _from_thread(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """One chunk after the other, each made in the request's thread when the one before is sent."""
    following = sync_to_async(lambda: next(chunks, None), thread_sensitive=True)
    while (chunk := await following()) is not None:
        yield chunk
