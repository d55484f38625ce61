"""What comes out of a printer: plain tables with headings, without what can only be clicked."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from qdm.services import records as writing
from qdm.services.writes import Create
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.grid.staff import SLUG

CHROME = ".bar, .side, .sheet-bar .search, .sheet-foot, .actions, .slick-viewport"


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    made = site.staff.add(500)
    skills = [Create({site.staff.skills: f"Навык {number}"}, made[0]) for number in range(3)]
    writing.write(site.staff.skills, skills, access=site.staff.access())
    return made


def watch_printing(page: Page) -> None:
    page.evaluate("() => { window.printed = 0; window.print = () => (window.printed += 1); }")


def nothing_to_click_is_left(page: Page) -> None:
    page.emulate_media(media="print")
    shown = page.locator(CHROME).evaluate_all("nodes => nodes.filter((one) => one.checkVisibility()).length")
    assert shown == 0


def texts(cells: Any) -> list[str]:
    return [text.strip() for text in cells.all_inner_texts()]


def test_all_rows_of_the_filter_are_printed_with_their_heading(page: Page, site: Site, rows: list[int]) -> None:
    sheet = SheetDriver(page, site.sheet)
    watch_printing(page)
    page.locator("[data-search]").fill("Уфа")
    expect(page.locator("[data-rows]")).to_contain_text("250")
    sheet.go(0, "Телефон")
    sheet.command_on_russian_layout("з")  # Ctrl+P
    page.wait_for_function("() => window.printed === 1")
    article = page.locator("body > [data-printed]")
    nothing_to_click_is_left(page)
    expect(article).to_be_visible()
    assert article.locator("tbody tr").count() == 250
    expect(article.locator("p").first).to_contain_text("Уфа")  # what is shown is said
    headings = texts(article.locator("thead th"))
    assert headings[1:4] == ["Кандидаты", "Телефон", "Зарплата"]
    first = texts(article.locator("tbody tr").first.locator("td"))
    assert first[:4] == ["1", "Кандидат 00002", "", "2000"]
    assert article.locator("thead").evaluate("head => getComputedStyle(head).display") == "table-header-group"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(article).to_have_count(0)
    expect(page.locator(".slick-viewport").first).to_be_visible()


def test_the_menu_of_the_browser_prints_the_rows_at_hand(page: Page, site: Site, rows: list[int]) -> None:
    SheetDriver(page, site.sheet)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    nothing_to_click_is_left(page)
    table = page.locator(".sheet-printed")
    expect(table).to_be_visible()
    assert table.locator("tbody tr").count() >= 50
    assert texts(table.locator("tbody tr").nth(1).locator("td"))[:3] == ["Кандидат 00002", "", "2000"]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(table).to_have_count(0)


def test_the_page_for_paper_has_a_button_and_needs_no_script(page: Page, site: Site, rows: list[int]) -> None:
    page.goto(f"{site.sheet}?print=&q=Казань")
    watch_printing(page)
    page.get_by_role("button", name="Печать").click()
    assert page.evaluate("window.printed") == 1
    assert page.locator("[data-printed] tbody tr").count() == 250
    nothing_to_click_is_left(page)
    assert len(page.pdf()) > 10_000


def test_a_row_is_printed_with_its_fields_and_sub_rows(page: Page, site: Site, rows: list[int]) -> None:
    page.goto(site.url(f"/w/{SLUG}/t/{site.staff.candidates}/r/{rows[0]}/?tab={site.staff.skills_tab}"))
    page.wait_for_selector("[data-ready=true]")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    nothing_to_click_is_left(page)
    expect(page.locator(f"[id='c{site.staff.columns['Зарплата']}']")).to_be_visible()
    expect(page.locator(f"[id='c{site.staff.columns['Зарплата']}']")).to_have_value("1000")
    assert texts(page.locator(".sheet-printed tbody tr td:first-child")) == ["Навык 0", "Навык 1", "Навык 2"]


def test_the_history_is_printed_as_a_table(page: Page, site: Site, rows: list[int]) -> None:
    for path in ("history/", f"t/{site.staff.candidates}/history/", f"t/{site.staff.candidates}/r/{rows[0]}/history/"):
        page.emulate_media(media="screen")
        page.goto(site.url(f"/w/{SLUG}/{path}"))
        nothing_to_click_is_left(page)
        expect(page.locator("table.list thead")).to_be_visible()
        assert page.locator(".button").evaluate_all("nodes => nodes.filter((one) => one.checkVisibility()).length") == 0
