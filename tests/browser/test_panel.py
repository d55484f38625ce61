"""The row beside the sheet: by Space, followed by the keys, its fields saved as cells are."""

import pytest
from playwright.sync_api import Locator, Page, expect

from qdm.selectors import records
from qdm.services import records as writing
from qdm.services.writes import Create
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(5)


def field(page: Page, site: Site, name: str) -> Locator:
    return page.locator(f"#c{site.staff.columns[name]}")


def stored(site: Site, row: int, name: str) -> object:
    return records.get(row, access=site.staff.access()).cells.get(site.staff.columns[name])


def test_a_row_is_read_and_changed_beside_the_sheet_by_keys_alone(page: Page, site: Site, rows: list[int]) -> None:
    skills = site.staff.skills
    writing.write(skills, [Create({skills: "Python"}, up=rows[1])], access=site.staff.access())
    sheet = SheetDriver(page, site.sheet)
    panel = page.locator("[data-panel]")
    sheet.go(0, "Телефон")
    sheet.press("Space")
    expect(panel).to_be_focused()
    expect(panel.locator("h2").first).to_have_text("Кандидат 00001")

    # Down and up again, with the panel; the sub-rows of each in a sheet of their own, under the page's own policy.
    sheet.press("ArrowDown")
    expect(panel.locator("h2").first).to_have_text("Кандидат 00002")
    expect(panel.locator(".sheet[data-ready=true] .slick-cell", has_text="Python")).to_be_visible()
    assert sheet.active()[0] == 1
    sheet.press("PageUp")
    expect(panel.locator("h2").first).to_have_text("Кандидат 00001")

    # A field is a cell: saved on leaving it, shown in the sheet, one step of undo.
    salary = field(page, site, "Зарплата")
    salary.focus()
    salary.fill("1 234,50")
    sheet.press("Tab")
    sheet.expect_saved()
    assert stored(site, rows[0], "Зарплата") == "1234.50"
    expect(sheet.cell(0, "Зарплата")).to_have_text("1234,50")
    salary.fill("много")
    sheet.press("PageDown")
    expect(panel.locator("h2").first).to_have_text("Кандидат 00002")
    expect(salary).to_be_focused()
    sheet.expect_refused(0, "Зарплата")
    sheet.press("PageUp")
    expect(salary).to_have_value("много")
    expect(salary).to_have_attribute("aria-invalid", "true")
    expect(panel.locator(".error-text")).not_to_be_empty()
    salary.fill("7")
    sheet.press("Tab")
    sheet.expect_saved()
    expect(salary).not_to_have_attribute("aria-invalid", "true")

    # What others write arrives in the field too.
    writing.update(rows[0], {site.staff.columns["Телефон"]: "555"}, access=site.staff.access())
    expect(field(page, site, "Телефон")).to_have_value("555")

    # Esc takes back what is being typed, then closes; the keys are the sheet's again.
    salary.fill("8")
    sheet.press("Escape")
    expect(salary).to_have_value("7")
    sheet.press("Escape")
    expect(panel).to_be_hidden()
    sheet.press("Control+z", "Control+z")  # the number, and the text before it that was none
    sheet.expect_saved()
    sheet.press("ArrowDown")
    assert sheet.active()[0] == 1
    assert stored(site, rows[0], "Зарплата") == "1234.50"


def test_the_menu_of_a_row_opens_it_and_a_tick_keeps_the_space_bar(page: Page, site: Site, rows: list[int]) -> None:
    sheet = SheetDriver(page, site.sheet)
    panel = page.locator("[data-panel]")
    sheet.cell(2, "Телефон").click(button="right")
    page.locator("[role=menuitem][data-beside]").click()
    expect(panel.locator("h2").first).to_have_text("Кандидат 00003")
    panel.locator("[data-panel-page]").click()
    page.wait_for_url("**/r/*/")
    page.go_back()
    page.wait_for_selector("[data-ready=true]")
    sheet.go(1, "Переезд")
    sheet.press("Space")
    sheet.expect_saved()
    expect(panel).to_be_hidden()
    assert stored(site, rows[1], "Переезд") == "1"
