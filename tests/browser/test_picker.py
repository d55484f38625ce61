"""Picking links: a new row made on the way, several links in one cell, by keys alone."""

import pytest
from playwright.sync_api import Page, expect

from qdm.query.ast import Query
from qdm.record import Link
from qdm.selectors import records
from qdm.services import columns
from qdm.services.column_types import Spec
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture
def several(site: Site) -> int:
    site.staff.add(2)
    spec = Spec("Поездки", target=site.staff.cities, multiple=True)
    return columns.create(site.staff.candidates, spec, access=site.staff.access())


def test_a_row_that_is_missing_is_made_in_the_picker_and_undone_after_its_link(
    page: Page, site: Site, several: int
) -> None:
    def cities() -> list[str]:
        found = records.page(site.staff.cities, Query(), access=site.staff.access()).records
        return [row.val for row in found]

    def cell(column: int) -> object:
        row = records.page(site.staff.candidates, Query(), access=site.staff.access()).records[0]
        return row.cells.get(column)

    sheet = SheetDriver(page, site.sheet)
    sheet.go(0, "Город")
    sheet.type("тверь")
    fresh = page.locator(".option.fresh")
    expect(fresh).to_contain_text("тверь")
    sheet.press("ArrowDown", "Enter")
    expect(sheet.cell(0, "Город")).to_have_text("тверь")
    sheet.expect_saved()
    assert "тверь" in cities()

    # Several: each Enter adds one or takes it out again, Escape would leave all as it was, Tab keeps them.
    sheet.go(0, "Поездки")
    sheet.press("F2")
    for name in ("Омск", "Уфа"):
        page.locator("[role=combobox]").fill(name)
        expect(page.locator(".option.at")).to_have_text(name)
        sheet.press("Enter")
    expect(page.locator(".option-hint.chosen")).to_have_text("Омск, Уфа")
    sheet.press("Tab")
    sheet.expect_saved()
    assert [link.label for link in cell(several) if isinstance(link, Link)] == ["Омск", "Уфа"]  # type: ignore[attr-defined]

    for _step in range(3):  # the several, the link, the row made for it
        sheet.command_on_russian_layout("я")
    expect(sheet.cell(0, "Город")).to_have_text("Казань")
    sheet.expect_saved()
    page.wait_for_function("() => document.querySelector('.sheet').sheet.gestures.steps[1] === 3")
    assert "тверь" not in cities()
