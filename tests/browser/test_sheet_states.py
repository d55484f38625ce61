"""What the sheet shows without rows, while they are slow, and when the server or the right to see them is away."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from qdm.access import Action
from qdm.schema import ROOT_ID
from qdm.selectors import records
from qdm.services import records as writing
from qdm.services import tables, workspaces
from qdm.services.column_types import Spec
from qdm.types.base import BaseType
from rbac import grants
from rbac.access import access_for
from rbac.models import User
from rbac.workspaces import create_workspace
from tests.browser.conftest import PASSWORD, PATIENCE, Site, fill_sign_in, sign_in
from tests.browser.sheet_driver import SheetDriver
from tests.grid.staff import SLUG

RETRIES = 15_000  # ms
ROWS = 3_000


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(ROWS)


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def trouble(page: Page) -> Any:
    return page.locator("[data-trouble]")


def scroll_to(page: Page, row: int) -> None:
    page.evaluate("row => document.querySelector('.sheet').sheet.grid.scrollRowToTop(row)", row)


def saving(page: Page) -> Any:
    return page.locator("[data-saving]")


def test_an_empty_table_says_so_and_takes_its_first_row(page: Page, site: Site) -> None:
    table = tables.create("Пустая", [Spec("Имя", BaseType.CHARS)], access=site.staff.access())
    sheet = SheetDriver(page, site.url(f"/w/{SLUG}/t/{table}/"))
    empty = page.locator("[data-empty]")
    expect(empty).to_be_visible()
    expect(empty).to_contain_text("Таблица пуста")
    sheet.go(0, "Пустая")
    sheet.type("Первый")
    sheet.press("Enter")
    expect(empty).to_be_hidden()
    sheet.expect_saved()


def test_a_filter_that_nothing_fits_says_so_and_is_taken_off(sheet: SheetDriver) -> None:
    empty = sheet.page.locator("[data-empty]")
    sheet.page.locator("[data-search]").fill("такого тут нет")
    expect(empty).to_contain_text("Ничего не найдено")
    expect(empty).to_be_visible()
    empty.get_by_role("button").click()
    expect(empty).to_be_hidden()
    expect(sheet.page.locator("[data-rows]")).to_contain_text(re.compile(r"3.?000"))
    expect(sheet.page.locator("[data-search]")).to_have_value("")


def test_rows_that_are_slow_are_awaited_in_their_places(sheet: SheetDriver) -> None:
    waiting: list[Route] = []
    sheet.page.route(re.compile(r"/rows\?"), lambda route: waiting.append(route))
    scroll_to(sheet.page, 2000)
    expect(sheet.page.locator(".slick-row.loading").first).to_be_visible()
    sheet.page.wait_for_timeout(300)
    sheet.page.unroute(re.compile(r"/rows\?"))
    for route in waiting:
        with suppress(Error):  # given up by the sheet meanwhile
            route.continue_()
    expect(sheet.cell(2000, "Кандидаты")).to_have_text("Кандидат 02001")
    expect(sheet.page.locator(".slick-row.loading")).to_have_count(0)


def test_without_a_connection_edits_are_kept_and_sent_when_it_is_back(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    page = sheet.page
    page.context.set_offline(True)
    sheet.go(3, "Телефон")
    sheet.type("без связи")
    sheet.press("Enter")
    expect(saving(page)).to_contain_text("Нет связи")
    expect(sheet.cell(3, "Телефон")).to_have_text("без связи")
    sheet.go(4, "Заметка")
    sheet.type("тоже")
    sheet.press("Enter")
    scroll_to(page, 1500)
    expect(trouble(page)).to_be_visible()
    expect(trouble(page)).to_contain_text("Нет связи с сервером")
    expect(page.locator(".toasts .note")).to_have_count(0)
    page.context.set_offline(False)
    expect(saving(page)).to_have_attribute("data-state", "saved", timeout=RETRIES)
    expect(trouble(page)).to_be_hidden()
    expect(sheet.cell(1500, "Кандидаты")).to_have_text("Кандидат 01501")
    stored = [records.get(rows[at], access=site.staff.access()).cells for at in (3, 4)]
    assert stored[0][site.staff.columns["Телефон"]] == "без связи"
    assert stored[1][site.staff.columns["Заметка"]] == "тоже"


def test_rows_the_server_fails_to_give_are_asked_for_again(sheet: SheetDriver) -> None:
    page = sheet.page
    page.route(re.compile(r"/rows\?"), lambda route: route.fulfill(status=500, body="broken"))
    scroll_to(page, 2500)
    expect(trouble(page)).to_contain_text("Сервер не смог")
    page.unroute(re.compile(r"/rows\?"))
    page.locator("[data-trouble-again]").click()
    expect(trouble(page)).to_be_hidden()
    expect(sheet.cell(2500, "Кандидаты")).to_have_text("Кандидат 02501")


def test_a_write_the_server_fails_at_stays_in_its_cell_and_can_be_sent_again(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    page = sheet.page
    page.route(re.compile(r"/batch$"), lambda route: route.fulfill(status=500, body="broken"))
    sheet.go(6, "Телефон")
    sheet.type("ещё раз")
    sheet.press("Enter")
    cell = sheet.expect_refused(6, "Телефон")
    expect(cell).to_have_text("ещё раз")
    again = page.locator("[data-again]")
    expect(again).to_be_visible()
    page.unroute(re.compile(r"/batch$"))
    again.focus()
    page.keyboard.press("Enter")
    expect(saving(page)).to_have_attribute("data-state", "saved")
    expect(again).to_be_hidden()
    stored = records.get(rows[6], access=site.staff.access()).cells
    assert stored[site.staff.columns["Телефон"]] == "ещё раз"


def test_who_is_signed_out_signs_in_in_another_tab_and_goes_on(browser: Browser, site: Site, rows: list[int]) -> None:
    context = browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    sign_in(page, site, "owner")
    sheet = SheetDriver(page, site.sheet)
    context.clear_cookies(name="sessionid")
    sheet.go(8, "Телефон")
    sheet.type("до входа")
    sheet.press("Enter")
    expect(saving(page)).to_contain_text("Вы вышли из системы")
    link = page.locator(".sheet-foot [data-sign-in]")
    expect(link).to_be_visible()
    with context.expect_page() as opened:
        link.click()
    tab = opened.value
    fill_sign_in(tab, "owner")
    tab.wait_for_selector("[data-ready=true]")
    tab.close()
    page.evaluate("dispatchEvent(new Event('focus'))")  # without a screen no window has it
    expect(saving(page)).to_have_attribute("data-state", "saved", timeout=RETRIES)
    stored = records.get(rows[8], access=site.staff.access()).cells
    assert stored[site.staff.columns["Телефон"]] == "до входа"
    sheet.go(9, "Телефон")  # and the next write too
    sheet.type("после входа")
    sheet.press("Enter")
    sheet.expect_saved()
    context.close()


@pytest.fixture
def reader(site: Site) -> Iterator[User]:
    user = User.objects.create_user("reader", password=PASSWORD)
    yield user
    user.delete()


def test_rights_taken_away_while_the_sheet_is_open_are_said(
    browser: Browser, site: Site, rows: list[int], reader: User
) -> None:
    place = grants.on_table(site.staff.candidates, access=site.staff.access())
    rights = [Action.VIEW, Action.CHANGE]
    grants.grant(reader, rights, place, access=site.staff.access())
    context = browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    sign_in(page, site, "reader")
    sheet = SheetDriver(page, site.sheet)
    page.wait_for_selector("[data-online]")
    grants.revoke(reader, rights, place, access=site.staff.access())
    lost(sheet)
    grants.grant(reader, rights, place, access=site.staff.access())
    page.locator("[data-trouble-again]").click()
    expect(trouble(page)).to_be_hidden()
    sheet.go(1, "Телефон")
    sheet.type("снова можно")
    sheet.press("Enter")
    sheet.expect_saved()
    context.close()


def test_a_workspace_that_is_gone_while_its_sheet_is_open(page: Page, site: Site) -> None:
    create_workspace("gone", "Уйдёт", site.staff.owner)
    table = tables.create(
        "Чужая", [Spec("Имя", BaseType.CHARS)], access=access_for(site.staff.owner, "gone", via="grid")
    )
    access = access_for(site.staff.owner, "gone", via="grid")
    writing.create(table, ROOT_ID, {table: "Последний"}, access=access)
    sheet = SheetDriver(page, site.url(f"/w/gone/t/{table}/"))
    page.wait_for_selector("[data-online]")
    workspaces.drop("gone", "gone")
    page.locator("[data-refresh]").click()
    lost(sheet)


def lost(sheet: SheetDriver) -> None:
    """The line says that there is nothing to see here any more; nothing can be typed."""
    expect(trouble(sheet.page)).to_be_visible()
    expect(sheet.page.locator("[data-elsewhere]")).to_be_visible()
    expect(sheet.page.locator(".sheet")).to_have_class(re.compile("lost"))
    sheet.page.locator(".slick-cell.l1").first.click()
    sheet.press("F2")
    expect(sheet.page.locator(".slick-cell input, .slick-cell textarea")).to_have_count(0)
