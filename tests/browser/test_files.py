"""Files of cells in the live sheet: chosen, dropped, pasted, looked at, fetched, taken out and taken back."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from qdm.selectors import records as reading
from qdm.services import columns
from qdm.services.column_types import Spec
from qdm.types import files
from qdm.types.base import BaseType
from tests.browser.conftest import Site
from tests.browser.sheet_driver import SheetDriver

#: One pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


@pytest.fixture(scope="module")
def scans(site: Site) -> int:
    site.staff.add(3)
    return columns.create(site.staff.candidates, Spec("Скан", BaseType.FILE), access=site.staff.access())


def names(site: Site, page: Page, row: int, column: int) -> list[str]:
    record = page.evaluate(f"document.querySelector('.sheet').sheet.store.getItem({row}).id")
    cell: Any = reading.get(record, access=site.staff.access()).cells.get(column)
    return [files.name_of(str(one)) for one in ([] if cell is None else [cell])]


def test_a_file_is_chosen_in_the_cell_looked_at_fetched_and_taken_back(page: Page, site: Site, scans: int) -> None:
    sheet = SheetDriver(page, site.sheet)
    sheet.go(0, "Скан")
    sheet.press("F2")
    box = page.locator(".file-editor")
    expect(box.get_by_role("button", name="Выбрать файл…")).to_be_focused()
    # Not by the chooser: whether it is caught before it opens is a race the busy machine loses.
    box.locator("input[type=file]").set_input_files({"name": "Паспорт.png", "mimeType": "image/png", "buffer": PNG})
    expect(box).to_have_count(0)
    expect(sheet.cell(0, "Скан")).to_have_text("Паспорт.png")
    sheet.expect_saved()
    assert names(site, page, 0, scans) == ["Паспорт.png"]
    sheet.go(0, "Скан")
    sheet.press("F2")
    picture = box.locator("img")
    expect(picture).to_be_visible()
    page.wait_for_function("() => document.querySelector('.file-editor img').naturalWidth === 1")
    with page.expect_download() as download:
        box.get_by_role("link", name="Паспорт.png").click()
    assert download.value.suggested_filename == "Паспорт.png"
    assert Path(download.value.path()).read_bytes() == PNG
    box.get_by_role("button", name="Убрать «Паспорт.png»").press("Enter")
    sheet.press("Tab")
    expect(sheet.cell(0, "Скан")).to_have_text("")
    sheet.expect_saved()
    sheet.go(0, "Телефон")
    sheet.command_on_russian_layout("я")
    expect(sheet.cell(0, "Скан")).to_have_text("Паспорт.png")


def test_a_file_is_dropped_on_a_cell_and_a_picture_pasted(page: Page, site: Site, scans: int) -> None:
    sheet = SheetDriver(page, site.sheet)
    drop = """(cell, [type, name]) => {
        const data = new DataTransfer();
        data.items.add(new File(["x"], name, {type: "application/pdf"}));
        const {x, y} = cell.getBoundingClientRect();
        const at = {bubbles: true, cancelable: true, dataTransfer: data, clientX: x + 4, clientY: y + 4};
        return cell.dispatchEvent(new DragEvent(type, at));
    }"""
    cell = sheet.cell(1, "Скан")
    assert cell.evaluate(drop, ["dragover", "Договор.pdf"]) is False
    cell.evaluate(drop, ["drop", "Договор.pdf"])
    expect(cell).to_have_text("Договор.pdf")
    sheet.expect_saved()
    assert names(site, page, 1, scans) == ["Договор.pdf"]
    sheet.cell(2, "Телефон").evaluate(drop, ["drop", "мимо.pdf"])
    sheet.go(2, "Скан")
    page.evaluate(
        """(bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "image.png", {type: "image/png"}));
            const event = new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData: data});
            document.activeElement.dispatchEvent(event);
        }""",
        list(PNG),
    )
    expect(sheet.cell(2, "Скан")).to_have_text("image.png")
    expect(sheet.cell(2, "Телефон")).to_have_text("")
    sheet.go(1, "Скан")
    sheet.press("Control+c")
    sheet.go(2, "Скан")
    sheet.press("Control+v")
    expect(sheet.cell(2, "Скан").locator(".file-chip")).to_have_text("Договор.pdf")


def test_files_in_the_panel(page: Page, site: Site, scans: int) -> None:
    page.set_viewport_size({"width": 2200, "height": 900})
    sheet = SheetDriver(page, site.sheet)
    sheet.go(2, "Телефон")
    sheet.press("Space")
    panel = page.locator("[data-panel]")
    field = panel.locator(f"[data-files=c{scans}]")
    expect(field.locator("input[type=file]")).to_be_visible()
    field.locator("input[type=file]").set_input_files({"name": "б.txt", "mimeType": "text/plain", "buffer": b"1"})
    expect(field.get_by_role("link", name="б.txt")).to_be_visible()
    expect(sheet.cell(2, "Скан")).to_have_text("б.txt")
    field.get_by_role("button", name="Убрать «б.txt»").click()
    expect(sheet.cell(2, "Скан")).to_have_text("")
    sheet.expect_saved()
    assert names(site, page, 2, scans) == []
