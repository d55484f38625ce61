"""The menu of a row: by the right button and by the menu key."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from qdm.access import Action
from qdm.selectors import records as reading
from qdm.services import records
from rbac import grants
from rbac.models import User
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture
def rows(site: Site) -> list[int]:
    return site.staff.add(3)


def test_the_right_button_leads_to_the_rights_of_the_row(page: Page, site: Site, rows: list[int]) -> None:
    sheet = SheetDriver(page, site.sheet)
    sheet.cell(1, "Телефон").click(button="right")
    menu = page.get_by_role("menu")
    expect(menu).to_be_visible()
    menu.get_by_role("menuitem", name=re.compile("Доступ к строке")).click()
    expect(page.get_by_role("dialog", name=re.compile("Доступ к строке"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_menu_key_opens_it_at_the_active_row_and_escape_gives_the_keyboard_back(
    page: Page, site: Site, rows: list[int]
) -> None:
    sheet = SheetDriver(page, site.sheet)
    sheet.go(2, "Телефон")
    sheet.press("Shift+F10")
    menu = page.get_by_role("menu")
    expect(menu).to_be_visible()
    shown = page.evaluate("document.querySelector('.sheet').sheet.store.getItem(2).id")
    expect(menu.get_by_role("menuitem", name=re.compile("Доступ к строке"))).to_have_attribute(
        "href", re.compile(f"/r/{shown}/access/$")
    )
    sheet.press("Escape")
    expect(menu).to_be_hidden()
    sheet.press("ArrowUp")
    assert sheet.active()[0] == 1
    sheet.press("Shift+F10", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
    expect(page.get_by_role("dialog", name=re.compile("Доступ к строке"))).to_be_visible()


def test_the_history_of_a_cell_opens_from_the_keyboard_and_puts_the_cell_back(
    page: Page, site: Site, rows: list[int]
) -> None:
    staff = site.staff
    phone = staff.columns["Телефон"]
    sheet = SheetDriver(page, site.sheet)
    row = page.evaluate("document.querySelector('.sheet').sheet.store.getItem(1).id")
    for number in ("111", "222"):
        records.update(row, {phone: number}, access=staff.access())
    records.update(row, {staff.columns["Зарплата"]: 5}, access=staff.access())
    sheet.go(1, "Телефон")
    sheet.press("Shift+F10", "ArrowDown", "ArrowDown", "Enter")
    dialog = page.get_by_role("dialog")
    lines = dialog.locator("tbody tr")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("222")
    dialog.locator("select[name=column]").select_option("")
    dialog.locator("form button").press("Enter")
    expect(lines).to_have_count(4)
    lines.filter(has_text="111").last.get_by_role("link").first.press("Enter")
    expect(dialog.locator("tbody td").nth(1)).to_have_text("222")
    expect(dialog.locator("tbody td").nth(2)).to_have_text("111")
    dialog.locator("form button").press("Enter")
    expect(dialog).to_have_count(0)
    expect(sheet.cell(1, "Телефон")).to_have_text("111")
    assert reading.get(row, access=staff.access()).cells[phone] == "111"


def test_who_may_only_read_is_offered_neither_rights_nor_deleting(site: Site, rows: list[int]) -> None:
    access = site.staff.access()
    reader = User.objects.create_user("menu-reader")
    grants.grant(reader, [Action.VIEW], grants.on_table(site.staff.candidates, access=access), access=access)
    client = Client()
    client.force_login(reader)
    page = client.get(site.sheet.removeprefix(site.base)).content.decode()
    assert "/r/0/history/" in page
    assert "/r/0/access/" not in page
    assert "/r/0/delete/" not in page
    reader.delete()
