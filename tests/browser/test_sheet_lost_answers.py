"""Writes whose answer was lost on the way are sent again, and stand once."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from qdm.query.ast import Compare, Op, Query
from qdm.selectors import records
from qdm.services import records as writing
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.browser.test_sheet_pasting import paste

RETRIES = 15_000  # ms


@pytest.fixture
def rows(site: Site) -> Any:
    yield site.staff.add(5)
    for one in records.page(site.staff.candidates, Query(limit=900), access=site.staff.access()).records:
        writing.delete(one.id, access=site.staff.access())


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def lose_answers(page: Page, path: str = "batch", times: int = 1) -> list[str]:
    """The server carries out what it is sent, and its answer is lost, so many times; the keys sent."""
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key", ""))
        if len(keys) > times:
            route.continue_()
            return
        assert route.fetch().status == 200
        route.abort("connectionreset")

    page.route(re.compile(rf"/{path}$"), lose)
    return keys


def count(site: Site, start: str) -> int:
    question = Query(filter=Compare("val", Op.STARTS, start))
    return records.count(site.staff.candidates, question, access=site.staff.access()).value


def test_a_new_row_whose_answer_was_lost_stands_once(sheet: SheetDriver, site: Site) -> None:
    keys = lose_answers(sheet.page)
    sheet.page.locator("[data-add]").click()
    sheet.type("Пётр Потерянный")
    sheet.press("Enter")
    saving = sheet.page.locator("[data-saving]")
    expect(saving).to_have_attribute("data-state", "refused")
    assert count(site, "Пётр Потерянный") == 1  # it is there, and the sheet does not know
    sheet.press("ArrowUp")
    sheet.press("ArrowRight")
    sheet.type("12345")  # meanwhile one goes on
    sheet.press("Enter")
    expect(saving).to_have_attribute("data-state", "saved", timeout=RETRIES)
    assert count(site, "Пётр Потерянный") == 1
    assert len(keys) == 3
    assert keys[0] == keys[1] != keys[2]
    question = Query(filter=Compare("val", Op.EQ, "Пётр Потерянный"))
    (row,) = records.page(site.staff.candidates, question, access=site.staff.access()).records
    assert row.cells[site.staff.columns["Телефон"]] == "12345"
    expect(sheet.page.locator("[data-rows]")).to_contain_text("6")


def test_many_pasted_rows_whose_answers_were_lost_stand_once(sheet: SheetDriver, site: Site) -> None:
    lose_answers(sheet.page, times=2)
    sheet.go(4, "Кандидаты")
    sheet.press("ArrowDown")
    paste(sheet.page, "", "\n".join(f"Вставлен {number}\t{number}" for number in range(600)))
    expect(sheet.page.locator("[data-saving][data-state=refused]")).to_be_attached()
    expect(sheet.page.locator("[data-saving][data-state=saved]")).to_be_attached(timeout=2 * RETRIES)
    assert count(site, "Вставлен") == 600


def test_a_number_written_the_users_way_is_no_conflict_with_itself(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    lose_answers(sheet.page)
    sheet.go(1, "Зарплата")
    sheet.type("2 500,50")
    sheet.press("Enter")
    expect(sheet.page.locator("[data-saving][data-state=refused]")).to_be_attached()
    expect(sheet.page.locator("[data-saving][data-state=saved]")).to_be_attached(timeout=RETRIES)
    expect(sheet.page.locator(".conflict-chip")).to_be_hidden()
    stored = records.get(rows[1], access=site.staff.access()).cells
    assert stored[site.staff.columns["Зарплата"]] == "2500.50"


def test_a_new_row_taken_back_while_its_answer_is_away_does_not_stay(sheet: SheetDriver, site: Site) -> None:
    lose_answers(sheet.page)
    sheet.page.locator("[data-add]").click()
    sheet.type("Семён Отменённый")
    sheet.press("Enter")
    expect(sheet.page.locator("[data-saving][data-state=refused]")).to_be_attached()
    sheet.command_on_russian_layout("я")  # Ctrl+Z
    expect(sheet.page.locator("[data-rows]")).to_contain_text("5")
    expect(sheet.page.locator("[data-saving][data-state=saved]")).to_be_attached(timeout=RETRIES)
    assert count(site, "Семён Отменённый") == 0


def test_rows_deleted_and_taken_back_without_an_answer_are_deleted_and_back_once(
    sheet: SheetDriver, site: Site
) -> None:
    shown = sheet.page.locator("[data-rows]")
    keys = lose_answers(sheet.page)
    sheet.go(1, "Кандидаты")
    sheet.page.locator("[data-delete]").click()
    expect(shown).to_contain_text("4")
    assert (len(keys), len(set(keys))) == (2, 1)
    undone = lose_answers(sheet.page, "undo")
    sheet.go(0, "Кандидаты")
    sheet.command_on_russian_layout("я")
    expect(shown).to_contain_text("5")
    assert (len(undone), len(set(undone))) == (2, 1)
    assert count(site, "Кандидат") == 5
    expect(sheet.page.locator(".toasts .note.error")).to_have_count(0)


def test_the_rows_are_read_anew_while_an_answer_is_away_and_the_row_is_shown_once(
    sheet: SheetDriver, site: Site
) -> None:
    lose_answers(sheet.page)
    sheet.page.locator("[data-add]").click()
    sheet.type("Яков Однажды")
    sheet.press("Enter")
    expect(sheet.page.locator("[data-saving][data-state=refused]")).to_be_attached()
    sheet.page.locator("[data-refresh]").click()
    expect(sheet.page.locator("[data-saving][data-state=saved]")).to_be_attached(timeout=RETRIES)
    expect(sheet.page.locator(".slick-cell:has-text('Яков Однажды')")).to_have_count(1)
    expect(sheet.page.locator("[data-rows]")).to_contain_text("6")
