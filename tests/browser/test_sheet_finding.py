"""Find in table and go to row, by keys alone, on a table that is not loaded."""

import re

import pytest
from playwright.sync_api import Page, expect

from qdm.services import records as writing
from qdm.services.writes import Update
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver

ROWS = 3_000


def _row(place: int, total: int) -> re.Pattern[str]:
    """«строка 1 из 3»"""
    return re.compile(rf"\b{place}\b.*\b{total}\b")


def _comes_to(sheet: SheetDriver, place: tuple[int, int]) -> None:
    """Row and cell; the answer of the server is waited for."""
    sheet.page.wait_for_function(
        "(at) => { const a = document.querySelector('.sheet').sheet.grid.getActiveCell();"
        " return a && a.row === at[0] && a.cell === at[1] }",
        arg=list(place),
    )


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    made = site.staff.add(ROWS)
    phone, note = site.staff.columns["Телефон"], site.staff.columns["Заметка"]
    changes = [
        Update(made[10], {phone: "Жираф"}, None),
        Update(made[1500], {phone: "жираф и слон", note: "большой Жираф"}, None),
        Update(made[2990], {note: "тоже жираф"}, None),
    ]
    writing.write(site.staff.candidates, changes, access=site.staff.access())
    return made


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def test_hits_of_the_whole_table_are_stepped_through_cell_by_cell_and_begin_anew(sheet: SheetDriver) -> None:
    sheet.go(3, "Телефон")
    sheet.command_on_russian_layout("а")  # Ctrl+F
    bar = sheet.page.locator("[data-find]")
    expect(bar).to_be_visible()
    sheet.type("жираф")
    count = sheet.page.locator("[data-find-count]")
    expect(count).to_contain_text(_row(1, 3))
    _comes_to(sheet, (10, 2))
    for place, said in (((1500, 2), 2), ((1500, 6), 2), ((2990, 6), 3), ((10, 2), 1)):
        sheet.press("Enter")
        _comes_to(sheet, place)
        expect(count).to_contain_text(_row(said, 3))
    sheet.press("Shift+Enter")
    expect(count).to_contain_text(_row(3, 3))
    _comes_to(sheet, (2990, 6))
    expect(sheet.cell(2990, "Заметка")).to_have_class(re.compile("found"))
    sheet.press("Escape")
    expect(bar).to_be_hidden()
    sheet.press("ArrowUp")  # the sheet has the keys again
    assert sheet.active() == (2989, 6)


def test_numbers_and_dates_are_found_as_they_are_written(sheet: SheetDriver) -> None:
    sheet.go(0, "Кандидаты")
    sheet.press("Control+f")
    sheet.type("2 500 000")
    expect(sheet.page.locator("[data-find-count]")).to_contain_text(_row(1, 1))
    assert sheet.active() == (2499, 3)


def test_what_is_found_is_of_the_filter_and_nothing_is_said_so(sheet: SheetDriver) -> None:
    sheet.page.locator("[data-search]").fill("Казань")
    expect(sheet.page.locator("[data-rows]")).to_contain_text("1")
    sheet.press("Control+f")
    sheet.type("Уфа")
    expect(sheet.page.locator("[data-find-count]")).to_have_text("Ничего не найдено.")


def test_a_row_is_gone_to_by_its_number(sheet: SheetDriver) -> None:
    sheet.go(0, "Зарплата")
    sheet.command_on_russian_layout("п")  # Ctrl+G
    sheet.type("2 345")
    sheet.press("Enter")
    assert sheet.active() == (2344, 3)
    expect(sheet.cell(2344, "Кандидаты")).to_have_text("Кандидат 02345")
    sheet.press("ArrowRight")
    assert sheet.active() == (2344, 4)


def test_in_a_grouped_sheet_the_groups_of_the_hits_are_opened(page: Page, site: Site, rows: list[int]) -> None:
    """Odd candidates are from Казань, the first group; the even ones from Уфа."""
    sheet = SheetDriver(page, f"{site.sheet}?group={site.staff.columns['Город']}")
    expect(page.locator(".group-label")).to_have_count(2)
    sheet.command_on_russian_layout("а")
    sheet.type("жираф")
    count = page.locator("[data-find-count]")
    for place, said in (((6, 2), 1), ((751, 2), 2), ((751, 6), 2), ((1496, 6), 3), ((6, 2), 1)):
        _comes_to(sheet, place)
        expect(count).to_contain_text(_row(said, 3))
        sheet.press("Enter")
    page.locator("[data-find-text]").fill("2 500 000")
    _comes_to(sheet, (2751, 3))  # behind 1500 rows of Казань, which stays open
    expect(sheet.cell(2751, "Кандидаты")).to_have_text("Кандидат 02500")
    sheet.press("Escape", "ArrowDown")
    assert sheet.active() == (2752, 3)
