"""A real browser before a real server: uvicorn on a loopback port, in a thread of the tests, on the tests' database.

Each module has its own workspace, committed, and dropped behind it.
"""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from tests.grid import staff as world
from tests.grid.staff import SLUG, Staff

CHROMIUM = "/usr/bin/chromium"
#: Without the middle ones Chromium goes looking for its maker's hosts at every start.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "quite-long-and-secret"
PATIENCE = 20_000  #: ms; the machine may be busy

expect.set_options(timeout=PATIENCE)

# Playwright keeps an event loop running in this thread, which Django would take for an async context.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = not Path(CHROMIUM).exists()
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db)  # so that pytest-django makes the database
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}"))


@pytest.fixture
def _django_db_helper() -> None:
    """No transaction around a test: the server has to see what the test writes. The module cleans up instead."""


@pytest.fixture(autouse=True)
def _connections_closed(site: "Site", browser: Browser) -> Iterator[None]:
    """While Playwright's loop runs, this thread is a context of its own for Django, with a connection of its own."""
    yield
    connections.close_all()


@dataclass(frozen=True)
class Site:
    """Where the server listens, and the workspace in it."""

    base: str
    staff: Staff

    def url(self, path: str) -> str:
        return f"{self.base}{path}"

    @property
    def sheet(self) -> str:
        return self.url(f"/w/{SLUG}/t/{self.staff.candidates}/")


def _application() -> Any:
    """As integram.asgi has it, without the captures of video that begin with the server."""
    from integram.origin import OriginValidator
    from integram.routing import websocket_urlpatterns

    sockets = OriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))
    return ProtocolTypeRouter({"http": get_asgi_application(), "websocket": sockets})


@pytest.fixture(scope="session")
def server_url(django_db_setup: None) -> Iterator[str]:
    """The server stops before the database goes, so that its listening connection does not keep it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        ASGIStaticFilesHandler(_application()), host="127.0.0.1", port=port, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def site(server_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    from qdm.services import workspaces

    with django_db_blocker.unblock():
        staff = world.make(PASSWORD)
        yield Site(server_url, staff)
        for slug in _slugs():
            workspaces.drop(slug, slug)
        staff.owner.delete()
        connections.close_all()


def _slugs() -> list[str]:
    from qdm.models import Workspace

    return list(Workspace.objects.values_list("slug", flat=True))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def sign_in(page: Page, site: Site, username: str) -> None:
    """As a person does, with the password of everybody here."""
    page.goto(site.url("/accounts/login/"))
    fill_sign_in(page, username)
    page.wait_for_url(site.url("/"))


def fill_sign_in(page: Page, username: str) -> None:
    """The form for signing in, wherever it stands."""
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: Site) -> Any:
    """The cookies of the owner, once a module."""
    context = browser.new_context(locale="ru-RU")
    sign_in(context.new_page(), site, "owner")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(browser: Browser, signed_in: Any) -> Iterator[Page]:
    """A page of the signed-in owner in Russian. The test fails where the page broke its own policy or threw."""
    context = browser.new_context(
        storage_state=signed_in, locale="ru-RU", viewport={"width": 1280, "height": 800}, timezone_id="Europe/Moscow"
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if _is_violation(message.text) else None)
    yield page
    context.close()
    assert problems == []


def _is_violation(text: str) -> bool:
    return "Content Security Policy" in text or "Refused to" in text
