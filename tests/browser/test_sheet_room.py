"""The tools above a sheet on wide and narrow windows: the name of the table is read, nothing leaves the window."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.grid.staff import SLUG

ROOM = """() => {
  const bar = document.querySelector(".sheet-bar");
  const name = bar.querySelector("h1");
  const edge = document.documentElement.clientWidth;
  const seen = [...bar.querySelectorAll(":scope > *")].filter((one) => one.checkVisibility());
  return {
    cut: name.scrollWidth > name.clientWidth,
    height: bar.offsetHeight,
    outside: seen.filter((one) => one.getBoundingClientRect().right > edge + 1).map((one) => one.className),
    nameless: seen.filter((one) => one.matches("a, button") && !one.innerText.trim() && !one.title).length,
    wide: document.documentElement.scrollWidth > edge,
  };
}"""


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_name_of_the_table_is_read_and_no_tool_leaves_the_window(page: Page, site: Site, language: str) -> None:
    site.staff.add(3)
    page.goto(site.url(f"/w/{SLUG}/t/{site.staff.candidates}/rename/"))
    page.fill("[name=name]", "Кандидаты на должности")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator(".bar-end summary").click()
    with page.expect_navigation():
        page.locator(f"button[name=language][value={language}]").click()
    sheet = SheetDriver(page, site.sheet)
    page.locator(".slick-row[data-row='0'] > .slick-cell.l1").click()
    sheet.press("Shift+ArrowDown")  # the button that deletes rows comes
    for width, lines in ((1280, 1), (1100, 1), (800, 2), (390, 3)):
        page.set_viewport_size({"width": width, "height": 700})
        found = page.evaluate(ROOM)
        assert not found["cut"], (width, found)
        assert found["height"] <= 50 * lines, (width, found)
        assert (found["outside"], found["nameless"], found["wide"]) == ([], 0, False), (width, found)
