"""The web process is killed under an open sheet in a real browser: the page goes on, and nothing typed is lost."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, Route, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.faults.report import Counts, record
from tests.faults.site import PATIENCE, Site
from tests.faults.traffic import post

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no Chromium at {CHROMIUM}"),
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.stop()


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        address = f"http://127.0.0.1:{site.served.port}"
        context.add_cookies([{"name": "sessionid", "value": site.place.session, "url": address}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{address}/w/{site.place.slug}/t/{site.place.term}/")
        yield page
        browser.close()


def _type(page: Page, row: str, column: int) -> str:
    """Type into a cell what is not there yet."""
    typed = "77"
    page.locator(".slick-row").filter(has_text=row).locator(f".slick-cell.l{column}").click()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    return typed


def test_an_open_sheet_outlives_the_web_process(site: Site, page: Page) -> None:
    status, answer = post(site.served.port, site.place, "row")
    assert status == 200
    first, second, third = (result["id"] for result in answer["results"][:3])
    page.wait_for_selector("[data-ready][data-online]")
    page.wait_for_selector("[data-refresh].calls")
    page.click("[data-refresh]")
    page.wait_for_selector(".slick-cell:has-text('row 1')")
    page.evaluate("() => { window.opened = 'once' }")

    site.served.process.send_signal(signal.SIGSTOP)  # it would start the next one at once
    site.served.child("uvicorn").kill()
    page.wait_for_selector("[data-ready]:not([data-online])")
    with psycopg.connect(site.database) as others:
        others.execute("update ws_traffic.node set val = 'changed meanwhile' where id = %s", [first])
    typed = _type(page, "row 1", 2)
    page.wait_for_selector("[data-saving][data-state=refused]")
    assert page.locator(".slick-cell.pending", has_text=typed).count() == 1, "shown as not saved"

    site.served.process.send_signal(signal.SIGCONT)
    page.wait_for_selector("[data-online]")
    page.wait_for_selector(".slick-cell:has-text('changed meanwhile')")
    page.wait_for_selector("[data-saving][data-state=saved]")
    stored = "select val from ws_traffic.node where up = %s and t = %s"
    assert site.ask(stored, second, site.place.column) == [(typed,)]
    assert page.locator(".slick-cell.pending").count() == 0

    def answer_lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/batch*", answer_lost, times=1)
    typed = _type(page, "row 2", 2)
    page.wait_for_selector("[data-saving][data-state=refused]")
    page.wait_for_selector("[data-saving][data-state=saved]")
    assert page.locator(".slick-cell.refused").count() == 0, "what is sent again is no conflict with oneself"
    assert site.ask(stored, third, site.place.column) == [(typed,)]
    assert page.evaluate("() => window.opened") == "once", "no reload"
    told = "a real browser: reconnected, caught up, sent what was typed meanwhile; 0 reloads"
    record("kill -9 of the web process under an open page", Counts(sheets=told))
