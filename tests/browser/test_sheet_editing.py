"""Editing in the spreadsheet with real keys: what is typed is saved, refused in the cell, or taken back."""

import re

import pytest
from playwright.sync_api import Page, expect

from qdm.query.ast import Compare, Op, Query
from qdm.record import Link, Record
from qdm.selectors import records
from qdm.services import columns as columns_service
from qdm.services.column_types import Spec
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(300)


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    return SheetDriver(page, site.sheet)


def stored(site: Site, row: int) -> Record:
    return records.get(row, access=site.staff.access())


def test_the_live_grid_takes_the_place_of_the_table_without_a_shift(page: Page, site: Site, rows: list[int]) -> None:
    def places() -> list[dict[str, float]]:
        shown = [page.get_by_text(text, exact=True).first for text in ("Кандидат 00007", "Зарплата", "Казань")]
        return [place.bounding_box() or {} for place in shown]

    page.route("**/sheet/sheet.js", lambda route: None)  # held back: the page stays as the server made it
    page.goto(site.sheet, wait_until="commit")
    page.get_by_text("Кандидат 00007", exact=True).wait_for()
    page.wait_for_function("() => [...document.querySelectorAll('link[rel=stylesheet]')].every((one) => one.sheet)")
    before = places()
    page.unroute("**/sheet/sheet.js")
    SheetDriver(page, site.sheet)
    for static, live in zip(before, places(), strict=True):
        assert (live["x"], live["y"] + live["height"] / 2) == (
            pytest.approx(static["x"], abs=1.5),
            pytest.approx(static["y"] + static["height"] / 2, abs=1.5),
        )


def test_typing_replaces_and_enter_saves_and_moves_down(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    sheet.go(0, "Телефон")
    sheet.type("8 999 111-22-33")
    sheet.press("Enter")
    sheet.expect_saved()
    assert sheet.active() == (1, 2)
    assert stored(site, rows[0]).cells[site.staff.columns["Телефон"]] == "8 999 111-22-33"


def test_cyrillic_letters_open_the_editor_with_the_first_letter_in_it(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.go(1, "Телефон")
    sheet.type("нет телефона")
    sheet.press("Tab")
    sheet.expect_saved()
    assert stored(site, rows[1]).cells[site.staff.columns["Телефон"]] == "нет телефона"


def test_numbers_are_typed_with_comma_or_point_and_dates_as_people_write_them(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    columns = site.staff.columns
    for text, canonical in (("1 234,50", "1234.50"), ("77.5", "77.5")):
        sheet.go(2, "Зарплата")
        sheet.type(text)
        sheet.press("Enter")
        sheet.expect_saved()
        assert stored(site, rows[2]).cells[columns["Зарплата"]] == canonical
    sheet.go(2, "Родился")
    sheet.type("1.2.1985")
    sheet.press("Enter")
    expect(sheet.cell(2, "Родился")).to_have_text("01.02.1985")
    assert stored(site, rows[2]).cells[columns["Родился"]] == "1985-02-01"


def test_a_value_that_does_not_fit_stays_in_its_cell_with_the_reason_and_escape_gives_the_old_one_back(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.go(3, "Зарплата")
    sheet.type("много")
    sheet.press("Enter")
    cell = sheet.expect_refused(3, "Зарплата")
    expect(cell).to_have_text("много")
    expect(cell).to_have_attribute("title", re.compile("много"))
    assert stored(site, rows[3]).cells[site.staff.columns["Зарплата"]] == "4000"
    sheet.press("Control+z")
    expect(cell).to_have_text("4000")
    expect(cell).not_to_have_attribute("aria-invalid", "true")


def test_f2_edits_with_the_caret_at_the_end_and_escape_leaves_it_as_it_was(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.go(4, "Кандидаты")
    sheet.press("F2")
    sheet.type(" мл.")
    sheet.press("Escape")
    expect(sheet.cell(4, "Кандидаты")).to_have_text("Кандидат 00005")
    sheet.press("F2")
    sheet.type(" ст.")
    sheet.press("Enter")
    sheet.expect_saved()
    assert stored(site, rows[4]).val == "Кандидат 00005 ст."


def test_space_ticks_and_delete_empties(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    column = site.staff.columns["Переезд"]
    sheet.go(5, "Переезд")
    sheet.press("Space")
    sheet.expect_saved()
    assert stored(site, rows[5]).cells[column] == "1"
    sheet.press("Delete")
    sheet.expect_saved()
    assert column not in stored(site, rows[5]).cells


def test_undo_and_redo_work_on_the_russian_layout(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    column = site.staff.columns["Телефон"]
    sheet.go(6, "Телефон")
    sheet.type("123")
    sheet.press("Enter")
    sheet.expect_saved()
    sheet.command_on_russian_layout("я")
    expect(sheet.cell(6, "Телефон")).to_have_text("")
    sheet.expect_saved()
    assert column not in stored(site, rows[6]).cells
    sheet.command_on_russian_layout("н")
    sheet.expect_saved()
    assert stored(site, rows[6]).cells[column] == "123"


def test_a_link_is_picked_by_searching_on_the_server(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    sheet.go(7, "Город")
    sheet.type("ом")
    option = sheet.page.get_by_role("option", name="Омск")
    expect(option).to_be_visible()
    # what is found comes first, behind it the offer to make a row of that name
    expect(sheet.page.get_by_role("option")).to_have_text(["Омск", re.compile("«ом»")])
    sheet.press("Enter")
    expect(sheet.cell(7, "Город")).to_have_text("Омск")
    sheet.expect_saved()
    link = stored(site, rows[7]).cells[site.staff.columns["Город"]]
    assert isinstance(link, Link)
    assert link.label == "Омск"


def test_a_name_that_is_not_in_the_other_table_is_refused_in_the_cell(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.go(8, "Город")
    sheet.type("тмутаракань")
    expect(sheet.page.locator(".option-hint")).to_be_visible()
    sheet.press("Tab")
    expect(sheet.expect_refused(8, "Город")).to_have_text("тмутаракань")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(page: Page, site: Site, rows: list[int]) -> None:
    from qdm.services import records as writing

    page.route_web_socket("**/live", lambda socket: socket.close())  # the page hears nothing of the others
    sheet = SheetDriver(page, site.sheet)
    columns = site.staff.columns
    sheet.go(9, "Зарплата")
    writing.update(rows[9], {columns["Телефон"]: "другое поле"}, access=site.staff.access())
    sheet.type("5")
    sheet.press("Enter")
    sheet.expect_saved()  # another cell of the row: both stay
    expect(sheet.cell(9, "Телефон")).to_have_text("другое поле")
    assert stored(site, rows[9]).cells[columns["Зарплата"]] == "5"

    writing.update(rows[9], {columns["Зарплата"]: 6}, access=site.staff.access())
    sheet.go(9, "Зарплата")
    sheet.type("7")
    sheet.press("Enter")
    sheet.expect_refused(9, "Зарплата")
    assert stored(site, rows[9]).cells[columns["Зарплата"]] == "6"


def test_a_row_is_added_at_the_end_and_rows_are_deleted_and_brought_back(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.page.locator("[data-add]").click()
    sheet.type("Яна Новая")
    sheet.press("Enter")
    sheet.expect_saved()
    count = sheet.page.locator("[data-rows]")
    expect(count).to_contain_text("301")
    sheet.press("Control+Home")
    sheet.go(10, "Кандидаты")
    sheet.press("Shift+ArrowDown")
    sheet.page.locator("[data-delete]").click()
    expect(count).to_contain_text("299")
    expect(sheet.cell(10, "Кандидаты")).to_have_text("Кандидат 00013")
    sheet.page.locator(".toasts button").click()
    expect(count).to_contain_text("301")
    expect(sheet.cell(10, "Кандидаты")).to_have_text("Кандидат 00011")


def test_nothing_typed_is_lost_without_a_connection(sheet: SheetDriver, site: Site, rows: list[int]) -> None:
    sheet.page.context.set_offline(True)
    sheet.go(15, "Телефон")
    sheet.type("555")
    sheet.press("Enter")
    expect(sheet.page.locator("[data-saving][data-state=refused]")).to_be_attached()
    expect(sheet.cell(15, "Телефон")).to_have_text("555")
    sheet.page.context.set_offline(False)
    sheet.expect_saved()
    assert stored(site, rows[15]).cells[site.staff.columns["Телефон"]] == "555"


def test_a_new_row_waits_for_its_name_and_keeps_what_was_typed_before(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.page.locator("[data-add]").click()
    place, _column = sheet.active()
    sheet.press("ArrowRight")
    sheet.type("777")
    sheet.press("Enter")
    sheet.expect_refused(place, "Кандидаты")
    expect(sheet.cell(place, "Телефон")).to_have_text("777")
    sheet.go(place, "Кандидаты")
    sheet.type("Яков Поздний")
    sheet.press("Enter")
    sheet.expect_saved()
    expect(sheet.cell(place, "Телефон")).to_have_text("777")
    found = records.page(
        site.staff.candidates,
        Query(filter=Compare("val", Op.EQ, "Яков Поздний")),
        access=site.staff.access(),
    ).records
    assert [r.cells[site.staff.columns["Телефон"]] for r in found] == ["777"]


def test_one_bad_cell_of_a_paste_does_not_keep_the_others_from_being_saved(
    sheet: SheetDriver, site: Site, rows: list[int]
) -> None:
    sheet.go(20, "Телефон")
    sheet.page.evaluate("navigator.clipboard.writeText('111\\tмного\\t1.1.2000\\n222\\t5\\t2.2.2002')")
    sheet.press("Control+v")
    sheet.expect_refused(20, "Зарплата")
    expect(sheet.cell(21, "Зарплата")).to_have_text("5")
    columns = site.staff.columns
    expect(sheet.cell(20, "Родился")).to_have_text("01.01.2000")
    expect(sheet.cell(20, "Телефон")).not_to_have_class(re.compile("pending"))
    first = stored(site, rows[20]).cells
    assert (first[columns["Телефон"]], first[columns["Зарплата"]], first[columns["Родился"]]) == (
        "111",
        "21000",
        "2000-01-01",
    )
    sheet.go(20, "Переезд")
    sheet.press("Space")  # another cell of the row is saved, the refused one keeps what was typed
    expect(sheet.cell(20, "Переезд")).not_to_have_class(re.compile("pending"))
    expect(sheet.expect_refused(20, "Зарплата")).to_have_text("много")


def test_several_links_are_picked_into_one_cell(page: Page, site: Site, rows: list[int]) -> None:
    column = columns_service.create(
        site.staff.candidates, Spec("Готов в", target=site.staff.cities, multiple=True), access=site.staff.access()
    )
    sheet = SheetDriver(page, site.sheet)
    sheet.go(0, "Кандидаты")
    sheet.press("End")
    sheet.press("F2")
    for part, city in (("уф", "Уфа"), ("ом", "Омск")):
        sheet.type(part)
        expect(page.get_by_role("option")).to_have_text([city, re.compile(f"«{part}»")])
        sheet.press("Enter")
        expect(page.locator(".option-hint.chosen")).to_contain_text(city)
    sheet.press("Tab")
    sheet.expect_saved()
    links = stored(site, rows[0]).cells[column]
    assert isinstance(links, tuple)
    assert {link.label for link in links if isinstance(link, Link)} == {"Уфа", "Омск"}

    sheet.go(0, "Готов в")
    sheet.press("Control+c", "ArrowDown", "Control+v")  # they stay several in another cell
    expect(sheet.cell(1, "Готов в")).to_contain_text("Уфа")
    sheet.expect_saved()
    assert stored(site, rows[1]).cells[column] == links
