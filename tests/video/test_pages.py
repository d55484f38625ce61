"""The wall and the player in a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from qdm.access import Access, Action
from qdm.selectors import structure
from rbac import grants
from rbac.models import User
from tests.video.conftest import People
from tests.video.site import Site, committed, session_cookie, until

CHROMIUM = "/usr/bin/chromium"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no Chromium at {CHROMIUM}"),
]

# Playwright keeps an event loop running in this thread, which Django would take for an async context.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield browser.new_context(locale="en")
        # This thread's connection inside Playwright's loop is another one than outside.
        connection.close()
        browser.close()


def page_of(context: BrowserContext, site: Site, username: str, problems: list[str]) -> Page:
    """A page of this user; what its console complains of goes to ``problems``."""
    _session, cookie = session_cookie(User.objects.get(username=username))
    name, value = cookie.split("=")
    url = f"http://127.0.0.1:{site.port}"
    context.clear_cookies()
    context.add_cookies([{"name": name, "value": value, "url": url}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{url}/video/")
    return page


def sequence(page: Page) -> int:
    return int(page.locator("canvas").first.get_attribute("data-sequence") or 0)


def moves(page: Page) -> None:
    """New pictures are drawn."""
    before = sequence(page)
    until(lambda: sequence(page) > before + 5, 15, 0.1)


def test_a_source_is_connected_watched_saved_and_disconnected_in_the_browser(
    context: BrowserContext, site: Site, people: People
) -> None:
    problems: list[str] = []
    page = page_of(context, site, "video-owner", problems)
    page.fill("input[name=name]", "Ястреб 1")
    page.fill("input[name=url]", "ftp://nowhere/")
    page.locator(".video-connect button.primary").click()
    expect(page.locator(".video-connect .note.error")).to_be_visible()
    problems.clear()  # Chromium reports the status 422
    page.fill("input[name=url]", "clip.avi")
    page.locator(".video-connect button.primary").click()

    tile = page.locator("[data-stream]")
    expect(tile.locator(".video-name")).to_have_text("Ястреб 1")
    moves(page)
    expect(tile.locator("[data-video-state]")).to_have_attribute("data-video-state", "live")

    tile.locator(".video-name").click()
    moves(page)
    expect(page.locator("[data-fact=size]")).to_have_text("320 × 240")
    assert page.evaluate("document.querySelector('canvas').width") == 320
    page.locator("[data-video-full]").click()
    until(lambda: page.evaluate("document.fullscreenElement !== null"))
    page.keyboard.press("Escape")
    page.evaluate("document.fullscreenElement && document.exitFullscreen()")

    page.locator("[data-video-low]").check()
    before, started = sequence(page), page.evaluate("performance.now()")
    until(lambda: sequence(page) > before, 10, 0.1)
    first = sequence(page)
    until(lambda: sequence(page) > first, 10, 0.1)
    # One of 25 a second.
    assert sequence(page) - first >= 20, started
    page.locator("[data-video-low]").uncheck()

    with page.expect_download() as download:
        page.get_by_role("link", name="Snapshot").or_(page.get_by_role("link", name="Снимок")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"\xff\xd8")

    page.locator("details.card summary").last.click()
    page.locator("button.danger").click()
    page.wait_for_url("**/video/")
    assert page.locator("[data-stream]").count() == 0
    assert problems == []
    page.close()


def test_a_viewer_sees_the_wall_without_the_form_until_the_right_is_taken(
    context: BrowserContext, site: Site, people: People, clip: str
) -> None:
    problems: list[str] = []
    page = page_of(context, site, "video-viewer", problems)
    moves(page)
    assert page.locator(".video-connect").count() == 0
    access = Access.system(structure.schema("flights"), "video tests")
    place = grants.on_workspace(access)
    committed(lambda: grants.revoke(people.viewer_user, [Action.VIEW], place, access=access))
    try:
        expect(page.locator("[data-video-state]")).to_have_attribute("data-video-state", "closed")
        stopped = until(lambda: site.info(people.owner, clip)["viewers"] == 0)
        assert stopped
        page.reload()
        assert page.locator("[data-stream]").count() == 0
    finally:
        committed(lambda: grants.grant(people.viewer_user, [Action.VIEW], place, access=access))
    page.close()
