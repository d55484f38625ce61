"""axe-core finds nothing serious on any page, in either theme."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from qdm.services import records as writing
from qdm.services.writes import Create
from tests.browser.conftest import PATIENCE, Site
from tests.grid.staff import SLUG

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}


def pages(site: Site, row: int) -> list[str]:
    table = f"/w/{SLUG}/t/{site.staff.candidates}/"
    return [
        "/",
        f"/w/{SLUG}/", f"/w/{SLUG}/import/", f"/w/{SLUG}/history/", f"/w/{SLUG}/people/", f"/w/{SLUG}/access/",
        f"/w/{SLUG}/forms/", f"/w/{SLUG}/tables/", f"/w/{SLUG}/rename/", "/accounts/own/", "/accounts/password/",
        "/video/",
        table, f"{table}?q=nothing-like-it", f"{table}?group={site.staff.columns['Город']}", f"{table}filter/",
        f"{table}group/", f"{table}shown/", f"{table}views/", f"{table}views/trash/", f"{table}export/",
        f"{table}columns/", f"{table}columns/{site.staff.columns['Город']}/", f"{table}access/", f"{table}delete/",
        f"{table}r/{row}/", f"{table}r/{row}/history/", f"{table}r/{row}/access/", f"{table}r/0/",
        f"/w/{SLUG}/t/{site.staff.cities}/r/{site.staff.cities + 1}/",
    ]  # fmt: skip


@pytest.fixture(params=["light", "dark"])
def context(browser: Browser, signed_in: Any, site: Site, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = browser.new_context(storage_state=signed_in, locale="ru-RU", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": "theme", "value": request.param, "url": site.base}])
    yield context
    context.close()


def problems(page: Page) -> list[str]:
    """What axe finds of rank: rule, and the first elements it is about. Dark differs from light by its colours only."""
    page.evaluate(AXE)
    dark = page.evaluate("document.documentElement.dataset.theme") == "dark"
    rules = {"runOnly": ["color-contrast"]} if dark else {}
    found = page.evaluate("rules => axe.run(document, {resultTypes: ['violations'], ...rules})", rules)
    return [
        f"{page.url} {one['id']}: {[node['target'][0] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]


def test_no_page_has_a_serious_problem(context: BrowserContext, site: Site) -> None:
    row, *_others = site.staff.add(3)
    writing.write(site.staff.skills, [Create({site.staff.skills: "Python"}, up=row)], access=site.staff.access())
    page = context.new_page()
    found: list[str] = []
    for address in pages(site, row):
        page.goto(site.url(address))
        if page.locator("[data-controller=sheet]").count():
            page.wait_for_selector("[data-controller=sheet][data-ready=true]")
        found += problems(page)

    # What opens above a sheet: the panel, the menus, the filter, finding, an editor with its list.
    page.goto(site.sheet)
    page.wait_for_selector("[data-ready=true]")
    page.locator(".slick-row[data-row='0'] > .slick-cell.l2").click()
    page.keyboard.press("Space")
    page.wait_for_selector("[data-panel] .sheet[data-ready=true]")
    found += problems(page)
    page.keyboard.press("Escape")
    for keys, shown in (("Alt+ArrowDown", ".column-menu"), ("Shift+F10", ".row-menu"), ("Control+f", "[data-find]")):
        page.keyboard.press(keys)
        page.wait_for_selector(shown)
        found += problems(page)
        page.keyboard.press("Escape")
    page.locator(".slick-row[data-row='0'] > .slick-cell.l7").click()
    page.keyboard.press("F2")
    page.wait_for_selector(".option")
    found += problems(page)
    page.keyboard.press("Escape")
    page.locator("a[data-filter]").click()
    page.wait_for_selector("dialog[open]")
    found += problems(page)
    assert not found, "\n".join(found)
