"""Every dialog that opens from the menus of a row and of a column: the focus goes in, Tab stays in it, Esc gives the
keys back to the cell, and axe-core finds nothing serious."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.browser.test_accessible import problems

FOCUS = """() => {
  const at = document.activeElement;
  return document.querySelector("dialog[open]").contains(at) && at.matches(":focus");
}"""
MENUS = {"column": ("Alt+ArrowDown", ".column-menu"), "row": ("Shift+F10", ".row-menu")}


def items(sheet: SheetDriver, keys: str, menu: str) -> list[str]:
    """The links of the menu that lead to a dialog."""
    sheet.press(keys)
    expect(sheet.page.locator(menu)).to_be_visible()
    found = sheet.page.locator(f"{menu} a[role=menuitem][data-controller~=dialog]").all_inner_texts()
    sheet.press("Escape")
    return found


def tabbed_round(sheet: SheetDriver) -> int:
    """How many stops Tab makes until it is where it began; fails where it leaves the dialog for the page behind it."""
    page = sheet.page
    page.evaluate("() => { document.activeElement.dataset.began = '' }")
    for stops in range(1, 120):
        sheet.press("Tab")
        inside = page.evaluate(
            "() => document.querySelector('dialog[open]').contains(document.activeElement)"
            " || document.activeElement === document.body"  # the browser's own buttons stand between last and first
        )
        assert inside, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("() => 'began' in document.activeElement.dataset"):
            return stops
    raise AssertionError("Tab does not come round")


@pytest.mark.parametrize("menu", MENUS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_dialog_is_walked_by_keys_and_gives_the_cell_back(page: Page, site: Site, menu: str, theme: str) -> None:
    site.staff.add(6)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": site.base}])
    keys, selector = MENUS[menu]
    sheet = SheetDriver(page, f"{site.sheet}?sort={site.staff.candidates}")
    sheet.go(3, "Зарплата")
    names = items(sheet, keys, selector)
    assert len(names) >= 5
    found: list[str] = []
    for name in names:
        sheet.press(keys)
        page.locator(selector).get_by_role("menuitem", name=name.strip().split("\n")[0], exact=True).focus()
        sheet.press("Enter")
        expect(page.locator("dialog[open] h1")).to_be_visible()
        page.wait_for_function(FOCUS)
        found += [f"{name}: {problem}" for problem in problems(page)]
        if theme == "light":
            assert tabbed_round(sheet) > 1, name
        sheet.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        sheet.press("ArrowDown")
        assert sheet.active() == (4, 3), name
        sheet.press("ArrowUp")
    assert not found, "\n".join(found)
