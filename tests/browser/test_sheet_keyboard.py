"""The keyboard alone: every menu and dialog of the sheet is reached, walked, closed, and gives the focus back."""

import pytest
from playwright.sync_api import Page, expect

from qdm.services import records as writing
from qdm.services.writes import Create
from tests.browser.conftest import Site
from tests.browser.sheet_driver import CONTROL, SheetDriver
from tests.grid.staff import SLUG


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    made = site.staff.add(40)
    skills = [Create({site.staff.skills: f"Навык {number}"}, made[0]) for number in range(3)]
    writing.write(site.staff.skills, skills, access=site.staff.access())
    return made


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement?.outerHTML.slice(0, 300) ?? ''")
    return found


def in_grid(page: Page) -> bool:
    inside: bool = page.evaluate("document.querySelector('[data-grid]').contains(document.activeElement)")
    return inside


def tab_to(page: Page, selector: str) -> None:
    """By Tab from the top of the page."""
    page.locator(".skip").focus()
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => Boolean(document.activeElement?.matches(selector))", selector):
            return
    raise AssertionError(f"{selector} is not reached: {focused(page)}")


def test_every_tool_above_the_sheet_is_reached_by_tab_opened_and_closed(sheet: SheetDriver) -> None:
    page = sheet.page
    for menu in page.locator(".sheet-bar details.menu, .sheet-views details.menu").all():
        summary = menu.locator("summary")
        summary.evaluate("one => (one.dataset.walked = '')")
        tab_to(page, "[data-walked]")
        sheet.press("Enter")
        expect(menu).to_have_attribute("open", "")
        sheet.press("ArrowDown")
        assert menu.locator(".menu-list :focus").count() == 1
        sheet.press("Escape")
        expect(menu).not_to_have_attribute("open", "")
        expect(summary).to_be_focused()
        summary.evaluate("one => delete one.dataset.walked")
    for place in (".sheet-bar", ".view-tools"):
        for link in page.locator(f"{place} > a[data-controller~=dialog], {place} > a[data-filter]").all():
            link.evaluate("one => (one.dataset.walked = '')")
            tab_to(page, "[data-walked]")
            sheet.press("Enter")
            dialog = page.locator("dialog[open]")
            expect(dialog).to_be_visible()
            assert dialog.locator(":focus").count() == 1
            sheet.press("Escape")
            expect(page.locator("dialog[open]")).to_have_count(0)
            expect(link).to_be_focused()
            link.evaluate("one => delete one.dataset.walked")


def test_the_menus_of_a_column_and_of_a_row_give_the_keys_back_to_the_cell(sheet: SheetDriver) -> None:
    page = sheet.page
    sheet.go(3, "Зарплата")
    sheet.press("Alt+ArrowDown")
    menu = page.locator(".column-menu")
    expect(menu).to_be_visible()
    names = menu.get_by_role("menuitem").all_inner_texts()
    for _name in names:
        sheet.press("ArrowDown")
    expect(menu.get_by_role("menuitem").first).to_be_focused()  # round and round
    sheet.press("Escape")
    expect(menu).to_be_hidden()
    sheet.press("ArrowDown")
    assert sheet.active() == (4, 3)
    sheet.press("Shift+F10", "Escape", "ArrowUp")
    assert sheet.active() == (3, 3)


def test_each_dialog_of_a_column_is_closed_by_escape_and_the_keys_go_on_in_the_sheet(sheet: SheetDriver) -> None:
    page = sheet.page
    sheet.go(3, "Зарплата")
    sheet.press("Alt+ArrowDown")
    count = page.locator(".column-menu [role=menuitem]").count()
    opened = 0
    for at in range(count):
        sheet.press("Escape")
        sheet.go(3, "Зарплата")
        sheet.press("Alt+ArrowDown")
        item = page.locator(".column-menu [role=menuitem]").nth(at)
        if item.evaluate("one => one.localName") != "a":
            continue
        item.focus()
        sheet.press("Enter")
        expect(page.locator("dialog[open]")).to_be_visible()
        sheet.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert in_grid(page), focused(page)
        sheet.press("ArrowDown")
        assert sheet.active() == (4, 3)
        opened += 1
    assert opened >= 5


def test_space_in_a_sub_table_opens_the_page_of_its_row(page: Page, site: Site, rows: list[int]) -> None:
    sheet = SheetDriver(page, site.url(f"/w/{SLUG}/t/{site.staff.candidates}/r/{rows[0]}/?tab={site.staff.skills_tab}"))
    sheet.cell(1, "Навыки").click()
    sheet.press("Space")
    page.wait_for_url(f"**/t/{site.staff.skills}/r/*/")
    expect(page.locator("h1")).to_have_text("Навык 1")


def test_rows_and_columns_are_selected_as_in_excel(sheet: SheetDriver) -> None:
    """Shift+Space the row, Ctrl+Space the column, Ctrl+A all; on the Russian layout too."""
    page = sheet.page

    def selected() -> list[int]:
        found: list[int] = page.evaluate(
            """() => { const one = document.querySelector('.sheet').sheet.selection.ranges.at(-1);
            return [one.fromRow, one.fromCell, one.toRow, one.toCell]; }"""
        )
        return found

    last = page.locator(".slick-header-column").count() - 1
    sheet.go(5, "Зарплата")
    sheet.press("Shift+Space")
    assert selected() == [5, 1, 5, last]
    sheet.go(5, "Зарплата")
    sheet.press("Control+Space")
    assert selected() == [0, 3, 39, 3]
    sheet.go(5, "Зарплата")
    sheet.command_on_russian_layout("ф")  # Ctrl+A
    assert selected() == [0, 1, 39, last]
    sheet.heading("Родился").click(modifiers=["Control"], position={"x": 30, "y": 8})
    assert selected() == [0, 4, 39, 4]
    sheet.go(7, "Зарплата")
    page.locator(".slick-row[data-row='9'] .row-number").click(modifiers=["Shift"], position={"x": 3, "y": 3})
    assert selected() == [7, 1, 9, last]


def test_commands_work_on_the_russian_layout(sheet: SheetDriver) -> None:
    page = sheet.page
    sheet.go(2, "Телефон")
    sheet.type("900")
    sheet.press("Enter", "ArrowUp")
    sheet.keys.send("Input.dispatchKeyEvent", _key("с", "KeyC", ["copy"]))
    sheet.press("ArrowDown")
    sheet.keys.send("Input.dispatchKeyEvent", _key("м", "KeyV", ["paste"]))
    expect(sheet.cell(3, "Телефон")).to_have_text("900")
    sheet.keys.send("Input.dispatchKeyEvent", _key("ч", "KeyX", ["cut"]))
    expect(sheet.cell(3, "Телефон")).to_have_text("")
    sheet.command_on_russian_layout("я")  # Ctrl+Z
    expect(sheet.cell(3, "Телефон")).to_have_text("900")
    sheet.command_on_russian_layout("н")  # Ctrl+Y
    expect(sheet.cell(3, "Телефон")).to_have_text("")
    sheet.press("ArrowDown")
    sheet.go(2, "Телефон")
    sheet.press("Shift+ArrowDown")
    sheet.command_on_russian_layout("в")  # Ctrl+D
    expect(sheet.cell(3, "Телефон")).to_have_text("900")
    sheet.go(2, "Телефон")
    sheet.press("ArrowDown", "ArrowDown")
    sheet.go(4, "Заметка")
    sheet.command_on_russian_layout("ж")  # Ctrl+;
    expect(sheet.cell(4, "Родился")).to_have_text("17.05.1990")
    sheet.go(4, "Родился")
    sheet.command_on_russian_layout("ж")
    today = page.evaluate("new Date().toLocaleDateString('ru-RU')")
    expect(sheet.cell(4, "Родился")).to_have_text(today)
    sheet.command_on_russian_layout("а")  # Ctrl+F
    expect(page.locator("[data-find-text]")).to_be_focused()
    sheet.press("Escape")
    sheet.expect_saved()


def _key(letter: str, code: str, commands: list[str]) -> dict[str, object]:
    """Ctrl with a key of the Russian layout, with what the browser does of itself upon it."""
    return {
        "type": "keyDown",
        "key": letter,
        "code": code,
        "windowsVirtualKeyCode": ord(code[-1]),
        "modifiers": CONTROL,
        "commands": commands,
    }
