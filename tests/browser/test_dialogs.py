"""Forms come as dialogs above the page; without JavaScript the same links are pages."""

from playwright.sync_api import Browser, Page, expect

from qdm.selectors import structure
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver
from tests.grid.staff import SLUG


def test_a_table_is_made_in_a_dialog_and_a_mistake_is_shown_in_it(page: Page, site: Site) -> None:
    page.goto(site.url(f"/w/{SLUG}/"))
    page.locator(".actions a[href$='/tables/']").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=name]").fill("Города")
    page.keyboard.press("Enter")
    expect(dialog.locator(".errorlist, .note.error").first).to_be_visible()
    expect(dialog.locator("[name=name]")).to_have_value("Города")
    dialog.locator("[name=name]").fill("Вакансии")
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/*/")
    expect(page.locator("h1")).to_have_text("Вакансии")


def test_escape_and_cancel_close_a_dialog_and_change_nothing(page: Page, site: Site) -> None:
    page.goto(site.url(f"/w/{SLUG}/"))
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.locator("dialog [data-cancel]").click()):
        page.locator(".actions a[href$='/tables/']").click()
        page.locator("dialog [name=name]").fill("Не нужна")
        close()
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert "Не нужна" not in {t.title for t in structure.tables(access=site.staff.access())}


def test_a_column_is_renamed_from_its_heading_without_sorting_the_table(page: Page, site: Site) -> None:
    sheet = SheetDriver(page, site.sheet)
    sheet.heading("Телефон").hover()
    sheet.heading("Телефон").locator(".head-menu").click()
    page.get_by_role("menuitem", name="Изменить колонку").click()
    page.locator("dialog [name=name]").fill("Мобильный")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Мобильный")).to_be_visible()
    assert "sort=" not in page.url


def test_the_theme_changes_at_once_and_stays(page: Page, site: Site) -> None:
    page.goto(site.url("/"))
    light = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    page.locator(".bar-end summary").click()
    with page.expect_response("**/accounts/theme/"):
        page.locator("button[name=theme][value=dark]").click()
    dark = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    assert dark != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") == dark


def test_the_language_is_switched_from_the_menu(page: Page, site: Site) -> None:
    page.goto(site.url("/"))
    for language in ("en", "ru"):
        page.locator(".bar-end summary").click()
        page.locator(f"button[name=language][value={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)


def test_without_javascript_the_dialogs_are_pages_and_the_sheet_is_a_table(
    browser: Browser, signed_in: object, site: Site
) -> None:
    site.staff.add(60)
    context = browser.new_context(storage_state=signed_in, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(site.sheet)
    expect(page.locator("[data-grid] tbody tr")).to_have_count(50)
    page.locator("a[rel=next]").click()
    expect(page.locator("[data-grid] tbody tr").first).to_contain_text("Кандидат 00051")
    page.goto(site.url(f"/w/{SLUG}/"))
    page.locator(".actions a[href$='/tables/']").click()
    page.locator("[name=name]").fill("Без скриптов")
    page.locator("[name=name]").press("Enter")
    expect(page.locator("h1")).to_have_text("Без скриптов")
    context.close()
