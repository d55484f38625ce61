"""Undo and redo of what is done to columns and of fills: each act by keys, back, and forward again."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from qdm.query.ast import Query
from qdm.selectors import records
from qdm.services import records as writing
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture
def rows(site: Site) -> Any:
    yield site.staff.add(6)
    for one in records.page(site.staff.candidates, Query(limit=500), access=site.staff.access()).records:
        writing.delete(one.id, access=site.staff.access())


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def headings(sheet: SheetDriver) -> list[str]:
    sheet.page.wait_for_selector("[data-ready=true]")
    names = sheet.page.locator(".slick-header-column").all_inner_texts()
    return [name.strip().removesuffix("*").strip() for name in names][1:]


def choose(sheet: SheetDriver, column: str, item: str) -> None:
    """From a cell of the column, by keys, through its menu."""
    sheet.go(0, column)
    sheet.press("Alt+ArrowDown")
    sheet.page.locator(".column-menu").get_by_role("menuitem", name=item, exact=True).focus()
    sheet.press("Enter")


def frozen(sheet: SheetDriver) -> int:
    last: int = sheet.page.evaluate("document.querySelector('.sheet').sheet.grid.getOptions().frozenColumn")
    return last


#: What a state of the columns is read by, in the page.
STATES = {
    "width": "sheet.grid.getColumns().find(({ spec }) => spec?.name === 'Телефон').width",
    "frozen": "sheet.grid.getOptions().frozenColumn",
    "second": "sheet.grid.getColumns()[2].spec.name",
}


def becomes(sheet: SheetDriver, state: str, expected: object) -> None:
    there = (
        f"expected => {{ const {{ sheet }} = document.querySelector('.sheet'); return {STATES[state]} === expected }}"
    )
    sheet.page.wait_for_function(there, arg=expected)


def undo(sheet: SheetDriver) -> None:
    sheet.go(1, "Кандидаты")
    sheet.command_on_russian_layout("я")


def redo(sheet: SheetDriver) -> None:
    sheet.go(1, "Кандидаты")
    sheet.command_on_russian_layout("н")


def anew(sheet: SheetDriver, act: Any) -> None:
    """What changes columns themselves brings the page anew."""
    with sheet.page.expect_navigation():
        act(sheet)
    sheet.page.wait_for_selector("[data-ready=true]")


def test_places_freezing_and_widths_go_back_and_forth(sheet: SheetDriver, site: Site) -> None:
    before = headings(sheet)
    heading = sheet.page.locator(f".slick-header-column[data-column='{site.staff.columns['Телефон']}']")
    wide = heading.evaluate("one => one.offsetWidth")
    choose(sheet, "Телефон", "Сдвинуть вправо")
    moved = headings(sheet)
    assert moved[1:3] == ["Зарплата", "Телефон"]
    choose(sheet, "Зарплата", "Закрепить до этой колонки")
    assert frozen(sheet) == 2
    handle = heading.locator(".slick-resizable-handle").bounding_box()
    assert handle is not None
    mouse = sheet.page.mouse
    mouse.move(handle["x"] + 3, handle["y"] + 10)
    mouse.down()
    mouse.move(handle["x"] + 63, handle["y"] + 10, steps=4)
    mouse.up()
    wider = heading.evaluate("one => one.offsetWidth")
    assert wider > wide + 30

    for act, name, expected in (
        (undo, "width", wide),
        (undo, "frozen", -1),
        (undo, "second", before[1]),
        (redo, "second", "Зарплата"),
        (redo, "frozen", 2),
        (redo, "width", wider),
    ):
        act(sheet)
        becomes(sheet, name, expected)
    assert headings(sheet) == moved
    for _ in range(3):  # as it was, for the other tests
        undo(sheet)
    becomes(sheet, "second", before[1])


def test_a_new_name_and_a_deleted_column_with_its_cells_go_back_and_forth(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    page = sheet.page
    phone = site.staff.columns["Телефон"]
    writing.update(rows[2], {phone: "12345"}, access=site.staff.access())
    choose(sheet, "Телефон", "Изменить колонку")
    page.locator("dialog [name=name]").fill("Мобильный")
    anew(sheet, lambda one: one.press("Enter"))
    assert "Мобильный" in headings(sheet)
    choose(sheet, "Мобильный", "Удалить колонку…")
    page.locator("dialog[open] form button").last.focus()
    anew(sheet, lambda one: one.press("Enter"))
    assert "Мобильный" not in headings(sheet)

    anew(sheet, undo)
    assert "Мобильный" in headings(sheet)
    expect(sheet.cell(2, "Мобильный")).to_have_text("12345")
    anew(sheet, undo)
    assert "Телефон" in headings(sheet)
    anew(sheet, redo)
    assert "Мобильный" in headings(sheet)
    anew(sheet, redo)
    assert "Мобильный" not in headings(sheet)
    anew(sheet, undo)
    anew(sheet, undo)
    expect(sheet.cell(2, "Телефон")).to_have_text("12345")


def test_a_fill_is_one_step(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    sheet.go(0, "Телефон")
    sheet.type("555")
    sheet.press("Enter")
    sheet.go(0, "Телефон")
    sheet.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    sheet.command_on_russian_layout("в")  # Ctrl+D
    expect(sheet.cell(3, "Телефон")).to_have_text("555")
    sheet.expect_saved()
    undo(sheet)
    for row in (1, 2, 3):
        expect(sheet.cell(row, "Телефон")).to_have_text("")
    expect(sheet.cell(0, "Телефон")).to_have_text("555")
    redo(sheet)
    expect(sheet.cell(3, "Телефон")).to_have_text("555")
    undo(sheet)
    sheet.expect_saved()
    phone = site.staff.columns["Телефон"]
    stored = [records.get(rows[row], access=site.staff.access()).cells.get(phone) for row in range(4)]
    assert stored == ["555", None, None, None]


def test_pasted_new_rows_come_again(sheet: SheetDriver, site: Site) -> None:
    shown = sheet.page.locator("[data-rows]")
    sheet.go(5, "Кандидаты")
    sheet.press("ArrowDown")
    sheet.page.evaluate("navigator.clipboard.writeText('Один\\t11\\nДва\\t22')")
    sheet.press("Control+v")
    expect(shown).to_contain_text("8")
    sheet.page.wait_for_function("() => document.querySelector('.sheet').sheet.writer.waiting === 0")
    undo(sheet)
    expect(shown).to_contain_text("6")
    redo(sheet)
    expect(shown).to_contain_text("8")
    sheet.expect_saved()
    left = records.page(site.staff.candidates, Query(limit=50), access=site.staff.access()).records
    cells = {one.val: one.cells.get(site.staff.columns["Телефон"]) for one in left}
    assert (cells["Один"], cells["Два"]) == ("11", "22")
