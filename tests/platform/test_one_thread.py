"""The ASGI handler: one thread for a request, answers streamed as they are made."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from integram.one_thread import BLOCK, OneThreadHandler

threads: list[int] = []
made: list[int] = []


class NotingMiddleware:
    """Written for one way only; stands at the top of the chain."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        threads.append(threading.get_ident())
        return self.get_response(request)


def plain(request: HttpRequest) -> HttpResponse:
    threads.append(threading.get_ident())
    return HttpResponse("ok")


async def on_the_loop(request: HttpRequest) -> HttpResponse:
    threads.append(threading.get_ident())
    return HttpResponse("ok")


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    def chunks() -> Iterator[bytes]:
        for number in range(3):
            made.append(number)
            yield b"%d" % number

    return StreamingHttpResponse(chunks())


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(Path(request.GET["path"]).open("rb"))


urlpatterns = [path("plain", plain), path("async", on_the_loop), path("streamed", streamed), path("file", file)]

STACK = [
    "tests.platform.test_one_thread.NotingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    threads.clear()
    made.clear()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=STACK):
        yield


async def get(target: str, send: Any) -> None:
    """One GET through the handler; the client stays until it is answered."""
    route, _, query = target.partition("?")
    scope = {
        **{"type": "http", "method": "GET", "path": route, "query_string": query.encode(), "http_version": "1.1"},
        "headers": [(b"host", b"localhost")],
    }
    requested = False

    async def receive() -> dict[str, Any]:
        nonlocal requested
        if not requested:
            requested = True
            return {"type": "http.request"}
        await asyncio.Event().wait()
        raise AssertionError

    await OneThreadHandler()(scope, receive, send)


async def body(target: str) -> bytes:
    parts = []

    async def send(message: dict[str, Any]) -> None:
        parts.append(message.get("body", b""))

    await get(target, send)
    return b"".join(parts)


async def test_middleware_and_view_share_a_thread() -> None:
    assert await body("/plain") == b"ok"
    assert len(threads) == 2
    assert len(set(threads)) == 1
    assert threading.get_ident() not in threads


async def test_an_async_view_runs_on_the_event_loop() -> None:
    assert await body("/async") == b"ok"
    assert threads[1] == threading.get_ident()


async def test_a_chunk_is_made_when_the_one_before_is_sent() -> None:
    progress = []

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            progress.append((message["body"], list(made)))

    await get("/streamed", send)
    assert progress == [(b"0", [0]), (b"1", [0, 1]), (b"2", [0, 1, 2])]


@pytest.mark.filterwarnings("error")
async def test_a_file_comes_whole_in_blocks(tmp_path: Path) -> None:
    content = bytes(range(256)) * (BLOCK // 100)
    (tmp_path / "file").write_bytes(content)
    sizes = []

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            sizes.append(len(message["body"]))

    await get(f"/file?path={tmp_path / 'file'}", send)
    assert sizes == [BLOCK, BLOCK, len(content) - 2 * BLOCK]
    assert await body(f"/file?path={tmp_path / 'file'}") == content
