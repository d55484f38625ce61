"""The line below the columns: totals of all rows shown, chosen by mouse and by keys, kept in the view; and the copy
that takes the headings along."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.grid.staff import SLUG

TOTALS = "**/totals?*"


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(150)


def total(sheet: SheetDriver, site: Site, column: str) -> object:
    return sheet.page.locator(f"[data-total='{site.staff.columns[column]}']")


def test_totals_are_chosen_follow_the_filter_and_edits_and_stay_with_the_view(
    page: Page, site: Site, rows: list[int]
) -> None:
    sheet = SheetDriver(page, site.sheet)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/totals?" in request.url else None)

    # By mouse, in the cell below the column.
    total(sheet, site, "Зарплата").click()  # type: ignore[attr-defined]
    page.get_by_role("menuitemradio", name="Сумма").click()
    expect(total(sheet, site, "Зарплата")).to_have_text("Сумма 11\u00a0325\u00a0000")  # type: ignore[arg-type]
    # By keys alone, from the menu of the column.
    sheet.go(3, "Город")
    sheet.press("Alt+ArrowDown")
    page.get_by_role("menuitem", name="Итог под колонкой…").focus()
    sheet.press("Enter")
    expect(page.get_by_role("menuitemradio", checked=True)).to_be_focused()
    sheet.press("End", "Enter")
    expect(total(sheet, site, "Город")).to_have_text("Разных 2")  # type: ignore[arg-type]
    sheet.press("ArrowDown")
    assert sheet.active()[0] == 4

    # One request for all columns; the filter's rows count.
    asked.clear()
    page.locator("[data-search]").fill("Кандидат 0001")
    expect(total(sheet, site, "Зарплата")).to_have_text("Сумма 145\u00a0000")  # type: ignore[arg-type]
    assert len(asked) == 1
    # What one changes is counted again.
    sheet.go(0, "Зарплата")
    sheet.type("0")
    sheet.press("Enter")
    expect(total(sheet, site, "Зарплата")).to_have_text("Сумма 135\u00a0000")  # type: ignore[arg-type]
    sheet.press("Control+z")
    expect(total(sheet, site, "Зарплата")).to_have_text("Сумма 145\u00a0000")  # type: ignore[arg-type]

    # Kept for the next time, taken back like any other change of the columns.
    page.reload()
    expect(total(sheet, site, "Зарплата")).to_have_text(re.compile("Сумма 145"))  # type: ignore[arg-type]
    page.goto(site.url(f"/w/{SLUG}/t/{site.staff.candidates}/views/"))
    page.fill("[name=title]", "С итогами")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(total(sheet, site, "Город")).to_have_text("Разных 2")  # type: ignore[arg-type]
    sheet.go(0, "Город")
    total(sheet, site, "Город").click()  # type: ignore[attr-defined]
    page.get_by_role("menuitemradio", name="Без итога").click()
    expect(total(sheet, site, "Город")).to_have_text("")  # type: ignore[arg-type]
    sheet.go(0, "Город")
    sheet.press("Control+z")
    expect(total(sheet, site, "Город")).to_have_text("Разных 2")  # type: ignore[arg-type]


def test_a_total_that_takes_long_holds_nobody_up_and_is_given_up_for_another_filter(
    page: Page, site: Site, rows: list[int]
) -> None:
    held: list[Route] = []
    page.route(TOTALS, lambda route: held.append(route))
    sheet = SheetDriver(page, site.sheet)
    total(sheet, site, "Зарплата").click()  # type: ignore[attr-defined]
    page.get_by_role("menuitemradio", name="Максимум").click()
    expect(total(sheet, site, "Зарплата")).to_have_text("Максимум …")  # type: ignore[arg-type]
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
    sheet.go(2, "Зарплата")
    sheet.press("ArrowDown")
    assert sheet.active() == (3, 3)
    with page.expect_event("requestfailed", lambda request: "/totals?" in request.url):
        page.locator("[data-search]").fill("Кандидат 0001")
    page.unroute(TOTALS)
    page.locator("[data-search]").fill("Кандидат 00010")
    expect(total(sheet, site, "Зарплата")).to_have_text("Максимум 10\u00a0000")  # type: ignore[arg-type]
    page.route(TOTALS, lambda route: route.abort())
    page.locator("[data-search]").fill("Кандидат 00011")
    expect(total(sheet, site, "Зарплата")).to_have_text("Максимум —")  # type: ignore[arg-type]


def clipboard(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const read = async (type) => (await item.getType(type)).text();
          return { text: await read("text/plain"), html: await read("text/html") };
        }"""
    )
    return found


def test_a_range_is_copied_with_the_names_of_its_columns(page: Page, site: Site, rows: list[int]) -> None:
    sheet = SheetDriver(page, f"{site.sheet}?sort={site.staff.candidates}&view=0")
    sheet.go(0, "Зарплата")
    sheet.press("Shift+ArrowDown", "Shift+ArrowRight", "Control+Shift+C")
    said = page.locator(".toasts .note", has_text="заголовками")
    expect(said).to_be_visible()
    found = clipboard(page)
    assert found["text"].split("\n") == ["Зарплата\tРодился", "1000\t17.05.1990", "2000\t17.05.1990"]
    assert re.findall(r"<th>(.*?)</th>", found["html"]) == ["Зарплата", "Родился"]
    assert re.findall(r"<td>(.*?)</td>", found["html"])[:2] == ["1000", "17.05.1990"]

    # From the menu of the row; and Ctrl+C leaves them out.
    sheet.press("Shift+F10")
    page.get_by_role("menuitem", name="Копировать с заголовками").focus()
    sheet.press("Enter")
    expect(said).to_have_count(2)
    assert clipboard(page)["text"].startswith("Зарплата\t")
    sheet.press("Control+c")
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('1000')")

    # Rows that are not here yet.
    sheet.press("Control+Home", "Control+Space", "Control+Shift+C")
    expect(said).to_have_count(3)
    lines = clipboard(page)["text"].split("\n")
    assert (len(lines), lines[0], lines[150]) == (151, "Кандидаты", "Кандидат 00150")
