"""Two people in one table: what one does, the other sees, without a reload and without losing what he types."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from qdm.selectors import records as reading
from qdm.services import records, views
from qdm.view_spec import Layout, ViewSpec
from tests.browser.conftest import PATIENCE, Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(30)


@pytest.fixture
def other(browser: Browser, signed_in: Any) -> Iterator[Page]:
    context = browser.new_context(storage_state=signed_in, locale="ru-RU", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def opened(page: Page, site: Site) -> None:
    page.goto(site.sheet)
    page.wait_for_selector("[data-ready][data-online]")


def edit(site: Site, record_id: int, column: str, value: object) -> None:
    records.update(record_id, {site.staff.columns[column]: value}, access=site.staff.access())


def test_an_edit_of_another_shows_without_a_reload(page: Page, other: Page, site: Site, rows: list[int]) -> None:
    opened(page, site)
    opened(other, site)
    page.wait_for_selector("[data-people] .person")
    edit(site, rows[1], "Телефон", "+7 900 111-22-33")
    for one in (page, other):
        one.wait_for_selector(".slick-cell:has-text('+7 900 111-22-33')")


def test_neither_of_two_edits_of_one_cell_is_lost(page: Page, other: Page, site: Site, rows: list[int]) -> None:
    """Two browsers, real keys: the chip shows mine and theirs, and nothing is written until one of them is chosen."""
    phone = site.staff.columns["Телефон"]

    def kept() -> object:
        return reading.get(rows[2], access=site.staff.access()).cells[phone]

    def type_into(sheet: SheetDriver, text: str) -> None:
        sheet.go(2, "Телефон")
        sheet.type(text)

    mine, theirs = SheetDriver(page, site.sheet), SheetDriver(other, site.sheet)
    for one in (page, other):
        one.wait_for_selector("[data-ready][data-online]")
    chip = page.locator(".conflict-chip")

    # Under the open editor, by the live event: Enter keeps mine unsent, Alt+2 takes theirs.
    type_into(mine, "111")
    type_into(theirs, "222")
    theirs.press("Enter")
    expect(chip).to_be_visible()
    expect(chip).to_contain_text("owner")
    expect(chip.locator("[data-choice=mine] span")).to_have_text("111")
    expect(chip.locator("[data-choice=theirs] span")).to_have_text("222")
    mine.type("9")
    expect(chip.locator("[data-choice=mine] span")).to_have_text("1119")
    mine.press("Enter")
    expect(mine.cell(2, "Телефон")).to_have_class(re.compile("conflict"))
    expect(mine.cell(2, "Телефон")).to_have_text("1119")
    assert kept() == "222"
    mine.press("Alt+2")
    expect(chip).to_be_hidden()
    expect(mine.cell(2, "Телефон")).to_have_text("222")
    mine.expect_saved()

    # The same, and Alt+1 keeps mine while it is still being typed; the other hears of it.
    type_into(mine, "333")
    type_into(theirs, "444")
    theirs.press("Enter")
    expect(chip).to_be_visible()
    mine.press("Alt+1")
    mine.expect_saved()
    expect(theirs.cell(2, "Телефон")).to_have_text("333")
    assert kept() == "333"

    # Unheard of by the socket: the server says so (409), the other cell of the same row is saved all the same.
    page.evaluate("document.querySelector('.sheet').sheet.store.renew = () => {}")
    edit(site, rows[2], "Телефон", "555")
    expect(theirs.cell(2, "Телефон")).to_have_text("555")
    type_into(mine, "666")
    mine.press("Enter")
    expect(chip.locator("[data-choice=theirs] span")).to_have_text("555")
    assert kept() == "555"
    chip.locator("[data-choice=mine]").press("Enter")
    mine.expect_saved()
    expect(chip).to_be_hidden()
    assert kept() == "666"


def test_the_page_of_a_row_follows_what_others_do(page: Page, site: Site, rows: list[int]) -> None:
    page.goto(f"{site.sheet}r/{rows[4]}/")
    page.wait_for_selector("form.record[data-online]")
    phone, note = (page.get_by_label(name, exact=True) for name in ("Телефон", "Заметка"))
    edit(site, rows[4], "Телефон", "+7 900 444-00-00")
    expect(phone).to_have_value("+7 900 444-00-00")
    note.fill("моё")
    edit(site, rows[4], "Заметка", "чужое")
    expect(page.get_by_role("button", name="чужое")).to_be_visible()
    expect(note).to_have_value("моё")  # not written over
    page.get_by_role("button", name="чужое").click()
    expect(note).to_have_value("чужое")
    phone.fill("+7 900 444-11-11")
    with page.expect_navigation():
        phone.press("Enter")
    expect(phone).to_have_value("+7 900 444-11-11")
    kept = reading.get(rows[4], access=site.staff.access()).cells
    assert (kept[site.staff.columns["Телефон"]], kept[site.staff.columns["Заметка"]]) == ("+7 900 444-11-11", "чужое")


def test_a_saved_view_shows_what_others_do(page: Page, site: Site, rows: list[int]) -> None:
    staff = site.staff
    spec = ViewSpec(sorts=((staff.candidates, False),), layout=Layout(hidden=frozenset({staff.columns["Заметка"]})))
    view = views.create(staff.candidates, "Свежие", spec, access=staff.access())
    page.goto(f"{site.sheet}?view={view.id}")
    page.wait_for_selector("[data-ready][data-online]")
    edit(site, rows[6], "Телефон", "+7 900 666-77-88")
    page.wait_for_selector(".slick-cell:has-text('+7 900 666-77-88')")


def test_a_deleted_row_is_struck_out_and_new_ones_wait_behind_a_button(page: Page, site: Site, rows: list[int]) -> None:
    opened(page, site)
    records.delete(rows[4], access=site.staff.access())
    page.wait_for_selector(".slick-row.gone")
    page.wait_for_selector("[data-refresh].calls")
    page.click("[data-refresh]")
    page.wait_for_selector("[data-refresh]:not(.calls)")
    page.wait_for_function("() => !document.querySelector('.slick-row.gone')")
    site.staff.add(1, first=0)
    page.wait_for_selector("[data-refresh].calls")
