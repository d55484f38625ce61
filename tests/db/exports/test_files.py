"""What stands in an exported file, read by programs that did not write it."""

import csv
import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from odf.opendocument import load as load_ods
from python_calamine import CalamineWorkbook

from qdm.access import Access, Action, Actor
from qdm.errors import Forbidden, InvalidRequest, TooLarge
from qdm.query.ast import Compare, Op, Query, Sort
from tests.db.exports.conftest import Export, written
from tests.db.selectors.recruiting import Recruiting, restricted

pytestmark = pytest.mark.django_db

EVIL = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "'=1",
    "+7 912 345-67-89",
    "-5",
    "000123",
    "http://a.b",
)


@pytest.fixture
def one(w: Recruiting) -> Recruiting:
    """A candidate with every kind of cell, one with none, one whose cells do not fit."""
    sales, law = w.nodes.record(w.department, "Продажи; опт"), w.nodes.record(w.department, "Право")
    cells = {
        w.note: "первая\nвторая",
        w.salary: "1234.50",
        w.rate: "0.1",
        w.born: "1990-05-17",
        w.seen: "2025-12-31T13:45:10",
        w.active: "1",
        w.code: "6a1f7c3e-0000-4000-8000-000000000001",
        w.dept: sales,
        w.depts: [sales, law],
        w.skills: ["Python", 'C; "и"'],
        w.scores: ["1", "2.5"],
    }
    w.nodes.record(w.candidate, "Анна", cells)
    w.nodes.record(w.candidate, "Борис")
    w.nodes.record(w.candidate, "Вера", {w.salary: "много", w.born: "31.02.2020"})
    w.nodes.write()
    return w


def test_a_workbook_has_typed_cells_formats_a_frozen_header_and_a_filter(one: Recruiting, export: Export) -> None:
    sheet = openpyxl.load_workbook(export("xlsx", with_ids=True)).active
    head, anna, boris, vera = ([cell.value for cell in row] for row in sheet.iter_rows())
    row = dict(zip(head, anna, strict=True))
    assert row["Кандидат"] == "Анна"
    assert isinstance(row["ID"], int)
    assert row["Заметка"] == "первая\nвторая"
    assert (row["Зарплата"], row["Ставка"], row["Активен"]) == (1234.5, 0.1, True)
    assert (row["Родился"], row["Замечен"]) == (datetime(1990, 5, 17), datetime(2025, 12, 31, 13, 45, 10))
    assert (row["Отдел"], row["Желает"]) == ("Продажи; опт", '"Продажи; опт"; Право')
    assert (row["Навык"], row["Балл"]) == ('Python; "C; ""и"""', "1; 2.5")
    assert [value for value in boris[2:] if value is not None] == []
    assert dict(zip(head, vera, strict=True))["Зарплата"] == "много"
    formats = {cell.value: below.number_format for cell, below in zip(sheet[1], sheet[2], strict=True)}
    assert (formats["Зарплата"], formats["Родился"]) == ("0.00", "dd.mm.yyyy")
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:M4"
    assert all(cell.font.bold for cell in sheet[1])


def test_csv_opens_in_excel_as_people_write_it(one: Recruiting, export: Export) -> None:
    raw = export("csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, anna, *_rest = csv.reader(raw.decode("utf-8-sig").splitlines(keepends=True), delimiter=";")
    row = dict(zip(head, anna, strict=True))
    assert "ID" not in row
    assert (row["Зарплата"], row["Родился"], row["Активен"]) == ("1234,50", "17.05.1990", "да")
    assert row["Замечен"] == "31.12.2025 13:45:10"


def test_ods_is_read_by_others(one: Recruiting, export: Export) -> None:
    path = export("ods")
    (sheet,) = (CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False),)
    row = dict(zip(sheet[0], sheet[1], strict=True))
    assert (row["Зарплата"], row["Родился"], row["Активен"]) == (1234.5, date(1990, 5, 17), True)
    assert row["Замечен"] == datetime(2025, 12, 31, 13, 45, 10)
    assert row["Заметка"] == "первая\nвторая"
    assert load_ods(str(path)).spreadsheet is not None
    assert zipfile.ZipFile(path).infolist()[0].filename == "mimetype"


def test_json_has_every_digit_and_the_links(one: Recruiting, export: Export) -> None:
    anna, boris, vera = json.loads(export("json", with_ids=True).read_text(), parse_float=str)
    assert (anna["Зарплата"], anna["Балл"]) == ("1234.50", [1, "2.5"])
    assert anna["Отдел"]["label"] == "Продажи; опт"
    assert anna["Навык"] == ["Python", 'C; "и"']
    assert anna["Активен"] is True
    assert boris["Зарплата"] is None
    assert vera["Зарплата"] == {"bad": "много"}


def test_an_empty_table_is_a_file_with_headings(w: Recruiting, export: Export) -> None:
    assert json.loads(export("json").read_text()) == []
    assert len(list(openpyxl.load_workbook(export("xlsx")).active.iter_rows())) == 1
    assert len(export("csv").read_text("utf-8-sig").splitlines()) == 1
    assert export("ods").stat().st_size
    assert export("pdf").read_bytes().startswith(b"%PDF")


def test_a_pdf_is_a_document_of_pages(one: Recruiting, export: Export) -> None:
    assert export("pdf").read_bytes().startswith(b"%PDF-1.")
    for number in range(2_000):
        one.nodes.record(one.candidate, f"Кандидат {number}")
    one.nodes.write()
    with pytest.raises(TooLarge):
        export("pdf")


@pytest.mark.parametrize("format_name", ["xlsx", "csv", "ods"])
def test_no_text_becomes_a_formula_in_a_cell_or_a_heading(w: Recruiting, export: Export, format_name: str) -> None:
    w.nodes.requisite(w.candidate, w.nodes.term("=HYPERLINK(1)", 3), 20)
    for text in EVIL:
        w.nodes.record(w.candidate, text, {w.note: text})
    w.nodes.write()
    path = export(format_name)
    if format_name == "xlsx":
        cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
        assert not any(cell.hyperlink for cell in cells)
        assert set(EVIL) <= {cell.value for cell in cells}
    elif format_name == "ods":
        assert b"table:formula" not in zipfile.ZipFile(path).read("content.xml")
    else:
        texts = [text for row in csv.reader(path.open(encoding="utf-8-sig", newline=""), delimiter=";") for text in row]
        dangerous = {text for text in texts if text[:1] in ("=", "+", "-", "@", "\t", "\r")}
        assert dangerous == {"+7 912 345-67-89", "-5"}
        assert {"'=1+1", "'=HYPERLINK(1)", "''=1", "000123"} <= set(texts)


def test_a_text_longer_than_a_cell_is_cut_and_said_so(w: Recruiting, export: Export) -> None:
    w.nodes.record(w.candidate, "а", {w.note: "я" * 40_000})
    w.nodes.write()
    export("xlsx")
    assert written(export).cut == 1
    assert "я" * 40_000 in export("csv").read_text()
    assert written(export).cut == 0


def test_filter_sort_and_rows_of_a_sub_table(one: Recruiting, export: Export) -> None:
    query = Query(filter=Compare(one.note, Op.EMPTY), sorts=(Sort("val", descending=True),))
    assert [row["Кандидат"] for row in json.loads(export("json", query).read_text())] == ["Вера", "Борис"]
    anna = json.loads(export("json", with_ids=True).read_text())[0]["ID"]
    one.nodes.record(one.interview, "Знакомство", {one.grade: "5"}, up=anna)
    one.nodes.write()
    (row,) = json.loads(export("json", term=one.interview).read_text())
    assert row == {"Кандидат": {"id": anna, "label": "Анна"}, "Интервью": "Знакомство", "Оценка": 5}


def test_only_what_may_be_exported_leaves(one: Recruiting, export: Export) -> None:
    one.nodes.record(one.candidate, "Глеб", {one.salary: "7", one.note: "тайна"})
    one.nodes.write()
    viewer = restricted(one)
    with pytest.raises(Forbidden):
        export("csv", access=viewer)
    whole = one.schema
    low = Access(
        Actor(1, "low"),
        whole.pruned(set(whole.terms) - {one.department}, frozenset({one.born})),
        frozenset({Action.VIEW}),
        rules={
            one.candidate: {Action.VIEW: Compare("val", Op.NE, "Борис"), Action.EXPORT: Compare("val", Op.NE, "Вера")}
        },
        fields={one.note: {Action.VIEW: Compare("val", Op.EQ, "Анна")}},
        whole=whole,
    )
    rows = json.loads(export("json", access=low).read_text())
    assert [(row["Кандидат"], row["Заметка"]) for row in rows] == [("Анна", "первая\nвторая"), ("Глеб", None)]
    assert "Родился" not in rows[0]
    assert rows[0].get("Отдел") is None


def test_a_format_that_is_none_is_refused(w: Recruiting, export: Export) -> None:
    with pytest.raises(InvalidRequest, match="xlsx, csv, ods, json, pdf"):
        export("exe")


def test_files_are_left_nowhere_else(one: Recruiting, export: Export, tmp_path: Path) -> None:
    export("xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]
