"""Which requests are calls by programs, and what is done for each."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from django.test import Client

from integram.programs import ProgramHandler, is_call


@pytest.mark.parametrize("path", ["/office/terms", "/office/objects/113", "/нет/terms", "/x/y/z", "/wide/terms"])
def test_what_begins_with_a_workspace_is_a_call(path: str) -> None:
    assert is_call(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/w/office/",
        "/accounts/login/",
        "/admin/",
        "/health/ready",
        "/video/info/x",
        "/docs",
        "/office",
        "/static/a.js",
    ],
)
def test_pages_are_none(path: str) -> None:
    assert not is_call(path)


def called(path: str, host: str = "localhost") -> tuple[int, dict[str, str]]:
    """Status and headers of a call, through the handler of calls."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
    }
    scope |= {"headers": [(b"host", host.encode())], "client": ("127.0.0.1", 5), "server": ("x", 80)}
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    handler = ProgramHandler()
    async_to_sync(handler)(scope, receive, send)
    handler._threads.submit(connections.close_all).result()
    handler._threads.shutdown()
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.django_db(transaction=True)
def test_a_call_is_answered_with_the_headers_of_every_answer() -> None:
    status, headers = called("/office/terms")
    site = Client().get("/office/terms")
    assert status == site.status_code == 401
    assert headers.keys() == set(site.headers) - {"Content-Language", "Vary"}  # it has one language
    for name in headers.keys() - {"Content-Security-Policy", "X-Request-ID"}:
        assert headers[name] == site.headers[name], name
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.django_db(transaction=True)
def test_a_host_that_is_not_ours_is_answered_nothing() -> None:
    assert called("/office/terms", "evil.example")[0] == 400
    assert called("/office/terms")[0] == 401
    assert called("/office/terms", "evil.example")[0] == 400
