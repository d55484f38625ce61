"""Filters, views and the menu of a column, by keyboard alone, on a table of three hundred rows."""

import re

import pytest
from playwright.sync_api import Page, expect

from qdm.models import SavedView
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver


@pytest.fixture(scope="module")
def rows(site: Site) -> list[int]:
    return site.staff.add(300)


@pytest.fixture
def sheet(page: Page, site: Site, rows: list[int]) -> SheetDriver:
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": site.base}])
    return SheetDriver(page, site.sheet + "?view=0")


def column_menu(sheet: SheetDriver, column: str) -> None:
    """Opened from a cell, by keys."""
    sheet.go(0, column)
    sheet.press("Alt+ArrowDown")
    expect(sheet.page.get_by_role("menu")).to_be_visible()


def choose(page: Page, name: str) -> None:
    """Walks down the open menu to the item and presses it."""
    for _step in range(20):
        if page.evaluate("document.activeElement.textContent") == name:
            page.keyboard.press("Enter")
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(name)


def names(sheet: SheetDriver) -> list[str]:
    texts = sheet.page.locator(".slick-header-column .head-name").all_inner_texts()
    return [text.strip() for text in texts]


def test_a_filter_is_built_by_keys_and_told_as_a_sentence(sheet: SheetDriver, page: Page) -> None:
    page.get_by_role("link", name="Filter", exact=True).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Filter")
    expect(dialog).to_be_visible()
    sheet.press("ArrowDown", "ArrowDown", "Tab")  # the list of columns has the focus: to the third
    sheet.press("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Tab")  # to the fifth operator
    page.keyboard.type("290 000")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    sentence = page.locator("[data-sentence]")
    expect(sentence).to_have_text("Shown 10 of 300: Зарплата > 290,000")
    expect(sheet.cell(0, "Зарплата")).to_have_text("291,000")
    page.reload()
    expect(sentence).to_have_text("Shown 10 of 300: Зарплата > 290,000")
    page.get_by_role("link", name="Show all").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-rows]")).to_have_text("Rows: 300")
    expect(sentence).not_to_be_visible()


def test_groups_of_conditions_nest_and_a_wrong_value_is_named(sheet: SheetDriver, page: Page) -> None:
    page.get_by_role("link", name="Filter", exact=True).click()
    dialog = page.get_by_role("dialog", name="Filter")
    dialog.get_by_label("Column", exact=True).select_option("Зарплата")
    dialog.get_by_label("Condition", exact=True).select_option(">")
    dialog.get_by_label("Value", exact=True).fill("много")
    dialog.get_by_role("button", name="Show").click()
    expect(dialog.get_by_role("alert")).to_contain_text("много")
    dialog.get_by_label("Value", exact=True).fill("295000")
    dialog.get_by_role("button", name="Add a group").click()
    inner = dialog.locator(".filter-group .filter-group")
    inner.get_by_label("Column", exact=True).select_option("Родился")
    inner.get_by_label("Condition", exact=True).select_option("=")
    inner.get_by_label("Value", exact=True).select_option("this year")
    inner.get_by_role("button", name="Add a condition").click()
    inner.get_by_label("Column", exact=True).last.select_option("Кандидаты")
    inner.get_by_label("Condition", exact=True).last.select_option("ends with")
    inner.get_by_label("Value", exact=True).last.fill("00298")
    dialog.get_by_role("button", name="Show").click()
    expect(page.locator("[data-sentence]")).to_have_text(
        "Shown 1 of 300: Зарплата > 295,000 and (Родился: this year or Кандидаты ends with 00298)"
    )
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00298")


def test_values_of_a_column_are_ticked_from_its_menu(sheet: SheetDriver, page: Page) -> None:
    column_menu(sheet, "Город")
    choose(page, "Filter by values…")
    dialog = page.get_by_role("dialog", name="Filter by “Город”")
    expect(dialog.locator(".value-item")).to_have_text(["Казань150", "Уфа150"])
    dialog.get_by_label("Уфа").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("[data-sentence]")).to_have_text("Shown 150 of 300: Город = Уфа")
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00002")
    column_menu(sheet, "Город")
    choose(page, "Filter by values…")
    expect(dialog.get_by_label("Уфа")).to_be_checked()
    expect(dialog.locator(".value-item")).to_have_text(["Казань150", "Уфа150"])


def test_columns_move_hide_and_freeze_by_keys_and_stay_so(sheet: SheetDriver, page: Page) -> None:
    before = names(sheet)
    for act in ("Move left", "Move left"):
        column_menu(sheet, "Зарплата")
        choose(page, act)
    assert names(sheet)[:3] == ["Зарплата", *before[:2]]
    column_menu(sheet, "Телефон")
    choose(page, "Hide column")
    column_menu(sheet, "Кандидаты")
    with page.expect_response("**/layout"):
        choose(page, "Freeze up to here")
    expect(page.locator(".slick-header-left .head-name")).to_have_text(["Зарплата", "Кандидаты"])
    page.reload()
    page.wait_for_selector("[data-ready=true]")
    assert names(sheet)[:3] == ["Зарплата", "Кандидаты", "Родился"]
    expect(page.locator(".slick-header-left .head-name")).to_have_text(["Зарплата", "Кандидаты"])
    sheet.go(1, "Город")
    sheet.press("Home")
    assert sheet.active() == (1, 1)
    page.locator(".sheet-views summary").click()
    page.get_by_role("button", name="Put the columns back").click()
    page.wait_for_selector("[data-ready=true]")
    assert names(sheet) == before


def test_a_column_is_dragged_to_another_place(sheet: SheetDriver, page: Page) -> None:
    before = names(sheet)
    here = sheet.heading("Родился").bounding_box()
    there = sheet.heading("Телефон").bounding_box()
    assert here
    assert there
    with page.expect_response("**/layout"):
        page.mouse.move(here["x"] + 40, here["y"] + 10)
        page.mouse.down()
        for step in range(1, 11):
            x = here["x"] + 40 + (there["x"] - here["x"]) * step / 10
            page.mouse.move(x, here["y"] + 10)
        page.mouse.up()
    assert names(sheet)[1] == "Родился"
    assert sorted(names(sheet)) == sorted(before)
    assert "sort=" not in page.url
    page.locator(".sheet-views summary").click()
    page.get_by_role("button", name="Put the columns back").click()


def test_what_is_shown_is_kept_as_a_view_and_opened_by_its_link(sheet: SheetDriver, page: Page, site: Site) -> None:
    column_menu(sheet, "Зарплата")
    choose(page, "Sort descending")
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00300")
    page.locator(".sheet-views summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_label("Title").fill("Сверху")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Сверху")).to_have_attribute("aria-current", "page")
    view = SavedView.objects.get(title="Сверху")
    assert page.url.endswith(f"?view={view.pk}")
    page.wait_for_selector("[data-ready=true]")
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00300")
    save = page.get_by_role("button", name="Save view")
    expect(save).not_to_be_visible()
    page.locator("[data-search]").fill("0000")
    expect(page.locator("[data-rows]")).to_have_text("Rows: 9")
    with page.expect_navigation():
        save.click()
    page.wait_for_selector("[data-ready=true]")
    assert SavedView.objects.get(pk=view.pk).spec["search"] == "0000"
    page.goto(f"{site.sheet}?view={view.pk}")
    expect(sheet.cell(0, "Кандидаты")).to_have_text("Кандидат 00009")
    assert re.search(r"\?view=\d+$", page.url)


def test_rows_are_grouped_counted_summed_and_opened_by_keys(sheet: SheetDriver, page: Page, site: Site) -> None:
    columns = site.staff.columns
    page.goto(f"{site.sheet}?view=0&group={columns['Переезд']},{columns['Город']}")
    page.wait_for_selector("[data-ready=true]")
    expect(page.locator("[data-sentence]")).to_have_text("Grouped by: Переезд, Город")
    labels = page.locator(".group-label")
    expect(labels).to_have_text(["Переезд: no150", "Переезд: yes150"])
    expect(sheet.cell(1, "Зарплата")).to_have_text("22,500,000")
    sheet.go(1, "Кандидаты")
    sheet.press("Enter")
    expect(labels).to_have_text(["Переезд: no150", "Переезд: yes150", "Город: Казань150"])
    sheet.press("ArrowDown", "Space")
    expect(sheet.cell(3, "Кандидаты")).to_have_text("Кандидат 00001")
    expect(page.locator("[data-rows]")).to_have_text("Rows: 153")
    sheet.go(3, "Телефон")
    sheet.type("12345")
    sheet.press("Enter")
    sheet.expect_saved()
    expect(sheet.cell(3, "Телефон")).to_have_text("12345")
    sheet.go(0, "Телефон")
    sheet.press("Delete")
    sheet.expect_saved()
    sheet.go(2, "Кандидаты")
    sheet.press("Enter")
    expect(page.locator("[data-rows]")).to_have_text("Rows: 3")
    column_menu(sheet, "Город")
    with page.expect_navigation():
        choose(page, "Group no more")
    page.wait_for_selector("[data-ready=true]")
    expect(labels).to_have_text(["Переезд: no150", "Переезд: yes150"])
