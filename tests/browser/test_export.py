"""A sheet leaves as a file as it is filtered on the screen."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site


@pytest.fixture(scope="module", autouse=True)
def candidates(site: Site, django_db_blocker: object) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        site.staff.add(12)


def test_what_is_filtered_on_the_screen_is_what_the_file_has(site: Site, page: Page, tmp_path: Path) -> None:
    page.goto(site.sheet)
    expect(page.locator("[data-refresh]")).to_be_visible()  # the sheet is alive
    page.locator("[data-search]").fill("Кандидат 0001")
    expect(page.locator("a[data-asked]")).to_have_attribute("href", re.compile("q="))
    page.locator("a[data-asked]").click()
    dialog = page.locator("dialog")
    dialog.locator("input[value=csv]").check()
    with page.expect_download() as caught:
        dialog.locator("button.primary").click()
    path = tmp_path / "out.csv"
    caught.value.save_as(path)
    assert caught.value.suggested_filename.endswith(".csv")
    lines = path.read_text("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines[1:]] == ["Кандидат 00010", "Кандидат 00011", "Кандидат 00012"]
    expect(dialog).to_be_visible()
