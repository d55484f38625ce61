"""Columns in the live sheet, by keys: another type after a preview, properties, inserting, copies, colours; all of it
taken back and brought forward."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from integram.grid import colouring
from qdm.query.ast import Query
from qdm.selectors import records
from qdm.services import records as writing
from qdm.services.writes import Create
from qdm.types import presentation
from qdm.types.base import BaseType, Locale
from qdm.view_spec import Colour
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver

#: Screenshots are made where this names a folder.
SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def rows(site: Site) -> Any:
    staff = site.staff
    made = staff.add(12)
    odd = [
        Create({staff.candidates: "Без ничего"}),
        Create({staff.candidates: "Яна", staff.columns["Телефон"]: "много"}),
    ]
    writing.write(staff.candidates, odd, access=staff.access())
    yield made
    left = records.page(staff.candidates, Query(limit=500), access=staff.access()).records
    for one in left:
        writing.delete(one.id, access=staff.access())


def ready(sheet: SheetDriver) -> None:
    sheet.page.wait_for_selector("[data-ready=true]")


def menu(sheet: SheetDriver, row: int, column: str, address: str) -> None:
    """From a cell into the menu of its column and, by keys, to the form at this address."""
    sheet.go(row, column)
    sheet.press("Alt+ArrowDown")
    there = """part => {
      const [path, search = ""] = (document.activeElement.href ?? "").split("?");
      return path.endsWith(part) || search.includes(part);
    }"""
    for _step in range(30):
        if sheet.page.evaluate(there, address):
            break
        sheet.press("ArrowDown")
    assert sheet.page.evaluate(there, address), address
    sheet.press("Enter")
    sheet.page.wait_for_selector("dialog[open]")


def away(sheet: SheetDriver) -> None:
    """The form is sent by Enter and the sheet opens anew."""
    with sheet.page.expect_navigation():
        sheet.press("Enter")
    ready(sheet)


def undo(sheet: SheetDriver) -> None:
    sheet.go(0, "Кандидаты")
    with sheet.page.expect_navigation():
        sheet.command_on_russian_layout("я")
    ready(sheet)


def redo(sheet: SheetDriver) -> None:
    sheet.go(0, "Кандидаты")
    with sheet.page.expect_navigation():
        sheet.command_on_russian_layout("н")
    ready(sheet)


def shot(sheet: SheetDriver, name: str) -> None:
    if not SHOTS:
        return
    for theme in ("light", "dark"):
        sheet.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        sheet.page.screenshot(path=Path(SHOTS) / f"columns-{name}-{theme}.png")


def headings(sheet: SheetDriver) -> list[str]:
    names = sheet.page.locator(".slick-header-column .head-name").all_inner_texts()
    return [name.strip() for name in names]


def re_of(name: str) -> Any:
    return re.compile(rf"(^|\s){name}(\s|$)")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_browser_paints_and_formats_what_the_server_does(
    page: Page, site: Site, rows: list[int], language: str
) -> None:
    """Every kind of condition, and every format, over the same rows by both."""
    staff = site.staff
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site.base}])
    sheet = SheetDriver(page, site.sheet)
    access = staff.access()
    term = access.term(staff.candidates)
    ids = [r.id for r in records.page(staff.candidates, Query(limit=50), access=access).records]
    salary, city, born, moves = (staff.columns[name] for name in ("Зарплата", "Город", "Родился", "Переезд"))
    asked = [
        (salary, op, value, to)
        for op, value, to in [
            ("=", "3000", ""), ("!=", "3000", ""), ("<", "3000", ""), (">=", "3000,0", ""), ("between", "2000", "5000"),
            ("in", "1000; 7000", ""), ("empty", "", ""), ("not_empty", "", ""), ("bad", "", ""),
        ]
    ]  # fmt: skip
    asked += [
        (city, op, value, "") for op, value in [("=", "КАЗАНЬ"), ("!=", "Уфа"), ("contains", "аз"), ("in", "Уфа;Омск")]
    ]
    asked += [(staff.candidates, op, value, "") for op, value in [("starts", "кандидат 0001"), ("ends", "НА")]]
    asked += [(born, op, value, "") for op, value in [("=", "17.05.1990"), ("<", "@today"), (">", "@last_7_days")]]
    asked += [(moves, "=", "1", ""), (moves, "empty", "", "")]
    for column, op, value, to in asked:
        where = colouring.condition(column, colouring.Op(op), value, to, term, access)
        rule = Colour(column, where, "red")
        server = {record for record, _column in colouring.paint([rule], [], ids, term, access)}
        browser = page.evaluate(
            """async ([rules, column]) => {
              const { colourOf } = await import("/static/js/sheet/colouring.js");
              const { store } = document.querySelector(".sheet").sheet;
              const config = JSON.parse(document.querySelector(".sheet > script").textContent);
              const specs = new Map(config.columns.map((spec) => [spec.id, spec]));
              const rows = Array.from({ length: store.length }, (_, at) => store.getItem(at));
              return rows.filter((row) => colourOf(row, specs.get(column), rules, specs)).map((row) => row.id);
            }""",
            [colouring.as_wire([rule], term, access), column],
        )
        assert set(browser) == server, (column, op, value)

    shown = [
        (text, base, kind, code)
        for base, kind, texts in [
            (BaseType.NUMBER, "number", ["1234.565", "-0.005", "0", "12345678901234567890.5", "-1500"]),
            (BaseType.FLOAT, "number", ["1e+21", "2.5e-07"]),
            (BaseType.DATE, "date", [f"2026-{month:02}-09" for month in range(1, 13)]),
            (BaseType.DATETIME, "datetime", ["2026-05-09T07:05:11"]),
        ]
        for text in texts
        for code in presentation.OFFERED[base]
    ]
    browser_texts = page.evaluate(
        """async (asked) => {
          const { presented } = await import("/static/js/sheet/presentation.js");
          const { language, months } = JSON.parse(document.querySelector(".sheet > script").textContent);
          return asked.map(([text, type, format]) => presented(text, { type, format }, { language, months }));
        }""",
        [[text, kind, code] for text, _base, kind, code in shown],
    )
    server_texts = [presentation.display(text, base, code, Locale(language)) for text, base, _kind, code in shown]
    assert list(zip(shown, browser_texts, strict=True)) == list(zip(shown, server_texts, strict=True))
    if SHOTS and language == "en":
        sheet.go(0, "Зарплата")
        sheet.press("Alt+ArrowDown")
        shot(sheet, "menu-en")


def test_columns_are_changed_by_keys_and_all_of_it_is_taken_back(page: Page, site: Site, rows: list[int]) -> None:
    sheet = SheetDriver(page, site.sheet)
    dialog = page.locator("dialog[open]")
    before = headings(sheet)

    # Another type: what does not fit is shown first, then stands red in its cell.
    menu(sheet, 0, "Телефон", "/type/")
    dialog.locator("[name=type]").select_option("13")
    dialog.locator("button.primary").focus()
    sheet.press("Enter")
    expect(dialog.locator(".misfit")).to_have_text("много")
    shot(sheet, "type")
    dialog.locator("button.primary").focus()
    away(sheet)
    expect(page.locator(".toasts .note.warning")).to_contain_text("1")  # said once more when it is done
    expect(sheet.cell(13, "Телефон")).to_have_text("много")
    expect(sheet.cell(13, "Телефон")).to_have_class(re_of("bad"))

    # Properties: format, alignment, description.
    menu(sheet, 0, "Зарплата", f"/columns/{site.staff.columns['Зарплата']}/")
    dialog.locator("[name=format]").select_option("#,##0.00 ₽")
    dialog.locator("[name=align]").select_option("left")
    dialog.locator("[name=description]").fill("До вычета налога")
    dialog.locator("[name=default]").fill("100")
    shot(sheet, "properties")
    away(sheet)
    expect(sheet.cell(1, "Зарплата")).to_have_text("1\u00a0000,00\u00a0₽")
    expect(sheet.cell(1, "Зарплата")).to_have_css("text-align", "left")
    assert page.locator(".slick-header-column .head[title='До вычета налога']").count() == 1
    sheet.go(1, "Зарплата")
    sheet.press("F2")
    expect(page.locator(".slick-cell.editable input")).to_have_value("1000")  # what is edited is whole
    sheet.press("Escape")

    # A column beside another, and a copy of one.
    menu(sheet, 0, "Зарплата", "left=")
    sheet.type("Оклад")
    away(sheet)
    names = headings(sheet)
    assert names.index("Оклад") == names.index("Зарплата") - 1
    menu(sheet, 0, "Родился", "/duplicate/")
    away(sheet)
    names = headings(sheet)
    copy = names[names.index("Родился") + 1]
    assert copy.startswith("Родился (")
    expect(sheet.cell(1, copy)).to_have_text("17.05.1990")

    # Colours, then a column hidden: that needs no page of its own.
    menu(sheet, 0, "Зарплата", f"/colours/{site.staff.columns['Зарплата']}/")
    dialog.locator("[name=op]").select_option(">=")
    dialog.locator("[name=value]").fill("10 000")
    shot(sheet, "colour-form")
    away(sheet)
    expect(sheet.cell(10, "Зарплата")).to_have_class(re_of("c-green"))
    expect(sheet.cell(9, "Зарплата")).not_to_have_class(re_of("c-green"))
    shot(sheet, "coloured")
    sheet.go(0, "Заметка")
    sheet.press("Alt+ArrowDown")
    sheet.page.locator(".column-menu").get_by_role("menuitem", name="Скрыть колонку").focus()
    sheet.press("Enter")
    assert "Заметка" not in headings(sheet)

    # Back, step by step.
    sheet.go(0, "Кандидаты")
    sheet.command_on_russian_layout("я")
    expect(page.locator(".slick-header-column", has_text="Заметка")).to_be_visible()
    sheet.go(0, "Кандидаты")
    sheet.command_on_russian_layout("я")
    expect(sheet.cell(10, "Зарплата")).not_to_have_class(re_of("c-green"))
    undo(sheet)
    assert copy not in headings(sheet)
    undo(sheet)
    assert headings(sheet) == before
    undo(sheet)
    expect(sheet.cell(1, "Зарплата")).to_have_text("1000")
    undo(sheet)
    expect(sheet.cell(13, "Телефон")).not_to_have_class(re_of("bad"))

    # And forward again.
    redo(sheet)
    expect(sheet.cell(13, "Телефон")).to_have_class(re_of("bad"))
    redo(sheet)
    expect(sheet.cell(1, "Зарплата")).to_have_text("1\u00a0000,00\u00a0₽")
    redo(sheet)
    assert "Оклад" in headings(sheet)
    redo(sheet)
    expect(sheet.cell(1, copy)).to_have_text("17.05.1990")
    sheet.go(0, "Кандидаты")
    sheet.command_on_russian_layout("н")
    expect(sheet.cell(10, "Зарплата")).to_have_class(re_of("c-green"))
