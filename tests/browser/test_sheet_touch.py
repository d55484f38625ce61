"""The sheet under a finger: scrolling, selecting, editing, the menus, columns made wider."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from qdm.selectors import records
from tests.browser.conftest import PATIENCE, Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(500)


@pytest.fixture
def phone(browser: Browser, signed_in: Any) -> Iterator[Page]:
    context = browser.new_context(
        storage_state=signed_in,
        locale="ru-RU",
        viewport={"width": 390, "height": 780},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def sheet(phone: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(phone, site.sheet)


def fingers(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    session = fingers(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", start)
    for step in range(1, 11):
        touch("touchMove", tuple(a + (b - a) * step / 10 for a, b in zip(start, end, strict=True)))  # type: ignore[arg-type]
        page.wait_for_timeout(16)
    touch("touchEnd")


def first_row(page: Page) -> int:
    top: int = page.evaluate("document.querySelector('.sheet').sheet.grid.getViewport().top")
    return top


def middle(cell: Any) -> tuple[float, float]:
    box = cell.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_finger_scrolls_and_selects_nothing(sheet: SheetDriver) -> None:
    x, y = middle(sheet.cell(12, "Кандидаты"))
    drag(sheet.page, (x, y), (x, y - 300))
    sheet.page.wait_for_function("() => document.querySelector('.sheet').sheet.grid.getViewport().top > 5")
    assert sheet.page.evaluate("document.querySelector('.sheet').sheet.selection.ranges.length") == 0
    x, y = middle(sheet.cell(first_row(sheet.page) + 5, "Кандидаты"))
    drag(sheet.page, (x, y), (x - 200, y))
    sheet.page.wait_for_function(
        "() => [...document.querySelectorAll('.slick-viewport')].some((one) => one.scrollLeft > 50)"
    )


def test_a_tap_selects_and_a_second_one_edits(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    page = sheet.page
    cell = sheet.cell(2, "Телефон")
    cell.tap()
    assert sheet.active() == (2, 2)
    editor = page.locator(".slick-cell .cell-editor")
    expect(editor).to_have_count(0)
    page.wait_for_timeout(400)  # no double tap
    cell.tap()
    expect(editor).to_be_focused()
    size = editor.evaluate("input => parseFloat(getComputedStyle(input).fontSize)")
    assert size >= 16  # else a phone zooms into it
    page.keyboard.insert_text("+7 900")  # as keyboards on the screen do
    sheet.cell(5, "Телефон").tap()  # a tap elsewhere ends it
    sheet.expect_saved()
    assert records.get(rows[2], access=site.staff.access()).cells[site.staff.columns["Телефон"]] == "+7 900"


def test_numbers_are_typed_on_a_keyboard_of_digits(sheet: SheetDriver) -> None:
    sheet.cell(3, "Зарплата").tap()
    sheet.page.wait_for_timeout(400)
    sheet.cell(3, "Зарплата").tap()
    editor = sheet.page.locator(".slick-cell .cell-editor")
    expect(editor).to_be_focused()
    expect(editor).to_have_attribute("inputmode", "decimal")


def test_a_long_press_opens_the_menu_of_the_row(sheet: SheetDriver) -> None:
    page = sheet.page
    x, y = middle(sheet.cell(4, "Кандидаты"))
    session = fingers(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    menu = page.locator(".row-menu")
    expect(menu).to_be_visible()
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)
    expect(menu).to_be_visible()
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert sheet.active()[0] == 4


def test_the_menu_of_a_column_and_its_width_are_in_reach(sheet: SheetDriver) -> None:
    page = sheet.page
    heading = sheet.heading("Кандидаты")
    button = heading.locator(".head-menu")
    assert button.evaluate("one => getComputedStyle(one).opacity") == "1"
    before = heading.bounding_box()["width"]
    handle = heading.locator(".slick-resizable-handle")
    x, y = middle(handle)
    drag(page, (x, y), (x + 60, y))
    page.wait_for_function(
        "before => document.querySelector('.slick-header-column:nth-child(2)').offsetWidth > before + 30",
        arg=before,
    )
    button.tap()
    expect(page.locator(".column-menu")).to_be_visible()


def test_nothing_is_wider_than_the_phone(sheet: SheetDriver) -> None:
    assert sheet.page.evaluate("document.documentElement.scrollWidth") <= 390
