"""What a hand that lives in Excel does without thinking: ranges by mouse and Shift, lines in a cell, several sorts, and
a block pasted into what is filtered, sorted and partly hidden."""

import pytest
from playwright.sync_api import Page, expect

from qdm.record import Link
from qdm.selectors import records
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.browser.test_sheet_pasting import paste

ROWS = 400


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(ROWS)


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, f"{site.sheet}?sort={site.staff.candidates}")


def selected(sheet: SheetDriver) -> list[int]:
    found: list[int] = sheet.page.evaluate(
        """() => { const one = document.querySelector('.sheet').sheet.selection.ranges.at(-1);
        return [one.fromRow, one.fromCell, one.toRow, one.toCell]; }"""
    )
    return found


def test_ranges_by_shift_and_by_mouse(sheet: SheetDriver) -> None:
    sheet.go(5, "Зарплата")
    for keys, area in (
        ("Shift+ArrowRight", [5, 3, 5, 4]),
        ("Shift+ArrowUp", [4, 3, 5, 4]),
        ("Shift+End", [4, 3, 5, 7]),
        ("Shift+Home", [4, 1, 5, 3]),
        ("Control+Shift+End", [5, 3, ROWS - 1, 7]),
        ("Control+Shift+Home", [0, 1, 5, 3]),
        ("Control+Shift+ArrowDown", [5, 1, ROWS - 1, 3]),
        ("Control+Shift+ArrowUp", [0, 1, 5, 3]),
        ("Control+Shift+ArrowRight", [0, 3, 5, 7]),
        ("Control+Shift+ArrowLeft", [0, 1, 5, 3]),
    ):
        sheet.press(keys)
        assert selected(sheet) == area, keys
    sheet.go(5, "Зарплата")
    sheet.press("Shift+PageDown")
    assert selected(sheet)[2] > 15
    sheet.go(30 - 15, "Зарплата")
    sheet.press("PageDown")
    down = sheet.active()[0]
    sheet.press("PageUp")
    assert sheet.active()[0] < down
    sheet.press("Control+Home")
    sheet.go(2, "Телефон")
    sheet.cell(6, "Родился").click(modifiers=["Shift"], position={"x": 4, "y": 4})
    assert selected(sheet) == [2, 2, 6, 4]
    sheet.cell(3, "Телефон").hover(position={"x": 10, "y": 10})
    sheet.page.mouse.down()
    sheet.cell(8, "Родился").hover(position={"x": 30, "y": 10})
    sheet.page.mouse.up()
    assert selected(sheet) == [3, 2, 8, 4]
    sheet.go(0, "Зарплата")
    sheet.press("Shift+ArrowDown", "Shift+ArrowDown")
    told = sheet.page.locator("[data-selection]")
    expect(told).to_contain_text("3 × 1")
    expect(told).to_contain_text("Сумма 6\u00a0000")
    expect(told).to_contain_text("Среднее 2\u00a0000")


def test_alt_and_enter_begin_a_line_in_the_cell(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    sheet.go(1, "Заметка")
    sheet.type("раз")
    sheet.press("Alt+Enter")
    sheet.type("два")
    sheet.press("Enter")
    assert sheet.active() == (2, 6)
    sheet.page.wait_for_function("() => document.querySelector('.sheet').sheet.writer.waiting === 0")
    stored = records.get(rows[1], access=site.staff.access()).cells[site.staff.columns["Заметка"]]
    assert stored == "раз\nдва"


def test_shift_on_a_heading_sorts_within_the_first_sort(sheet: SheetDriver, site: Site) -> None:
    sheet.heading("Переезд").click(position={"x": 30, "y": 8})
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00002")
    for _ in range(2):
        sheet.heading("Зарплата").click(modifiers=["Shift"], position={"x": 30, "y": 8})
    expect(sheet.cell(0, "Кандидаты")).to_have_text(f"Кандидат {ROWS:05}")
    moves, salary = (site.staff.columns[name] for name in ("Переезд", "Зарплата"))
    assert f"sort={moves}%2C-{salary}" in sheet.page.url


def test_a_block_goes_over_the_rows_shown_and_past_the_hidden_column(page: Page, site: Site, rows: list[int]) -> None:
    """Filtered to every second row, sorted backward, «Родился» hidden; more rows than the window holds."""
    staff = site.staff
    moves, salary, city, born = (staff.columns[name] for name in ("Переезд", "Зарплата", "Город", "Родился"))
    sheet = SheetDriver(page, f"{site.sheet}?sort=-{staff.candidates}&filter=%23{moves}+%3D+1")
    sheet.go(0, "Родился")
    sheet.press("Alt+ArrowDown")
    page.locator(".column-menu").get_by_role("menuitem", name="Скрыть колонку").focus()
    sheet.press("Enter")
    expect(page.locator(".slick-header-column", has_text="Родился")).to_have_count(0)
    sheet.go(0, "Зарплата")
    lines = [f"{number},5\tда\tзаметка {number}\tОмск" for number in range(150)]
    lines[3] = "не число\tда\tзаметка 3\tОмск"
    lines[4] = "4,5\tда\tзаметка 4\tНет такого города"
    paste(page, "", "\r\n".join(lines) + "\r\n")
    page.wait_for_function("() => document.querySelector('.sheet').sheet.writer.waiting > 0")
    expect(page.locator("[data-saving][data-state=refused]")).to_contain_text("2")  # each with its reason
    sheet.expect_refused(3, "Зарплата")
    sheet.expect_refused(4, "Город")
    access = staff.access()
    shown = [row for number, row in enumerate(rows, 1) if number % 2][::-1]
    for at in (0, 120, 149):
        cells = records.get(shown[at], access=access).cells
        assert (cells[salary], cells[born]) == (f"{at}.5", "1990-05-17"), at
        assert isinstance(cells[city], Link)
        assert cells[city].label == "Омск"
    untouched = records.get(rows[1], access=access).cells  # not shown
    assert (untouched[salary], untouched[city].label) == ("2000", "Уфа")  # type: ignore[union-attr]
    sheet.press("Control+z")
    expect(sheet.cell(0, "Зарплата")).to_have_text("399\u00a0000")
    sheet.expect_saved()
    for _ in range(50):  # rows that are not on the screen are read before they are put back
        if records.get(shown[149], access=access).cells[salary] == "101000":
            break
        page.wait_for_timeout(200)
    else:
        raise AssertionError("the last pasted row was not put back")
