"""Two people in one table: what one does, the other sees, without a reload and without losing what he types."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from qdm.selectors import records as reading
from qdm.services import records
from tests.browser.conftest import PATIENCE, Site


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


def test_what_is_being_typed_stays_and_its_user_hears_of_the_other(page: Page, site: Site, rows: list[int]) -> None:
    opened(page, site)
    cell = page.locator(".slick-row").filter(has_text="Кандидат 00003").locator(".slick-cell.l2")
    cell.click()
    page.keyboard.press("F2")
    page.locator(".slick-cell.editable input").fill("моё")
    edit(site, rows[2], "Телефон", "чужое")
    page.wait_for_selector(".toasts .note:has-text('owner')")
    assert page.locator(".slick-cell.editable input").input_value() == "моё"
    page.click(".toasts .note button")
    page.wait_for_selector(".slick-cell:has-text('чужое')")
    assert reading.get(rows[2], access=site.staff.access()).cells[site.staff.columns["Телефон"]] == "чужое"


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
