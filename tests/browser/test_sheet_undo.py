"""Undo and redo: rows made here, deletions, across a reload, and never over what others did."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from qdm.query.ast import Compare, Op, Query
from qdm.record import Record
from qdm.selectors import records
from qdm.services import records as writing
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture
def rows(site: Site) -> Any:
    made = site.staff.add(30)
    yield made
    left = records.page(site.staff.candidates, Query(limit=500), access=site.staff.access()).records
    for one in left:
        writing.delete(one.id, access=site.staff.access())


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def named(site: Site, name: str) -> list[Record]:
    question = Query(filter=Compare("val", Op.EQ, name))
    return list(records.page(site.staff.candidates, question, access=site.staff.access()).records)


def stored(site: Site, row: int) -> Record:
    return records.get(row, access=site.staff.access())


def add(sheet: SheetDriver, name: str) -> None:
    sheet.page.locator("[data-add]").click()
    sheet.type(name)
    sheet.press("Enter")
    sheet.expect_saved()


def undo(sheet: SheetDriver) -> None:
    sheet.command_on_russian_layout("я")


def redo(sheet: SheetDriver) -> None:
    sheet.command_on_russian_layout("н")


def test_undoing_a_new_row_deletes_it_and_redo_brings_it_back(sheet: SheetDriver, site: Site) -> None:
    add(sheet, "Ян Краткий")
    sheet.press("ArrowUp")
    sheet.press("ArrowRight")
    sheet.type("12345")
    sheet.press("Enter")
    sheet.expect_saved()
    (made,) = named(site, "Ян Краткий")
    count = sheet.page.locator("[data-rows]")
    expect(count).to_contain_text("31")
    undo(sheet)  # the telephone
    undo(sheet)  # the row
    expect(count).to_contain_text("30")
    sheet.page.wait_for_function("() => document.querySelector('.sheet').sheet.grid.getActiveCell()")
    assert named(site, "Ян Краткий") == []
    redo(sheet)
    expect(count).to_contain_text("31")
    assert [row.id for row in named(site, "Ян Краткий")] == [made.id]
    redo(sheet)  # and its telephone
    sheet.page.wait_for_function("() => document.querySelector('.sheet').sheet.gestures.steps[1] === 0")
    sheet.expect_saved()
    assert named(site, "Ян Краткий")[0].cells == {site.staff.columns["Телефон"]: "12345"}


def test_a_pasted_block_with_new_rows_is_one_step(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    sheet.go(29, "Кандидаты")
    sheet.page.evaluate("navigator.clipboard.writeText('Первый\\nВторой\\nТретий')")
    sheet.press("Control+v")
    sheet.page.wait_for_function("() => document.querySelector('.sheet').sheet.writer.waiting > 0")
    sheet.expect_saved()
    assert len(named(site, "Третий")) == 1
    undo(sheet)
    expect(sheet.page.locator("[data-rows]")).to_contain_text("30")
    sheet.expect_saved()
    assert named(site, "Третий") == []
    expect(sheet.cell(29, "Кандидаты")).to_have_text("Кандидат 00030")


def test_a_row_that_another_has_changed_is_not_deleted(page: Page, site: Site, rows: list[int]) -> None:
    sheet = SheetDriver(page, site.sheet)
    add(sheet, "Ян Чужой")
    (made,) = named(site, "Ян Чужой")
    writing.update(made.id, {site.staff.columns["Телефон"]: "777"}, access=site.staff.access())
    undo(sheet)
    expect(page.locator(".toasts .note.error")).to_be_visible()
    assert len(named(site, "Ян Чужой")) == 1


def test_a_cell_that_another_has_changed_stops_the_undo_and_says_so(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    phone = site.staff.columns["Телефон"]
    for row, text in ((1, "111"), (2, "222")):
        sheet.go(row, "Телефон")
        sheet.type(text)
        sheet.press("Enter")
        sheet.expect_saved()
    writing.update(rows[2], {phone: "чужое"}, access=site.staff.access())
    expect(sheet.cell(2, "Телефон")).to_have_text("чужое")
    undo(sheet)
    expect(sheet.page.locator(".toasts .note.error")).to_be_visible()
    assert stored(site, rows[2]).cells[phone] == "чужое"
    undo(sheet)  # what lies before it
    expect(sheet.cell(1, "Телефон")).to_have_text("")


def test_deleted_rows_come_back_by_undo_and_go_by_redo(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    count = sheet.page.locator("[data-rows]")
    sheet.go(5, "Кандидаты")
    sheet.press("Shift+ArrowDown")
    sheet.page.locator("[data-delete]").click()
    expect(count).to_contain_text("28")
    sheet.go(0, "Кандидаты")
    undo(sheet)
    expect(count).to_contain_text("30")
    expect(sheet.cell(5, "Кандидаты")).to_have_text("Кандидат 00006")
    redo(sheet)
    expect(count).to_contain_text("28")
    undo(sheet)
    expect(count).to_contain_text("30")


def test_what_was_done_before_a_reload_can_be_undone_after_it(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    phone = site.staff.columns["Телефон"]
    sheet.go(3, "Телефон")
    sheet.type("до перезагрузки")
    sheet.press("Enter")
    sheet.expect_saved()
    sheet.page.reload()
    sheet = SheetDriver(sheet.page, site.sheet)
    sheet.go(0, "Телефон")
    undo(sheet)
    expect(sheet.cell(3, "Телефон")).to_have_text("")
    sheet.expect_saved()
    assert phone not in stored(site, rows[3]).cells
    redo(sheet)
    expect(sheet.cell(3, "Телефон")).to_have_text("до перезагрузки")


def test_a_hundred_steps_are_kept(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    sheet.go(8, "Переезд")
    for _ in range(104):
        sheet.press("Space")
    sheet.expect_saved()
    for _ in range(100):
        undo(sheet)
    sheet.page.wait_for_timeout(500)
    sheet.expect_saved()
    assert sheet.page.evaluate("document.querySelector('.sheet').sheet.gestures.steps") == [0, 100]
