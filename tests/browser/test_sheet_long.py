"""A sheet of many rows: far places, and how it takes over from the table that came with the page."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect
from psycopg import sql

from qdm.managers import ladders, statements
from qdm.sql import statement
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.grid.staff import SLUG

ROWS = 60_000
WS = f"ws_{SLUG}"
#: Where the row, its heading and their texts are, to a tenth of a pixel; of the server's table and of the grid.
BOXES = """() => {
  const of = (rect) => [rect.x, rect.y, rect.width, rect.height].map((one) => Math.round(one * 10) / 10);
  const box = (element) => of(element.getBoundingClientRect());
  const text = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return of(range.getBoundingClientRect());
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const rows = all('[data-grid] tbody tr, .slick-row').slice(0, 3).map((row) => [...row.children]);
  return {
    headings: all('[data-grid] thead th, .slick-header-column').map(box),
    names: all('[data-grid] .head-name').map(box),
    cells: rows.map((row) => row.map(box)),
    texts: rows.map((row) => row.map(text)),
    bar: all('.sheet-bar > :is(a, form, h1, details), .sheet-views, .sheet-foot').map(box),
  };
}"""


@pytest.fixture(scope="module")
def rows(site: Site) -> int:
    """Candidates with telephones in the opposite order, written as nodes: by the services it would take a minute."""
    staff = site.staff
    statements.row(statement("index_nodes"), {"ws": WS})
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "INSERT INTO {0} SELECT v.* FROM (SELECT max(id) AS first FROM {0}) AS f, generate_series(1, %s) AS i,"
                " LATERAL (VALUES (f.first + i * 2, 1, %s::bigint, 'Кандидат ' || lpad(i::text, 5, '0')),"
                " (f.first + i * 2 + 1, f.first + i * 2, %s, 'т ' || lpad((%s - i)::text, 5, '0'))) AS v"
            ).format(sql.Identifier(WS, "node")),
            [ROWS, staff.candidates, staff.columns["Телефон"], ROWS],
        )
        cursor.execute(
            sql.SQL('CREATE INDEX {} ON {} ((qdm.key({}) COLLATE "C"), id)').format(
                sql.Identifier(f"t_{staff.candidates}_s{staff.columns['Телефон']}"),
                sql.Identifier(WS, f"t_{staff.candidates}"),
                sql.Identifier(f"r{staff.columns['Телефон']}"),
            )
        )
    statements.run(statement("indexes_changed", ws=WS), {"ws": WS})
    return ROWS


def jump(sheet: SheetDriver, row: int) -> None:
    sheet.page.evaluate(f"document.querySelector('.sheet').sheet.grid.scrollRowToTop({row})")


@pytest.mark.parametrize(("by_telephone", "kept"), [(False, False), (True, False), (True, True)])
def test_far_rows_are_asked_for_from_the_nearest_place_that_is_known(
    page: Page, site: Site, rows: int, by_telephone: bool, kept: bool
) -> None:
    if kept:
        table = sql.Identifier(WS, f"t_{site.staff.candidates}")
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("ANALYZE {}").format(table))
        assert ladders.tend(WS) == 2
    walked: list[int] = []
    page.on(
        "request",
        lambda request: (
            walked.append(int(parse_qs(urlsplit(request.url).query).get("offset", ["0"])[0]))
            if "/rows?" in request.url
            else None
        ),
    )
    query = f"?sort={site.staff.columns['Телефон']}" if by_telephone else ""
    with page.expect_response(lambda answer: "/ladder?" in answer.url and answer.json()["more"] is False) as last:
        sheet = SheetDriver(page, site.sheet + query)
    assert bool(last.value.json()["places"]) is kept
    walked.clear()

    def name(row: int) -> str:
        return f"Кандидат {rows - row if by_telephone else row + 1:05}"

    for row in (31_234, 58_765, 9_876, 43_210, 43_500, 43_100):
        jump(sheet, row)
        expect(sheet.cell(row, "Кандидаты")).to_have_text(name(row))
        expect(sheet.cell(row + 20, "Кандидаты")).to_have_text(name(row + 20))
    sheet.go(43_110, "Телефон")
    sheet.press("Control+End")
    expect(sheet.cell(rows - 1, "Кандидаты")).to_have_text(name(rows - 1))
    sheet.press("Control+Home")
    expect(sheet.cell(0, "Кандидаты")).to_have_text(name(0))
    # In an order that reads an index alone steps are of 25,000 rows, else of 5,000; the nearer end of one is taken.
    assert max(walked) <= (5_000 if by_telephone else 25_000) / 2


def test_pages_beside_one_another_fit_without_a_gap(page: Page, site: Site, rows: int) -> None:
    sheet = SheetDriver(page, site.sheet)
    jump(sheet, 30_000)
    expect(sheet.cell(30_000, "Кандидаты")).to_have_text("Кандидат 30001")
    names = page.evaluate(
        """async () => (await document.querySelector('.sheet').sheet.store.ensure(28_950, 31_049))
             .map((row) => Object.values(row.cells)[0])"""
    )
    assert names == [f"Кандидат {at + 1:05}" for at in range(28_950, 31_050)]


def test_after_a_reload_far_rows_are_found_anew(page: Page, site: Site, rows: int) -> None:
    sheet = SheetDriver(page, site.sheet)
    jump(sheet, 40_000)
    expect(sheet.cell(40_000, "Кандидаты")).to_have_text("Кандидат 40001")
    page.locator("[data-refresh]").click()
    jump(sheet, 20_000)
    expect(sheet.cell(20_000, "Кандидаты")).to_have_text("Кандидат 20001")
    expect(page.locator("[data-rows]")).to_have_text(re.compile(r"60\s000$"))


def test_no_more_pages_are_held_however_long_one_scrolls(page: Page, site: Site, rows: int) -> None:
    sheet = SheetDriver(page, site.sheet)
    for row in range(500, rows, 1_900):
        jump(sheet, row)
        expect(sheet.cell(row, "Кандидаты")).to_have_text(f"Кандидат {row + 1:05}")
    held = page.evaluate("document.querySelector('.sheet').sheet.store.heldRows")
    assert 0 < held <= 2_500


def test_nothing_moves_when_the_live_grid_takes_over(
    page: Page, site: Site, rows: int, browser: Browser, signed_in: object
) -> None:
    context = browser.new_context(
        storage_state=signed_in,  # type: ignore[arg-type]
        locale="ru-RU",
        viewport={"width": 1280, "height": 800},
    )
    still = context.new_page()
    still.route("**/js/main*.js", lambda route: route.abort())  # scripts are on, and none has come yet
    still.goto(site.sheet)
    before = still.evaluate(BOXES)
    assert still.locator("[data-grid] tbody tr").count() == len(before["cells"]) + 47
    context.close()

    page.add_init_script(
        """globalThis.shift = 0;
        new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value; })
          .observe({ type: 'layout-shift', buffered: true });"""
    )
    SheetDriver(page, site.sheet)
    after = page.evaluate(BOXES)
    for part, boxes in before.items():
        assert boxes, part
        assert after[part][: len(boxes)] == boxes, part
    expect(page.locator("[data-rows]")).to_have_text(re.compile(r"60\s000$"))
    assert page.evaluate("shift") < 0.01


def test_a_far_place_is_not_drawn_empty_unless_it_is_needed_or_one_moves_on(page: Page, site: Site, rows: int) -> None:
    sheet = SheetDriver(page, site.sheet)
    page.wait_for_timeout(200)  # no longer on the move
    page.route(re.compile(r"/rows\?"), lambda route: None)
    drawn = """places => {
      const { grid } = document.querySelector('.sheet').sheet;
      const empty = (row) => document.querySelector(`.slick-row.loading[data-row="${row}"]`) !== null;
      const found = places.map((row) => (grid.scrollRowToTop(row), empty(row)));
      return [...found, grid.getCellNode(places.at(-1), 1) !== null];
    }"""
    assert page.evaluate(drawn, [20_000]) == [False, True]
    page.wait_for_timeout(200)
    assert page.evaluate(drawn, [30_000, 40_000]) == [False, True, True]
    page.wait_for_timeout(200)
    jump(sheet, 50_000)
    expect(page.locator('.slick-row.loading[data-row="50000"]')).to_be_visible()
