"""Dates, moments and lists of plain values typed into their cells; a column that has to be filled and may not repeat,
set in its form; columns put in beside another: all of it by keys."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from qdm.selectors import records
from qdm.services import columns as columns_service
from qdm.services.column_types import Spec
from qdm.types.base import BaseType
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.browser.test_sheet_columns import away, headings, menu, undo

NBSP = "\u00a0"


@pytest.fixture(scope="module")
def made(site: Site) -> dict[str, int]:
    access = site.staff.access
    specs = [
        Spec("Встреча", BaseType.DATETIME),
        Spec("Теги", BaseType.CHARS, multiple=True),
        Spec("Суммы", BaseType.NUMBER, multiple=True),
    ]
    return {spec.name: columns_service.create(site.staff.candidates, spec, access=access()) for spec in specs}


@pytest.fixture(scope="module")
def rows(site: Site, made: dict[str, int]) -> list[int]:
    return site.staff.add(8)


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def stored(site: Site, row: int, column: int) -> Any:
    return records.get(row, access=site.staff.access()).cells.get(column)


def enter(sheet: SheetDriver, row: int, column: str, text: str) -> None:
    sheet.go(row, column)
    sheet.type(text)
    sheet.press("Enter")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_dates_and_moments_are_typed_as_people_write_them(
    page: Page, site: Site, rows: list[int], made: dict[str, int], language: str
) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site.base}])
    sheet = SheetDriver(page, site.sheet)
    born, meeting = site.staff.columns["Родился"], made["Встреча"]
    english = language == "en"
    for row, column, name, text, shown, canonical in (
        (0, born, "Родился", "5.3.24", "05/03/2024" if english else "05.03.2024", "2024-03-05"),
        (1, born, "Родился", "2024-02-29", "29/02/2024" if english else "29.02.2024", "2024-02-29"),
        (0, meeting, "Встреча", "5.3.2024 9:05", f"{'05/03/2024' if english else '05.03.2024'} 09:05",
         "2024-03-05T09:05:00"),
        (1, meeting, "Встреча", "2024-03-05 23:59:30", f"{'05/03/2024' if english else '05.03.2024'} 23:59:30",
         "2024-03-05T23:59:30"),
        (2, meeting, "Встреча", "5.3.2024", f"{'05/03/2024' if english else '05.03.2024'} 00:00",
         "2024-03-05T00:00:00"),
    ):  # fmt: skip
        enter(sheet, row, name, text)
        expect(sheet.cell(row, name)).to_have_text(shown)
        assert stored(site, rows[row], column) == canonical
        # what the cell shows is what the editor starts with, and it means the same
        sheet.go(row, name)
        sheet.press("F2")
        expect(page.locator(".slick-cell.editable .cell-editor")).to_have_value(shown)
        sheet.press("Backspace")
        sheet.type(shown[-1])
        sheet.press("Enter")
        sheet.expect_saved()
        assert stored(site, rows[row], column) == canonical
    for name, column, wrong in (("Родился", born, "31.02.2024"), ("Встреча", meeting, "5.3.2024 25:00")):
        before = stored(site, rows[0], column)
        enter(sheet, 0, name, wrong)
        cell = sheet.expect_refused(0, name)
        expect(cell).to_have_text(wrong)
        assert wrong in cell.get_attribute("title")
        assert stored(site, rows[0], column) == before
        sheet.go(0, name)
        sheet.press("F2")  # it is mended where it stands
        expect(page.locator(".slick-cell.editable .cell-editor")).to_have_value(wrong)
        sheet.press("Control+a")
        sheet.type("6.3.2024")
        sheet.press("Enter")
        sheet.expect_saved()
        assert stored(site, rows[0], column).startswith("2024-03-06")


def test_the_calendar_opens_by_keys_and_what_it_gives_is_saved(
    sheet: SheetDriver, site: Site, rows: list[int], made: dict[str, int]
) -> None:
    """The calendar itself is the browser's: what it hands over stands for a day picked in it."""
    page = sheet.page
    page.evaluate("""() => { HTMLInputElement.prototype.showPicker = function () { window.picked = this; }; }""")
    for name, column, held, given, canonical in (
        ("Родился", site.staff.columns["Родился"], "1990-05-17", "2001-12-31", "2001-12-31"),
        ("Встреча", made["Встреча"], "", "2001-12-31T08:30", "2001-12-31T08:30:00"),
    ):
        sheet.go(4, name)
        sheet.press("F2", "Alt+ArrowDown")
        assert page.evaluate("window.picked.value") == held
        page.evaluate(
            """value => { window.picked.value = value; window.picked.dispatchEvent(new Event("change")); }""", given
        )
        sheet.press("Enter")
        sheet.expect_saved()
        assert sheet.active()[0] == 5
        assert stored(site, rows[4], column) == canonical


def test_several_plain_values_are_typed_one_a_line(
    sheet: SheetDriver, site: Site, rows: list[int], made: dict[str, int]
) -> None:
    page = sheet.page
    sheet.go(0, "Теги")
    sheet.type("срочно")
    sheet.press("Alt+Enter")
    sheet.type("с запятой, внутри")
    sheet.press("Enter")
    expect(sheet.cell(0, "Теги")).to_have_text("срочно, с запятой, внутри")
    sheet.expect_saved()
    assert stored(site, rows[0], made["Теги"]) == ("срочно", "с запятой, внутри")
    sheet.go(0, "Теги")
    sheet.press("F2")
    expect(page.locator(".slick-cell.editable textarea")).to_have_value("срочно\nс запятой, внутри")
    sheet.press("Control+Home")
    sheet.type("а")
    sheet.press("Shift+Enter", "Enter")
    sheet.expect_saved()
    assert stored(site, rows[0], made["Теги"]) == ("а", "срочно", "с запятой, внутри")

    sheet.go(1, "Суммы")
    sheet.type("1 234,5")
    sheet.press("Alt+Enter")
    sheet.type("много")
    sheet.press("Enter")
    cell = sheet.expect_refused(1, "Суммы")
    expect(cell).to_have_text("1 234,5, много")
    assert "много" in cell.get_attribute("title")
    assert stored(site, rows[1], made["Суммы"]) is None
    sheet.go(1, "Суммы")
    sheet.press("F2")
    expect(page.locator(".slick-cell.editable textarea")).to_have_value("1 234,5\nмного")
    for _letter in "много":
        sheet.press("Backspace")
    sheet.type("7")
    sheet.press("Tab")
    sheet.expect_saved()
    assert stored(site, rows[1], made["Суммы"]) == ("1234.5", "7")
    sheet.go(1, "Суммы")
    sheet.press("Control+c")
    sheet.go(2, "Суммы")
    sheet.press("Control+v")  # they stay several
    expect(sheet.cell(2, "Суммы")).to_have_text("1234,5, 7")
    sheet.expect_saved()
    assert stored(site, rows[2], made["Суммы"]) == ("1234.5", "7")
    sheet.go(1, "Суммы")
    sheet.press("Delete")
    sheet.expect_saved()
    assert stored(site, rows[1], made["Суммы"]) is None
    sheet.press("Control+z")
    expect(sheet.cell(1, "Суммы")).to_have_text("1234,5, 7")
    sheet.expect_saved()
    assert stored(site, rows[1], made["Суммы"]) == ("1234.5", "7")


def test_a_column_has_to_be_filled_and_may_not_repeat_once_its_rows_do(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    """Set in its form by keys: refused with the rows or values that stand against it, then held in every cell."""
    page, phone = sheet.page, site.staff.columns["Телефон"]
    dialog = page.locator("dialog[open]")
    for row in range(6):
        enter(sheet, row, "Телефон", "8 999" if row in (2, 4) else f"8 {row}")
    sheet.expect_saved()

    def tick(*flags: str) -> None:
        for flag in flags:
            box = dialog.locator(f"[name={flag}]")
            box.focus()
            sheet.press("Space")
            expect(box).to_be_checked()

    def flags() -> tuple[bool, bool, str]:
        column = site.staff.access().requisite(phone)
        return column.required, column.unique, column.name

    menu(sheet, 0, "Телефон", f"/columns/{phone}/")
    dialog.locator("[name=name]").fill("Номер")  # goes no further than the rest
    tick("required", "unique")
    sheet.press("Enter")
    told = dialog.locator(".errorlist")
    expect(told).to_contain_text("«Кандидат 00007», «Кандидат 00008»")
    assert flags() == (False, False, "Телефон")
    expect(dialog.locator("[name=required]")).to_be_focused()
    sheet.press("Space")  # not that one, then
    dialog.locator("[name=unique]").focus()
    sheet.press("Enter")
    expect(told).to_contain_text("«8 999»")
    assert flags() == (False, False, "Телефон")
    sheet.press("Escape")
    expect(dialog).to_have_count(0)

    for row, text in ((4, "8 4"), (6, "8 6"), (7, "8 7")):
        enter(sheet, row, "Телефон", text)
    sheet.expect_saved()
    menu(sheet, 0, "Телефон", f"/columns/{phone}/")
    tick("required", "unique")
    away(sheet)
    assert flags() == (True, True, "Телефон")

    sheet.go(1, "Телефон")
    sheet.press("Delete")
    assert "Телефон" in sheet.expect_refused(1, "Телефон").get_attribute("title")
    enter(sheet, 3, "Телефон", "8 999")
    expect(sheet.expect_refused(3, "Телефон")).to_have_text("8 999")
    assert (stored(site, rows[1], phone), stored(site, rows[3], phone)) == ("8 1", "8 3")
    enter(sheet, 1, "Телефон", "8 11")
    enter(sheet, 3, "Телефон", "8 33")
    sheet.expect_saved()
    assert (stored(site, rows[1], phone), stored(site, rows[3], phone)) == ("8 11", "8 33")
    sheet.go(0, "Кандидаты")
    sheet.press(*["Control+z"] * 4)  # what was typed and what was refused
    undo(sheet)  # the form
    assert flags() == (False, False, "Телефон")
    assert (stored(site, rows[1], phone), stored(site, rows[3], phone)) == ("8 1", "8 3")


def test_columns_are_put_in_on_both_sides_of_another_and_taken_back(sheet: SheetDriver) -> None:
    before = headings(sheet)
    at = before.index("Зарплата")
    menu(sheet, 0, "Зарплата", "right=")
    sheet.type("Премия")
    away(sheet)
    assert headings(sheet) == [*before[: at + 1], "Премия", *before[at + 1 :]]
    menu(sheet, 0, "Зарплата", "left=")
    sheet.type("Оклад")
    away(sheet)
    both = [*before[:at], "Оклад", "Зарплата", "Премия", *before[at + 1 :]]
    assert headings(sheet) == both

    # Where columns were moved, the sides are those one sees.
    sheet.go(0, "Премия")
    sheet.press("Alt+ArrowDown")
    sheet.page.locator(".column-menu").get_by_role("menuitem", name="Сдвинуть влево").focus()
    sheet.press("Enter")
    moved = [*before[:at], "Оклад", "Премия", "Зарплата", *before[at + 1 :]]
    assert headings(sheet) == moved
    menu(sheet, 0, "Премия", "right=")
    sheet.type("Итог")
    away(sheet)
    assert headings(sheet) == [*before[:at], "Оклад", "Премия", "Итог", "Зарплата", *before[at + 1 :]]
    undo(sheet)
    assert headings(sheet) == moved
    sheet.go(0, "Кандидаты")
    sheet.press("Control+z")  # the move needs no page of its own
    sheet.page.wait_for_function(
        "() => document.querySelector('.slick-header-column:nth-child(6) .head-name').textContent === 'Премия'"
    )
    assert headings(sheet) == both
    undo(sheet)
    undo(sheet)
    assert headings(sheet) == before
