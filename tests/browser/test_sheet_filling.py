"""Filling cells on: by the handle and by keys, as copies and as series, past what is loaded, one step of undo."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from qdm.record import Link, Record
from qdm.selectors import records
from qdm.services import records as writing
from qdm.services.writes import Update
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver

ROWS = 900


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(ROWS)


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def stored(site: Site, row: int) -> Record:
    return records.get(row, access=site.staff.access())


def put(site: Site, row: int, **values: object) -> None:
    cells = {site.staff.columns[name]: value for name, value in values.items()}
    writing.write(site.staff.candidates, [Update(row, cells, None)], access=site.staff.access())


def draw_handle(sheet: SheetDriver, to: Any, control: bool = False) -> None:
    """The handle of the selection is drawn to the middle of a cell."""
    handle = sheet.page.locator(".slick-drag-replace-handle").bounding_box()
    target = to.bounding_box()
    assert handle
    assert target
    sheet.page.mouse.move(handle["x"] + 4, handle["y"] + 4)
    sheet.page.mouse.down()
    if control:
        sheet.page.keyboard.down("Control")
    x, y = target["x"] + target["width"] / 2, target["y"] + target["height"] / 2
    sheet.page.mouse.move(handle["x"] + 4, (handle["y"] + y) / 2, steps=4)
    sheet.page.mouse.move(x, y, steps=4)
    sheet.page.mouse.up()
    if control:
        sheet.page.keyboard.up("Control")


@pytest.mark.parametrize(
    ("values", "kind", "other", "expected"),
    [
        (["7"], "number", False, ["7", "7", "7"]),
        (["7"], "number", True, ["8", "9", "10"]),
        (["1", "3"], "number", False, ["5", "7", "9"]),
        (["1", "3"], "number", True, ["1", "3", "1"]),
        (["0.10", "0.2"], "number", False, ["0.30", "0.40", "0.50"]),
        (["2", "1"], "number", False, ["0", "-1", "-2"]),
        (["1", "3", "4"], "number", False, ["1", "3", "4"]),
        (["2024-02-28"], "date", False, ["2024-02-29", "2024-03-01", "2024-03-02"]),
        (["2024-02-28"], "date", True, ["2024-02-28"] * 3),
        (["2024-01-01", "2024-01-08"], "date", False, ["2024-01-15", "2024-01-22", "2024-01-29"]),
        (["2023-12-15", "2024-01-15"], "date", False, ["2024-02-15", "2024-03-15", "2024-04-15"]),
        (["2023-12-31", "2024-01-31"], "date", False, ["2024-02-29", "2024-03-31", "2024-04-30"]),
        (["2024-01-01T09:30:00"], "datetime", False, [f"2024-01-0{n}T09:30:00" for n in (2, 3, 4)]),
        (["а", "б"], "text", False, ["а", "б", "а"]),
        ([None], "number", False, [None] * 3),
    ],
)
def test_series(page: Page, site: Site, values: list[Any], kind: str, other: bool, expected: list[Any]) -> None:
    page.goto(site.url("/static/js/sheet/series.js"))
    script = "async (a) => (await import('/static/js/sheet/series.js')).continued(a[0], a[1], 3, a[2])"
    assert page.evaluate(script, [values, kind, other]) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("=2*3", "6"),
        ("= (1 + 2) * 3 ", "9"),
        ("=0,1+0,2", "0.3"),
        ("=1 000*2", "2000"),
        ("=-2^2", "4"),
        ("=10%*50", "5"),
        ("=7/0", None),
        ("=2*", None),
        ("=СУММ(1)", None),
        ("5", None),
    ],
)
def test_calculations(page: Page, site: Site, text: str, value: str | None) -> None:
    page.goto(site.url("/static/js/sheet/arithmetic.js"))
    assert page.evaluate("async (t) => (await import('/static/js/sheet/arithmetic.js')).calculated(t)", text) == value


def test_control_d_copies_the_first_row_of_the_selection_on_the_russian_layout(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.go(0, "Город")
    sheet.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    sheet.command_on_russian_layout("в")  # Ctrl+D
    sheet.expect_saved()
    city = site.staff.columns["Город"]
    expect(sheet.cell(3, "Город")).to_have_text("Казань")
    links = [stored(site, rows[n]).cells[city] for n in range(4)]
    assert {link.label for link in links if isinstance(link, Link)} == {"Казань"}
    sheet.press("Control+z")
    expect(sheet.cell(1, "Город")).to_have_text("Уфа")
    expect(sheet.cell(3, "Город")).to_have_text("Уфа")


def test_control_d_in_one_cell_takes_the_one_above_and_control_r_the_one_beside(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.go(11, "Зарплата")
    sheet.press("Control+d")
    expect(sheet.cell(11, "Зарплата")).to_have_text("11\u00a0000")
    sheet.go(12, "Телефон")
    sheet.press("Control+r")
    expect(sheet.cell(12, "Телефон")).to_have_text("Кандидат 00013")
    sheet.expect_saved()
    assert stored(site, rows[12]).cells[site.staff.columns["Телефон"]] == "Кандидат 00013"


def test_a_series_is_made_by_keys_past_what_is_loaded(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    salary = site.staff.columns["Зарплата"]
    put(site, rows[20], Зарплата=5)
    put(site, rows[21], Зарплата=10)
    empty = [Update(row, {salary: None}, None) for row in rows[22:700]]
    writing.write(site.staff.candidates, empty, access=site.staff.access())
    sheet.page.reload()
    sheet = SheetDriver(sheet.page, site.sheet)
    sheet.go(20, "Зарплата")
    sheet.press("Control+g")
    sheet.page.evaluate(
        "() => { const s = document.querySelector('.sheet').sheet; s.grid.setActiveCell(20, 3);"
        " s.selection.select({fromRow: 20, fromCell: 3, toRow: 699, toCell: 3}); s.grid.focus() }"
    )
    sheet.press("Control+Shift+d")
    sheet.page.wait_for_function("() => document.querySelector('.sheet').sheet.writer.waiting > 0")
    sheet.expect_saved()
    assert stored(site, rows[699]).cells[salary] == "3400"
    assert stored(site, rows[350]).cells[salary] == "1655"
    sheet.press("Control+z")
    sheet.page.wait_for_function("() => document.querySelector('.sheet').sheet.writer.waiting > 0")
    sheet.expect_saved()
    assert salary not in stored(site, rows[699]).cells
    assert stored(site, rows[21]).cells[salary] == "10"


def test_the_handle_goes_on_with_numbers_by_their_step_and_control_copies_them(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    put(site, rows[2], Зарплата=100)
    put(site, rows[3], Зарплата=150)
    sheet = SheetDriver(sheet.page, site.sheet)
    sheet.go(2, "Зарплата")
    sheet.press("Shift+ArrowDown")
    draw_handle(sheet, sheet.cell(6, "Зарплата"))
    expect(sheet.cell(6, "Зарплата")).to_have_text("300")
    sheet.expect_saved()
    salary = site.staff.columns["Зарплата"]
    assert [stored(site, rows[n]).cells[salary] for n in range(2, 8)] == ["100", "150", "200", "250", "300", "8000"]
    sheet.press("Control+z")
    expect(sheet.cell(4, "Зарплата")).to_have_text("5000")
    sheet.go(2, "Зарплата")
    sheet.press("Shift+ArrowDown")
    draw_handle(sheet, sheet.cell(5, "Зарплата"), control=True)
    expect(sheet.cell(5, "Зарплата")).to_have_text("150")
    expect(sheet.cell(4, "Зарплата")).to_have_text("100")


def test_the_handle_counts_days(sheet: SheetDriver) -> None:
    sheet.go(7, "Родился")
    draw_handle(sheet, sheet.cell(9, "Родился"))
    expect(sheet.cell(9, "Родился")).to_have_text("19.05.1990")
    expect(sheet.cell(7, "Родился")).to_have_text("17.05.1990")


def test_a_calculation_is_saved_as_its_value_and_today_by_key(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    sheet.go(14, "Зарплата")
    sheet.type("=2*3,5")
    sheet.press("Enter")
    expect(sheet.cell(14, "Зарплата")).to_have_text("7")
    sheet.go(14, "Родился")
    sheet.press("Control+Semicolon")
    expect(sheet.cell(14, "Родился")).to_have_text(re.compile(r"^\d\d\.\d\d\.20\d\d$"))
    sheet.expect_saved()
    assert stored(site, rows[14]).cells[site.staff.columns["Зарплата"]] == "7"


def test_who_may_only_read_has_no_handle(browser: Browser, site: Site, rows: list[int]) -> None:
    from qdm.access import Action
    from rbac import grants
    from rbac.models import User
    from tests.browser.conftest import PASSWORD, sign_in

    access = site.staff.access()
    reader = User.objects.create_user("only-reads", password=PASSWORD)
    grants.grant(reader, [Action.VIEW], grants.on_workspace(access), access=access)
    context = browser.new_context(locale="ru-RU")
    page = context.new_page()
    sign_in(page, site, "only-reads")
    sheet = SheetDriver(page, site.sheet)
    sheet.go(1, "Зарплата")
    expect(page.locator(".slick-drag-replace-handle")).to_have_count(0)
    sheet.press("Control+d")
    expect(sheet.cell(1, "Зарплата")).to_have_text("2000")
    context.close()
    reader.delete()
