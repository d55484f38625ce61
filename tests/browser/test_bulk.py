"""Many rows at once in the live sheet: by the keyboard, by the menu, taken back with one key."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from integram import tasks
from qdm.models import BulkJob
from qdm.query.ast import Query
from qdm.selectors import records as reading
from qdm.selectors.chosen import Chosen
from qdm.services import bulk as service
from qdm.services.bulk import Deleting
from qdm.sheets import bulk
from qdm.types.base import Locale
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture
def rows(site: Site) -> Iterator[list[int]]:
    yield site.staff.add(12)
    access, term = site.staff.access(), site.staff.candidates
    if reading.count(term, Query(), access=access).value:
        service.carry_out(term, Chosen(Query()), Deleting(), access=access, locale=Locale())


def phones(site: Site) -> list[object]:
    found = reading.page(site.staff.candidates, Query(limit=100), access=site.staff.access())
    return [r.cells.get(site.staff.columns["Телефон"]) for r in found.records]


def test_a_value_is_set_in_the_selected_rows_by_the_keyboard_and_taken_back(
    page: Page, site: Site, rows: list[int]
) -> None:
    sheet = SheetDriver(page, site.sheet)
    sheet.go(1, "Телефон")
    sheet.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+F10")
    menu = page.get_by_role("menu")
    item = menu.get_by_role("menuitem", name="Задать значение в выделенных строках")
    for _step in range(12):
        if item.evaluate("item => item === document.activeElement"):
            break
        sheet.press("ArrowDown")
    sheet.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Задать значение в 3 строках")
    expect(dialog.locator("select option:checked")).to_have_text("Телефон")
    expect(dialog.locator("input[name=value]")).to_be_focused()
    sheet.type("112")
    sheet.press("Enter")
    expect(dialog).to_have_count(0)
    expect(sheet.cell(3, "Телефон")).to_have_text("112")
    assert phones(site)[:5] == [None, "112", "112", "112", None]
    expect(page.get_by_text("Готово. Строк: 3")).to_be_visible()
    sheet.go(0, "Телефон")
    sheet.command_on_russian_layout("я")
    expect(sheet.cell(3, "Телефон")).to_have_text("")
    assert phones(site)[:5] == [None] * 5
    sheet.press("Control+y")
    expect(sheet.cell(2, "Телефон")).to_have_text("112")


def test_all_rows_of_the_filter_are_duplicated_and_the_notice_takes_it_back(
    page: Page, site: Site, rows: list[int]
) -> None:
    sheet = SheetDriver(page, site.sheet)
    page.fill("[data-search]", "0000")
    expect(page.locator("[data-rows]")).to_contain_text("9")
    page.locator("[data-bulk] summary").press("Enter")
    expect(page.locator("[data-bulk-said=all]")).to_have_text("Все показанные строки: 9")
    page.locator("[data-bulk] a[data-bulk-rows=all]", has_text="Дублировать").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Дублировать 9 строк")
    expect(dialog.get_by_label("Вместе с их строками")).to_be_checked()
    dialog.get_by_role("button", name="Дублировать 9 строк").press("Enter")
    expect(page.locator("[data-rows]")).to_contain_text("18")
    page.locator(".toasts").get_by_role("button", name="Отменить").click()
    expect(page.locator("[data-rows]")).to_contain_text("9")
    assert len(phones(site)) == 12
    assert sheet.active


def test_the_right_button_in_the_selection_keeps_it(page: Page, site: Site, rows: list[int]) -> None:
    sheet = SheetDriver(page, site.sheet)
    sheet.go(1, "Телефон")
    sheet.cell(4, "Зарплата").click(modifiers=["Shift"])
    sheet.cell(2, "Телефон").click(button="right")
    page.get_by_role("menuitem", name="Удалить выделенные строки").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Удалить 4 строки")
    sheet.press("Escape")
    expect(dialog).to_have_count(0)
    sheet.cell(8, "Телефон").click(button="right")
    page.get_by_role("menuitem", name="Удалить выделенные строки").click()
    expect(dialog.get_by_role("heading")).to_have_text("Удалить 1 строку")
    dialog.get_by_role("button", name="Удалить 1 строку").click()
    expect(page.locator("[data-rows]")).to_contain_text("11")


def test_a_long_one_has_a_page_that_follows_it_and_undo_waits_for_the_worker(
    page: Page, site: Site, rows: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 5)
    SheetDriver(page, site.sheet)
    page.locator("[data-bulk] summary").click()
    page.locator("[data-bulk] a[data-bulk-rows=all]", has_text="Удалить").click()
    page.get_by_role("dialog").get_by_role("button", name="Удалить 12 строк").click()
    page.wait_for_url("**/bulk/*/")
    expect(page.locator("progress")).to_be_visible()
    tasks.carry_out_bulk(job_id=BulkJob.objects.latest("pk").pk)
    expect(page.get_by_text("12 строк в корзине")).to_be_visible()
    page.get_by_role("link", name="К таблице").click()
    page.wait_for_selector("[data-ready=true]")
    expect(page.locator("[data-rows]")).to_contain_text("0")
    page.locator(".slick-viewport").first.click(position={"x": 200, "y": 40})
    page.evaluate("() => void document.querySelector('.sheet').sheet.gestures.undo()")
    expect(page.locator(".note.busy")).to_be_visible()
    tasks.carry_out_bulk(job_id=BulkJob.objects.latest("pk").pk)
    expect(page.locator("[data-rows]")).to_contain_text("12")
    expect(page.locator(".note.busy")).to_have_count(0)


def test_without_scripts_the_same_is_done_by_pages(site: Site, rows: list[int], page: Page) -> None:
    context = page.context.browser.new_context(  # type: ignore[union-attr]
        storage_state=page.context.storage_state(), java_script_enabled=False, locale="ru-RU"
    )
    plain = context.new_page()
    plain.goto(f"{site.sheet}?q=0000")
    plain.locator("[data-bulk] summary").click()
    plain.get_by_role("link", name="Задать значение…").click()
    plain.select_option("[name=column]", label="Телефон")
    plain.fill("[name=value]", "5")
    plain.get_by_role("button", name="Задать значение в 9 строках").click()
    expect(plain.locator(".note").first).to_contain_text("9 строках")
    context.close()
    assert phones(site)[:10] == [*["5"] * 9, None]
