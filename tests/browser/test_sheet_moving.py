"""Moving, selecting, sorting, filtering, copying: the frame of the spreadsheet on a table of some size."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from integram.grid import sheet_page
from qdm.selectors import records
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver

ROWS = 5_000


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(ROWS)


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def test_any_place_is_reached_and_the_memory_of_the_page_stays_small(sheet: SheetDriver) -> None:
    for row in (2500, 4900, 700, 3900, 60):
        sheet.page.evaluate(f"document.querySelector('.sheet').sheet.grid.scrollRowToTop({row})")
        expect(sheet.cell(row, "Кандидаты")).to_have_text(f"Кандидат {row + 1:05}")
    assert sheet.page.locator(".slick-row").count() < 120


def test_scrolling_past_pages_does_not_fetch_what_is_not_looked_at(sheet: SheetDriver) -> None:
    asked: list[str] = []
    sheet.page.on("requestfinished", lambda request: asked.append(request.url) if "/rows?" in request.url else None)
    for row in range(400, 4800, 150):
        sheet.page.evaluate(f"document.querySelector('.sheet').sheet.grid.scrollRowToTop({row})")
    expect(sheet.cell(4760, "Кандидаты")).to_have_text("Кандидат 04761")
    assert len(asked) < 12


def test_keys_move_as_in_excel(sheet: SheetDriver) -> None:
    sheet.go(3, "Телефон")
    steps = [
        ("ArrowDown", (4, 2)),
        ("ArrowRight", (4, 3)),
        ("Tab", (4, 4)),
        ("Shift+Tab", (4, 3)),
        ("Enter", (5, 3)),
        ("Shift+Enter", (4, 3)),
        ("End", (4, 7)),
        ("Home", (4, 1)),
        ("Control+End", (ROWS - 1, 7)),
        ("Control+Home", (0, 1)),
        ("Control+ArrowDown", (ROWS - 1, 1)),
        ("Control+ArrowUp", (0, 1)),
        ("Control+ArrowRight", (0, 7)),
    ]
    for key, place in steps:
        sheet.press(key)
        assert sheet.active() == place, key
    sheet.press("PageDown")
    assert 10 < sheet.active()[0] < 60


def test_everything_is_selected_at_once_and_only_what_is_seen_is_painted(sheet: SheetDriver) -> None:
    sheet.go(0, "Телефон")
    sheet.press("Control+a")
    expect(sheet.page.locator("[data-selection]")).to_contain_text("×")
    assert sheet.page.evaluate("document.querySelector('.sheet').sheet.selection.ranges[0].toRow") == ROWS - 1
    assert 50 < sheet.page.locator(".slick-cell.selected").count() < 2000
    sheet.go(2, "Телефон")
    assert sheet.page.locator(".slick-cell.selected").count() == 1


def test_a_heading_sorts_up_down_and_back_and_the_address_remembers(sheet: SheetDriver, site: Site) -> None:
    sheet.heading("Зарплата").click()
    expect(sheet.heading("Зарплата")).to_have_attribute("aria-sort", "ascending")
    sheet.heading("Зарплата").click()
    expect(sheet.cell(0, "Кандидаты")).to_have_text(f"Кандидат {ROWS:05}")
    assert f"sort=-{site.staff.columns['Зарплата']}" in sheet.page.url
    again = SheetDriver(sheet.page, sheet.page.url)
    expect(again.cell(0, "Кандидаты")).to_have_text(f"Кандидат {ROWS:05}")
    again.heading("Зарплата").click()
    expect(again.cell(0, "Кандидаты")).to_have_text("Кандидат 00001")


def test_the_quick_filter_narrows_as_one_types(sheet: SheetDriver) -> None:
    sheet.page.locator("[data-search]").fill("0499")
    expect(sheet.page.locator("[data-rows]")).to_contain_text("11")
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00499")
    sheet.page.locator("[data-search]").fill("")
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00001")


def test_ranges_are_copied_as_text_and_pasted_over_others_in_one_step(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.go(20, "Зарплата")
    sheet.press("Shift+ArrowDown", "Shift+ArrowRight")
    sheet.press("Control+c")
    text = sheet.page.evaluate("navigator.clipboard.readText()")
    assert text == "21\u00a0000\t17.05.1990\n22\u00a0000\t17.05.1990"
    sheet.go(30, "Зарплата")
    sheet.press("Control+v")
    expect(sheet.cell(31, "Зарплата")).to_have_text("22\u00a0000")
    sheet.expect_saved()
    salary = site.staff.columns["Зарплата"]
    assert records.get(rows[30], access=site.staff.access()).cells[salary] == "21000"
    sheet.press("Control+z")
    expect(sheet.cell(30, "Зарплата")).to_have_text("31\u00a0000")
    expect(sheet.cell(31, "Зарплата")).to_have_text("32\u00a0000")


def test_a_column_is_made_wider_and_is_so_on_the_next_visit(sheet: SheetDriver, site: Site) -> None:
    handle = sheet.heading("Телефон").locator(".slick-resizable-handle")
    box = handle.bounding_box()
    assert box
    before = sheet.cell(0, "Телефон").bounding_box()["width"]
    with sheet.page.expect_response("**/layout"):
        sheet.page.mouse.move(box["x"] + 3, box["y"] + 10)
        sheet.page.mouse.down()
        sheet.page.mouse.move(box["x"] + 83, box["y"] + 10, steps=4)
        sheet.page.mouse.up()
    expect(sheet.heading("Телефон")).not_to_have_attribute("aria-sort", "ascending")
    again = SheetDriver(sheet.page, site.sheet)
    assert again.cell(0, "Телефон").bounding_box()["width"] == pytest.approx(before + 80, abs=2)


def test_screen_readers_are_told_sizes_and_the_cell(sheet: SheetDriver) -> None:
    grid = sheet.page.locator("[data-grid]")
    expect(grid).to_have_attribute("aria-rowcount", str(ROWS + 1))
    sheet.page.evaluate("document.querySelector('.sheet').sheet.grid.scrollRowToTop(1000)")
    expect(sheet.page.locator(".slick-row[data-row='1000']")).to_have_attribute("aria-rowindex", "1002")
    sheet.go(1001, "Зарплата")
    expect(sheet.page.locator("[data-live]")).to_have_text("Зарплата: 1\u00a0002\u00a0000")


def test_a_sheet_of_many_rows_opens_before_they_are_counted_exactly(
    page: Page, site: Site, rows: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_page, "COUNTED_AT_ONCE", 400)
    asked: list[str] = []
    held: list[Route] = []
    page.on("request", lambda request: asked.append(request.url) if "count=" in request.url else None)

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/rows?*count=exact*", hold)
    sheet = SheetDriver(page, site.sheet)
    count = page.locator("[data-rows]")
    expect(count).to_contain_text("≈")
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00001")
    held.pop().continue_()
    expect(count).to_have_text(re.compile(r"5\s000$"))
    expect(count).not_to_contain_text("≈")
    page.evaluate("document.querySelector('.sheet').sheet.grid.scrollRowToTop(4900)")
    expect(sheet.cell(4900, "Кандидаты")).to_have_text("Кандидат 04901")
    page.locator("[data-refresh]").click()
    expect(sheet.cell(4900, "Кандидаты")).to_have_text("Кандидат 04901")
    expect(count).to_have_text(re.compile(r"5\s000$"))
    page.wait_for_timeout(200)
    assert [url.rpartition("count=")[2] for url in asked] == ["exact", "1", "exact"]
