"""A workbook of the user's own is filled in: named cells, a repeated row, formulas and styles; by page and by REST."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from qdm.services import records
from rbac import tokens
from tests.grid.staff import SLUG, Staff
from tests.grid.test_exports import content

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


def letterhead() -> openpyxl.Workbook:
    """A report with a head, one row to repeat, a total below, and another sheet that speaks of it."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Отчёт"
    page["A1"], page["A1"].font = "Сводка на {{_date}}, строк: {{_rows}}", Font(bold=True)
    page.merge_cells("A1:D1")
    page["A2"] = "Первый:"
    book.defined_names["Город"] = DefinedName("Город", attr_text="'Отчёт'!$B$2")
    page.append(["Кто", "Оклад", "Удвоенный", "Город"])
    page.append(["{{Кандидаты}}", "{{Зарплата}}", "=B4*2", "г. {{Город}}"])
    page["B4"].number_format = "#,##0.00"
    page["A4"].fill = PatternFill("solid", fgColor="FFDDEEFF")
    page.row_dimensions[4].height = 33
    page["A5"], page["B5"] = "Итого", "=SUM(B4:B4)"
    page.merge_cells("C5:D5")
    page.row_dimensions[5].height = 44
    book.create_sheet("Второй")["A1"] = "='Отчёт'!B5+SUM(Отчёт!C4:C4)"
    return book


def packed(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled(client: Client, staff: Staff, template: bytes, question: str = "") -> openpyxl.Workbook:
    answer = client.post(
        f"/w/{SLUG}/t/{staff.candidates}/export/{question}",
        {"format": "xlsx", "template": SimpleUploadedFile("report.xlsx", template)},
    )
    assert answer.status_code == 200, answer.content.decode()
    return openpyxl.load_workbook(io.BytesIO(content(answer)))


def test_a_report_is_filled_in_with_its_styles_and_formulas(staff: Staff, owner: Client) -> None:
    staff.add(3)
    book = filled(owner, staff, packed(letterhead()), f"?sort=-{staff.columns['Зарплата']}")
    page = book["Отчёт"]
    rows = [[cell.value for cell in line] for line in page["A4:D6"]]
    assert rows == [
        ["Кандидат 00003", 3000, "=B4*2", "г. Казань"],
        ["Кандидат 00002", 2000, "=B5*2", "г. Уфа"],
        ["Кандидат 00001", 1000, "=B6*2", "г. Казань"],
    ]
    assert [page["A7"].value, page["B7"].value] == ["Итого", "=SUM(B4:B6)"]
    assert book["Второй"]["A1"].value == "='Отчёт'!B7+SUM(Отчёт!C4:C6)"
    assert page["B2"].value == "Казань", "the named cell"
    assert "строк: 3" in page["A1"].value
    assert page["A1"].font.b
    for row in (4, 5, 6):
        assert page.cell(row, 2).number_format == "#,##0.00"
        assert page.cell(row, 1).fill.fgColor.rgb == "FFDDEEFF"
        assert page.row_dimensions[row].height == 33
    assert page.row_dimensions[7].height == 44
    assert {str(area) for area in page.merged_cells.ranges} == {"A1:D1", "C7:D7"}


def test_a_named_range_is_repeated_under_its_headings(staff: Staff, owner: Client) -> None:
    staff.add(2)
    book = openpyxl.Workbook()
    book.active.title = "S"
    for place, name in enumerate(("Зарплата", "Родился", "Кандидаты"), 2):
        book.active.cell(3, place, name)
    book.defined_names["Rows"] = DefinedName("Rows", attr_text="S!$B$4:$D$4")
    page = filled(owner, staff, packed(book)).active
    assert [cell.value for cell in page["D"]][3:5] == ["Кандидат 00001", "Кандидат 00002"]
    assert page["B5"].value == 2000
    assert page["C4"].is_date


def test_what_is_filled_in_is_never_a_formula(staff: Staff, owner: Client) -> None:
    (row,) = staff.add(1)
    evil = '=HYPERLINK("http://evil.example","x")'
    records.update(row, {staff.candidates: evil, staff.columns["Заметка"]: "+1+cmd"}, access=staff.access())
    book = openpyxl.Workbook()
    for at, text in enumerate(("{{Кандидаты}}", "{{Заметка}}", "{{Кандидаты}}!", "={{Кандидаты}}"), 1):
        book.active.cell(1, at, text)
    page = filled(owner, staff, packed(book)).active
    assert [(cell.value, cell.data_type) for cell in page[1]][:3] == [
        (evil, "s"), ("+1+cmd", "s"), (f"{evil}!", "s"),
    ]  # fmt: skip
    assert evil not in str(page["D1"].value), "nothing is put into a formula"


@pytest.mark.parametrize("rows", [0, 1])
def test_no_row_and_one_row_leave_the_report_as_long_as_it_is(staff: Staff, owner: Client, rows: int) -> None:
    staff.add(rows)
    page = filled(owner, staff, packed(letterhead()))["Отчёт"]
    assert page["A4"].value == ("Кандидат 00001" if rows else None)
    assert page["B5"].value == "=SUM(B4:B4)"


def test_what_cannot_be_filled_in_is_said(staff: Staff, owner: Client) -> None:
    book = letterhead()
    book.active["A4"] = "{{Оклад жены}}"
    for template, said in ((packed(book), "Оклад жены"), (b"PK\x03\x04 no workbook", ""), (b"x" * (3 * 2**20), "")):
        answer = owner.post(
            f"/w/{SLUG}/t/{staff.candidates}/export/",
            {"format": "xlsx", "template": SimpleUploadedFile("a.xlsx", template)},
        )
        assert answer.status_code in (413, 422)
        assert said in answer.content.decode()


def test_a_program_fills_in_a_workbook_too(staff: Staff) -> None:
    staff.add(2)
    client = Client(headers={"Authorization": f"Bearer {tokens.create(staff.owner)}"})
    address = f"/{SLUG}/objects/{staff.candidates}/export"
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = client.post(f"{address}?sort=-Зарплата", packed(letterhead()), content_type=sheet)
    assert answer.status_code == 200, answer.content
    page = openpyxl.load_workbook(io.BytesIO(content(answer)))["Отчёт"]
    assert [page["A4"].value, page["A5"].value] == ["Кандидат 00002", "Кандидат 00001"]
    refused = client.post(address, b"", content_type=sheet)
    assert refused.status_code == 422, json.loads(refused.content)
