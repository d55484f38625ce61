"""What is proposed for a file: tables, types, links; and what will become of its first rows."""

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from qdm.schema import Schema
from qdm.sheets.errors import BadMapping
from qdm.sheets.infer import infer
from qdm.sheets.preview import preview
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal, TablePlan
from qdm.sheets.reading.delimited import detect, read_delimited
from qdm.sheets.reading.xlsx import read_xlsx
from qdm.sheets.supervisor import Reading
from qdm.types.base import BaseType, Locale
from tests.unit.sheets import files

MIDNIGHT, AFTERNOON = datetime(2025, 1, 2), datetime(2025, 1, 2, 13, 45)
RU, US = Locale("ru"), Locale("en", day_first=False)


def propose(path: Path, locale: Locale = RU, **options: Any) -> Proposal:
    folder = path.parent / "spool"
    folder.mkdir(exist_ok=True)
    return infer(path.name, _read(path, folder), folder, schema=Schema("x", 1), locale=locale, **options)


def _read(path: Path, folder: Path) -> Reading:
    """As the child reads it, in this process: dozens of children would only take time."""
    if path.suffix == ".csv":
        return Reading("csv", tuple(read_delimited(path, folder, lambda rows: None, path.stem, detect(path))))
    return Reading("xlsx", tuple(read_xlsx(path, folder, lambda rows: None)))


def column(
    tmp_path: Path, values: list[Any], locale: Locale = RU, ending: str = "xlsx"
) -> tuple[ColumnPlan, list[str]]:
    """The plan of a column ``c`` of these values beside a numbered one, and how its first values will be shown."""
    rows = [["n", "c"], *([n, value] for n, value in enumerate(values, 1))]
    if ending == "csv":
        path = tmp_path / "a.csv"
        path.write_text("\n".join(";".join(map(str, row)) for row in rows), encoding="utf-8")
    else:
        path = files.xlsx(tmp_path / "a.xlsx", S=rows)
    (table,) = propose(path, locale).tables
    shown = preview(table, locale)
    position = shown.titles.index("c")
    return table.columns[1], [row[position].text for row in shown.rows]


@pytest.mark.parametrize(
    ("values", "base", "shown"),
    [
        (["000123", "000124"], BaseType.CHARS, ["000123", "000124"]),
        (["1", "007"], BaseType.CHARS, ["1", "007"]),
        (["1234567890123456"], BaseType.CHARS, ["1234567890123456"]),
        (["+7 (900) 123-45-67"], BaseType.CHARS, ["+7 (900) 123-45-67"]),
        (["8 (495) 123-45-67"], BaseType.CHARS, ["8 (495) 123-45-67"]),
        (["7707083893", "5001007322"], BaseType.CHARS, ["7707083893", "5001007322"]),
        (["1 234,50", "12"], BaseType.NUMBER, ["1234,50", "12"]),
        (["1\u00a0234 567,5 ₽"], BaseType.NUMBER, ["1\u00a0234\u00a0567,5"]),
        (["12 %", "7,5%"], BaseType.NUMBER, ["0,12", "0,075"]),
        (["\u22125", "3"], BaseType.NUMBER, ["-5", "3"]),
        (["5 ₽", "5 $"], BaseType.CHARS, ["5 ₽", "5 $"]),
        ([1e300, 2.0], BaseType.FLOAT, ["1e+300", "2"]),
        (["31.12.2025", "1.2.25"], BaseType.DATE, ["31.12.2025", "01.02.2025"]),
        (["31.12.2025 13:45", "1.2.2025"], BaseType.DATETIME, ["31.12.2025 13:45", "01.02.2025 00:00"]),
        (["31.02.2025"], BaseType.CHARS, ["31.02.2025"]),
        (["да", "Нет"], BaseType.BOOLEAN, ["да", "нет"]),
        ([True, False], BaseType.BOOLEAN, ["да", "нет"]),
        ([1, 0], BaseType.NUMBER, ["1", "0"]),
        (["123e4567-e89b-12d3-a456-426614174000"], BaseType.UUID, ["123e4567-e89b-12d3-a456-426614174000"]),
        (["x" * 300], BaseType.MEMO, ["x" * 300]),
        (["a\nb"], BaseType.MEMO, ["a\nb"]),
        ([MIDNIGHT, AFTERNOON], BaseType.DATETIME, ["02.01.2025 00:00", "02.01.2025 13:45"]),
        ([], BaseType.CHARS, []),
    ],
)  # fmt: skip
def test_the_type_of_a_column(tmp_path: Path, values: list[Any], base: BaseType, shown: list[str]) -> None:
    if not values:
        values, shown = [None, None], ["", ""]
    plan, texts = column(tmp_path, values)
    assert plan.base is base
    assert texts == shown


def test_both_orders_of_dates_are_decided_by_the_whole_column(tmp_path: Path) -> None:
    day_first, shown = column(tmp_path, ["01/02/2025", "13/02/2025"], US, "csv")
    assert (day_first.base, day_first.day_first, shown) == (BaseType.DATE, True, ["02/01/2025", "02/13/2025"])
    month_first, shown = column(tmp_path, ["01/02/2025", "02/13/2025"], RU, "csv")
    assert (month_first.base, month_first.day_first, shown) == (BaseType.DATE, False, ["02.01.2025", "13.02.2025"])
    mixed, _shown = column(tmp_path, ["13/02/2025", "02/13/2025"], RU, "csv")
    assert mixed.base is BaseType.CHARS
    own, shown = column(tmp_path, ["01/02/2025"], US, "csv")
    assert (own.day_first, shown) == (False, ["01/02/2025"])


def test_commas_are_decided_by_the_whole_column(tmp_path: Path) -> None:
    decimal, shown = column(tmp_path, ["1,234", "1,5"], Locale("en"), "csv")
    assert (decimal.language, shown) == ("ru", ["1.234", "1.5"])
    grouping, shown = column(tmp_path, ["1,234", "1,234,567"], RU, "csv")
    assert (grouping.language, shown) == ("en", ["1234", "1\u00a0234\u00a0567"])


def test_two_percent_may_not_fit_and_are_kept_as_they_read(tmp_path: Path) -> None:
    plan, shown = column(tmp_path, [*range(98), "нет данных", "007"])
    assert plan.base is BaseType.CHARS  # a code forbids a number
    plan, shown = column(tmp_path, ["прочерк", *range(98)])
    assert (plan.base, plan.fit) == (BaseType.NUMBER, 0.9899)
    assert shown[0] == "прочерк"


def test_errors_have_no_vote_and_are_counted(tmp_path: Path) -> None:
    plan, shown = column(tmp_path, ["#Н/Д", "5", "#N/A", "6"], RU, "csv")
    assert (plan.base, shown) == (BaseType.NUMBER, ["#Н/Д", "5", "#N/A", "6"])


def test_a_number_shown_with_leading_zeros_is_text_with_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["n", "c"])
    for value in (123, 4):
        book.active.append([value, value])
        book.active.cell(book.active.max_row, 2).number_format = "000000"
    book.save(tmp_path / "a.xlsx")
    (table,) = propose(tmp_path / "a.xlsx").tables
    assert table.columns[1].base is BaseType.CHARS
    assert [row[1].text for row in preview(table, RU).rows] == ["000123", "000004"]


# -- the table in its sheet


def only_table(tmp_path: Path, rows: list[list[Any]], **options: Any) -> TablePlan:
    (table,) = propose(files.xlsx(tmp_path / "a.xlsx", Лист=rows), **options).tables
    return table


def names(table: TablePlan) -> list[str]:
    return [c.name for c in table.columns]


def test_titles_and_blank_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Отчёт за май"], [], ["Имя", "Сумма", "Дата"], [], ["Анна", 5, "01.05.2025"], ["Олег", 7]]
    table = only_table(tmp_path, rows)
    assert (table.header, table.first_row, table.rows, table.title) == (2, 3, 2, "Отчёт за май")
    assert names(table) == ["Имя", "Сумма", "Дата"]


def test_duplicate_and_blank_headers_get_names(tmp_path: Path) -> None:
    table = only_table(tmp_path, [["Сумма", "Сумма", None, "сумма", "Имя"], [1, 2, 3, 4, "a"]])
    assert names(table) == ["Сумма", "Сумма (2)", "Column 3", "сумма (3)", "Имя"]


def test_two_merged_header_lines_are_joined(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Имя", "План", None, "Факт", None], [None, "шт", "руб", "шт", "руб"], ["Анна", 1, 2, 3, 4]):
        book.active.append(row)
    for area in ("A1:A2", "B1:C1", "D1:E1"):
        book.active.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    (table,) = propose(tmp_path / "a.xlsx").tables
    assert names(table) == ["Имя", "План / шт", "План / руб", "Факт / шт", "Факт / руб"]
    assert (table.first_row, table.rows) == (2, 1)


def test_merged_cells_of_the_data_belong_to_each_of_their_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Завод", "Цех"], ["Северный", "1"], [None, "2"], [None, "3"], ["Южный", "4"]):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.save(tmp_path / "a.xlsx")
    (table,) = propose(tmp_path / "a.xlsx").tables
    shown = preview(table, RU)
    assert [row[shown.titles.index("Завод")].text for row in shown.rows] == ["Северный"] * 3 + ["Южный"]


def test_a_column_for_each_year_has_its_header(tmp_path: Path) -> None:
    table = only_table(tmp_path, [["Город", 2023, 2024, 2025], ["Тула", 1, 2, 3], ["Омск", 4, 5, 6]])
    assert names(table) == ["Город", "2023", "2024", "2025"]


def test_without_a_header_columns_are_numbered(tmp_path: Path) -> None:
    table = only_table(tmp_path, [[1, 2.5, "a"], [2, 3.5, "b"]])
    assert (table.header, table.rows, names(table)) == (-1, 2, ["Column 1", "Column 2", "Column 3"])


def test_the_user_may_say_where_the_header_is(tmp_path: Path) -> None:
    rows = [["a", "b"], ["c", "d"], ["e", "f"]]
    assert names(only_table(tmp_path, rows, headers={0: 1})) == ["c", "d"]
    assert only_table(tmp_path, rows, headers={0: -1}).rows == 3


# -- what names a row


@pytest.mark.parametrize(
    ("rows", "main"),
    [
        ([["Имя", "Код"], ["Анна", 1], ["Олег", 2]], 0),
        ([["Имя", "Код"], ["Анна", 1], ["Анна", 2]], 1),
        ([["Имя", "Код"], ["Анна", 1], [None, 2]], 1),
        ([["Имя", "Цена"], ["Анна", 1.5], ["Анна", 2.5]], ROW_NUMBER),
        ([["Имя", "Код"], ["Анна", 1], ["Анна", 1]], ROW_NUMBER),
        ([["Цена", "Имя"], [1.5, "Анна"], [2.5, "Анна"]], 0),
    ],
)
def test_the_main_value_is_the_first_filled_and_unique_column(tmp_path: Path, rows: list[list[Any]], main: int) -> None:
    assert only_table(tmp_path, rows).main == main


def test_uniqueness_is_looked_at_in_every_row(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Имя"], *([f"a{n}"] for n in range(9000)), ["a8999"]]
    assert only_table(tmp_path, rows).main == ROW_NUMBER


def test_codes_are_proposed_as_unique_and_names_are_not(tmp_path: Path) -> None:
    table = only_table(tmp_path, [["Имя", "Код"], *([f"a{n}", f"0{n:03}"] for n in range(30))])
    assert [(c.is_unique, c.unique, c.required) for c in table.columns] == [(True, False, False), (True, True, True)]


# -- several tables


def test_repeated_text_becomes_a_directory(tmp_path: Path) -> None:
    rows = [["N", "Город", "Статус", "Заметка"]]
    rows += [[str(n), ("Тула", "Омск")[n % 2], "да", f"заметка {n}"] for n in range(100)]
    plan = propose(files.xlsx(tmp_path / "a.xlsx", Люди=rows))
    assert [d.name for d in plan.directories] == ["Город"]
    assert [c.target for c in plan.tables[0].columns] == ["", "directory:0", "", ""]


def test_columns_of_one_name_share_a_directory_only_with_its_values(tmp_path: Path) -> None:
    def sheet(*states: str) -> list[list[Any]]:
        return [["N", "Статус"], *([n, states[n % len(states)]] for n in range(60))]

    plan = propose(
        files.xlsx(
            tmp_path / "a.xlsx", A=sheet("открыт", "закрыт"), B=sheet("закрыт", "открыт"), C=sheet("полон", "пуст")
        )
    )
    assert [d.name for d in plan.directories] == ["Статус", "Статус (C)"]
    assert [t.columns[1].target for t in plan.tables] == ["directory:0", "directory:0", "directory:1"]


def test_a_column_of_another_sheets_keys_becomes_a_link(tmp_path: Path) -> None:
    clients = [["Клиент", "Код"], *([f"ООО {n}", f"К-{n}"] for n in range(10))]
    orders = [
        ["Номер", "Клиент", "Код клиента", "Штук"],
        *([f"З{n}", f"ооо  {n % 10}", f"К-{n % 10}", n % 9] for n in range(40)),
    ]
    plan = propose(files.xlsx(tmp_path / "a.xlsx", Заказы=orders, Клиенты=clients))
    by_name, by_code, count = plan.tables[0].columns[1:]
    assert (by_name.target, by_name.match) == ("sheet:1", None)
    assert (by_code.target, by_code.match) == ("sheet:1", 1)
    assert count.target == ""


def test_bare_numbers_link_only_where_the_header_says_so(tmp_path: Path) -> None:
    clients = [["id", "name"], *([n, f"c{n}"] for n in range(1, 11))]
    orders = [["order", "client_id", "pieces"], *([f"o{n}", n % 10 + 1, n % 10 + 1] for n in range(40))]
    plan = propose(files.xlsx(tmp_path / "a.xlsx", orders=orders, clients=clients))
    assert [c.target for c in plan.tables[0].columns] == ["", "sheet:1", ""]


def test_hidden_and_empty_sheets_are_left_out_and_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["x", 1])
    book.create_sheet("Тайный").append(["s"])
    book["Тайный"].sheet_state = "hidden"
    book.create_sheet("Пустой")
    book.save(tmp_path / "a.xlsx")
    plan = propose(tmp_path / "a.xlsx")
    assert [(t.name, t.skip) for t in plan.tables] == [("Sheet", False), ("Тайный", True), ("Пустой", True)]
    assert len(plan.notes) == 2


# -- as JSON, and edited


def test_a_proposal_survives_json(tmp_path: Path) -> None:
    plan = propose(files.xlsx(tmp_path / "a.xlsx", A=[["a", "b", "c"], ["x", "=1+1", datetime(2025, 1, 2)]]))
    assert Proposal.from_json(orjson.loads(orjson.dumps(plan.as_json()))) == plan


def test_edits_change_what_may_be_changed(tmp_path: Path) -> None:
    plan = propose(files.xlsx(tmp_path / "a.xlsx", A=[["a", "b"], ["x", 1]]))
    edits = {
        "tables": {"sheet:0": {"name": "Б", "columns": {"1": {"base": 3, "name": "в", "filled": 99, "skip": True}}}}
    }
    edited = plan.with_edits(edits)
    assert edited.tables[0].name == "Б"
    second = edited.tables[0].columns[1]
    assert (second.base, second.name, second.skip, second.filled) == (BaseType.CHARS, "в", True, 1)


@pytest.mark.parametrize(
    "edits",
    [
        {"tables": {"sheet:9": {}}},
        {"tables": {"sheet:0": {"columns": {"9": {}}}}},
        {"tables": {"sheet:0": {"columns": {"0": {"base": 99}}}}},
        {"tables": []},
        {"tables": {"sheet:0": {"main": "x"}}},
        {"directories": {"directory:0": {}}},
    ],
)
def test_edits_that_mean_nothing_are_refused(tmp_path: Path, edits: Any) -> None:
    plan = propose(files.xlsx(tmp_path / "a.xlsx", A=[["a", "b"], ["x", 1]]))
    with pytest.raises(BadMapping):
        plan.with_edits(edits)
