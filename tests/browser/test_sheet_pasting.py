"""Pasting what LibreOffice and Excel copy, with the values behind the cells; and as much as a gesture may hold."""

import pytest
from playwright.sync_api import Page, expect

from qdm.query.ast import Compare, Op, Query
from qdm.record import Record
from qdm.selectors import records
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver

#: As LibreOffice Calc 24.2 puts it on the clipboard, shortened: a rounded number, a date, a line break, a joined cell.
CALC = """<!DOCTYPE html><html><head><meta name="generator" content="LibreOffice 24.2.7.2 (Linux)"/></head><body>
<table cellspacing="0"><colgroup width="85"></colgroup><tr>
<td align="left">8 800</td><td align="right" sdval="1234.5678" sdnum="1049;0;# ##0,0">1&nbsp;234,6</td>
<td align="right" sdval="45352" sdnum="1049;1049;DD.MM.YY">01.03.24</td><td align="left"><br></td>
<td align="left">раз<br>два</td></tr>
<tr><td colspan=2 align="left">вместе</td><td align="right" sdval="45353.5" sdnum="1049;1049;DD/MM HH:MM">02/03</td>
</tr></table></body></html>"""
#: As Excel puts it: the value of a number beside what its format shows.
EXCEL = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><body><table><!--StartFragment-->
<tr><td>555</td><td class=xl65 align=right x:num="0.125">13%</td></tr><!--EndFragment--></table></body></html>"""


@pytest.fixture
def rows(site: Site) -> list[int]:
    return site.staff.add(3)


def paste(page: Page, html: str, text: str) -> None:
    page.evaluate(
        """([html, text]) => {
          const data = new DataTransfer();
          if (html) data.setData("text/html", html);
          data.setData("text/plain", text);
          const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(event);
        }""",
        [html, text],
    )


def stored(site: Site, row: int) -> Record:
    return records.get(row, access=site.staff.access())


def test_the_values_behind_the_cells_are_pasted_not_their_rounding(page: Page, site: Site, rows: list[int]) -> None:
    phone, salary, born, _moves, note = (
        site.staff.columns[name] for name in ("Телефон", "Зарплата", "Родился", "Переезд", "Заметка")
    )
    sheet = SheetDriver(page, site.sheet)
    sheet.go(0, "Телефон")
    paste(page, CALC, "8 800\t1 234,6\t01.03.24\t\tраз два\nвместе\t\t02/03")
    page.wait_for_function("() => document.querySelector('.sheet').sheet.writer.waiting > 0")
    sheet.expect_saved()
    first, second = stored(site, rows[0]).cells, stored(site, rows[1]).cells
    assert (first[phone], first[salary], first[born]) == ("8 800", "1234.5678", "2024-03-01")
    assert first[note] == "раз\nдва"
    assert (second[phone], second.get(salary), second[born]) == ("вместе", None, "2024-03-02")
    sheet.go(2, "Телефон")
    paste(page, EXCEL, "555\t13%")
    page.wait_for_function("() => document.querySelector('.sheet').sheet.writer.waiting > 0")
    sheet.expect_saved()
    third = stored(site, rows[2]).cells
    assert (third[phone], third[salary]) == ("555", "0.125")


def test_fifty_thousand_cells_are_pasted_while_the_sheet_goes_on_and_taken_back_in_one_step(
    page: Page, site: Site, rows: list[int]
) -> None:
    count = 49_000 // 7
    lines = (f"Вставка {i:05}\t{i}\t{i * 10}\t01.02.2003\tда\tтекст {i}\tУфа" for i in range(count))
    sheet = SheetDriver(page, site.sheet)
    page.wait_for_function("() => document.querySelector('.sheet').sheet.store.length > 0")
    sheet.go(0, "Кандидаты")
    length = page.evaluate("document.querySelector('.sheet').sheet.store.length")
    page.evaluate("at => document.querySelector('.sheet').sheet.grid.setActiveCell(at, 1)", length)
    paste(page, "", "\n".join(lines))
    saving = page.locator("[data-saving][data-state=pending]")
    expect(saving).to_contain_text("…")
    expect(saving).to_contain_text(":")  # how many rows are left
    # Meanwhile the keys answer.
    at = sheet.active()[0]
    sheet.press("ArrowDown", "ArrowDown")
    assert sheet.active()[0] == at + 2
    assert page.evaluate("document.querySelector('.sheet').sheet.writer.waiting") > 0
    expect(page.locator("[data-saving][data-state=saved]")).to_be_attached(timeout=200_000)
    made = Query(filter=Compare("val", Op.STARTS, "Вставка"))
    assert records.count(site.staff.candidates, made, access=site.staff.access(), cap=None).value == count
    assert page.evaluate("document.querySelector('.sheet').sheet.gestures.steps") == [1, 0]
