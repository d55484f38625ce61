"""Every cell of a file reaches the spool as it was, whatever the format."""

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.cell import Cell

from tests.unit.sheets import files


def test_an_xlsx_keeps_every_kind_of_cell(tmp_path: Path, read: Any) -> None:
    rows = [
        ["000123", 42, 1234.5, True, date(2025, 1, 2), datetime(2025, 1, 2, 13, 45), " a  b "],
        [time(13, 45), timedelta(hours=30), 0.1, False, datetime(2025, 1, 2), -5, "ёЁ\n2"],
    ]
    reading, sheets = read(files.xlsx(tmp_path / "a.xlsx", Лист=rows))
    assert reading.kind == "xlsx"
    assert sheets[0] == [
        ["000123", 42, 1234.5, True, ["d", "2025-01-02"], ["t", "2025-01-02T13:45:00"], " a  b "],
        ["13:45", "30:00:00", 0.1, False, ["d", "2025-01-02"], -5, "ёЁ\n2"],
    ]
    assert (reading.sheets[0].rows, reading.sheets[0].width, reading.sheets[0].cells) == (2, 7, 14)


def test_rows_and_columns_keep_their_place(tmp_path: Path, read: Any) -> None:
    book = openpyxl.Workbook()
    book.active["C5"] = "h"
    book.active["D7"] = 1
    book.save(tmp_path / "a.xlsx")
    _reading, sheets = read(tmp_path / "a.xlsx")
    assert sheets[0] == [[], [], [], [], [None, None, "h"], [], [None, None, None, 1]]


def test_error_cells_of_an_xlsx_are_not_blank(tmp_path: Path, read: Any) -> None:
    """calamine drops them without a word."""
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    for row in range(1, 3000):
        sheet.write_formula(row, 0, "=NA()", value="#N/A")
        sheet.write_number(row, 1, row)
    book.close()
    reading, sheets = read(path)
    assert reading.sheets[0].errors == 2999
    assert [row[0] for row in sheets[0][1:]] == [["e", "#N/A"]] * 2999
    assert reading.sheets[0].formulas[0].count == 2999
    assert reading.sheets[0].formulas[0].example == "=NA()"


def test_formulas_come_by_value_and_are_counted(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_formula("A1", "=1+1", value=2)
    sheet.write_formula("A2", '="a"&"<b>"', value="a<b>")
    book.close()
    reading, sheets = read(path)
    assert sheets[0] == [[2], ["a<b>"]]
    assert (reading.sheets[0].formulas[0].count, reading.sheets[0].formulas[0].without_value) == (2, 0)


def test_a_formula_nobody_calculated_is_reported(tmp_path: Path, read: Any) -> None:
    reading, sheets = read(files.xlsx(tmp_path / "a.xlsx", S=[["x", "=1+1"]]))
    assert sheets[0] == [["x", ["f", "=1+1"]]]
    assert reading.sheets[0].formulas[1].without_value == 1


def test_whole_numbers_beyond_a_double_are_exact(tmp_path: Path, read: Any) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{v}</v></c></row>'
        for n, v in enumerate((9007199254740993, 12345678901234567890), 1)
    )
    _reading, sheets = read(files.raw_xlsx(tmp_path / "a.xlsx", rows))
    assert sheets[0] == [[9007199254740993], [12345678901234567890]]


@pytest.mark.parametrize("epoch", ["0", "1"])
def test_dates_of_both_epochs(tmp_path: Path, read: Any, epoch: str) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path, {"date_1904": epoch == "1"})
    sheet = book.add_worksheet()
    sheet.write_datetime(0, 0, datetime(2025, 12, 31), book.add_format({"num_format": "dd.mm.yyyy"}))
    sheet.write_datetime(0, 1, datetime(2025, 12, 31, 23, 59, 59), book.add_format({"num_format": "dd.mm.yyyy hh:mm"}))
    book.close()
    _reading, sheets = read(path)
    assert sheets[0] == [[["d", "2025-12-31"], ["t", "2025-12-31T23:59:59"]]]


def test_unusual_xml_is_read_without_loss(tmp_path: Path, read: Any) -> None:
    """Attributes in single quotes, in another order, cells without a reference: calamine is not trusted with it."""
    rows = "<row r='1'><c t='e' r='A1'><v>#N/A</v></c><c r='B1'><v>5</v></c></row>"
    reading, sheets = read(files.raw_xlsx(tmp_path / "a.xlsx", rows))
    assert sheets[0] == [[["e", "#N/A"], 5]]
    assert reading.sheets[0].errors == 1


def test_what_chunks_of_xml_cut_is_whole(tmp_path: Path, read: Any) -> None:
    """Error cells anywhere in several megabytes of XML."""
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    wanted = random.Random(1).sample(range(30_000), 300)
    for row in range(30_000):
        if row in wanted:
            sheet.write_formula(row, 2, "=1/0", value="#DIV/0!")
        else:
            sheet.write_string(row, 2, "x" * (row % 90))
        sheet.write_number(row, 0, row)
    book.close()
    _reading, sheets = read(path)
    assert sorted(wanted) == [n for n, row in enumerate(sheets[0]) if row[2:] == [["e", "#DIV/0!"]]]


def test_formats_tell_percent_currency_and_leading_zeros(tmp_path: Path, read: Any) -> None:
    book = openpyxl.Workbook()
    for column, (value, number_format) in enumerate([(0.12, "0%"), (1234.5, '#,##0.00\\ "₽"'), (123, "000000")], 1):
        cell = book.active.cell(1, column, value)
        assert isinstance(cell, Cell)
        cell.number_format = number_format
    book.save(tmp_path / "a.xlsx")
    reading, _sheets = read(tmp_path / "a.xlsx")
    percent, money, code = (reading.sheets[0].formats[n] for n in range(3))
    assert (percent.percent, money.currency, code.zeros, code.padded) == (1, "₽", 6, 1)


def test_hidden_sheets_are_known_as_such(tmp_path: Path, read: Any) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.create_sheet("тайный")["A1"] = 2
    book["тайный"].sheet_state = "veryHidden"
    book.save(tmp_path / "a.xlsx")
    reading, _sheets = read(tmp_path / "a.xlsx")
    assert [(s.name, s.visible) for s in reading.sheets] == [("Sheet", True), ("тайный", False)]


def test_macros_are_noticed_and_never_run(tmp_path: Path, read: Any) -> None:
    rows = '<row r="1"><c r="A1"><v>5</v></c></row>'
    path = files.raw_xlsx(tmp_path / "a.xlsm", rows, **{"xl/vbaProject.bin": b"\xd0\xcf"})
    reading, sheets = read(path)
    assert (reading.kind, sheets[0]) == ("xlsm", [[5]])


def test_an_xls_keeps_every_kind_of_cell(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.xls"
    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист")
    day = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    moment = xlwt.easyxf(num_format_str="DD.MM.YYYY HH:MM")
    for column, value in enumerate(["000123", 42, 0.1, True]):
        sheet.write(0, column, value)
    sheet.write(0, 4, date(2025, 1, 2), day)
    sheet.write(0, 5, datetime(2025, 1, 2, 13, 45), moment)
    sheet.write(0, 6, xlwt.Formula("1+1"))
    sheet.write(0, 7, 123, xlwt.easyxf(num_format_str="000000"))
    sheet.row(0).set_cell_error(8, 0x2A)
    sheet.write_merge(1, 3, 0, 0, "группа")
    book.save(str(path))
    reading, sheets = read(path)
    row = sheets[0][0]
    assert reading.kind == "xls"
    assert row[:6] == ["000123", 42, 0.1, True, ["d", "2025-01-02"], ["t", "2025-01-02T13:45:00"]]
    assert row[8] == ["e", "#N/A"]
    assert reading.sheets[0].formulas[6].count == 1
    assert reading.sheets[0].formats[7].zeros == 6
    assert reading.sheets[0].merged == [(1, 0, 3, 0)]


def test_an_ods_keeps_every_kind_of_cell(tmp_path: Path, read: Any) -> None:
    cell = files.ods_cell
    rows = [
        [
            cell("000123", valuetype="string"),
            cell("42", valuetype="float", value="42"),
            cell("12%", valuetype="percentage", value="0.12"),
            cell("x", valuetype="boolean", booleanvalue="true"),
            cell("x", valuetype="date", datevalue="2025-01-02"),
            cell("x", valuetype="date", datevalue="2025-01-02T13:45:00"),
            cell("x", valuetype="time", timevalue="PT30H00M00S"),
            cell("#DIV/0!", valuetype="string", stringvalue="", formula="of:=1/0"),
            cell("3", valuetype="float", value="3", formula="of:=1+2"),
            cell("x", valuetype="float", value="1234567890123456789"),
            cell("а", valuetype="string", numbercolumnsrepeated="2"),
        ]
    ]
    reading, sheets = read(files.ods(tmp_path / "a.ods", rows))
    assert reading.kind == "ods"
    assert sheets[0] == [
        [
            "000123",
            42,
            0.12,
            True,
            ["d", "2025-01-02"],
            ["t", "2025-01-02T13:45:00"],
            "30:00:00",
            ["e", "#DIV/0!"],
            3,
            1234567890123456789,
            "а",
            "а",
        ]
    ]
    assert (reading.sheets[0].formulas[8].count, reading.sheets[0].errors) == (1, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "cp866", "koi8-r", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_text_files_by_content(tmp_path: Path, read: Any, encoding: str, delimiter: str) -> None:
    rows = [["Фамилия", "Город", "Сумма"], ["Ёлкин", "Санкт-Петербург", "12.50"], ["Щукина", "Йошкар-Ола", "7"]] * 5
    path = tmp_path / "a.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    reading, sheets = read(path)
    assert sheets[0] == rows
    assert reading.delimiter == delimiter
    assert reading.sheets[0].name == "a"


def test_a_csv_with_quotes_and_guards(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a;b\n"x;\n""y""";\'=1+1\n\'+7 900;\'о\n', encoding="utf-8")
    _reading, sheets = read(path)
    assert sheets[0] == [["a", "b"], ['x;\n"y"', "=1+1"], ["+7 900", "'о"]]


def test_the_user_may_say_otherwise(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("а,б;в".encode("cp866"))
    reading, sheets = read(path, encoding="cp866", delimiter=";")
    assert (sheets[0], reading.encoding) == ([["а,б", "в"]], "cp866")
