"""What is stored: nothing lost, nothing damaged, all of it or none."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from qdm.access import Access, Action, Actor
from qdm.errors import Forbidden, NotUnique
from qdm.query.ast import Query
from qdm.record import Bad, Link
from qdm.selectors import records as reading
from qdm.selectors import structure
from qdm.services import columns, records, tables
from qdm.services.column_types import Spec
from qdm.sheets.at_once import import_file
from qdm.sheets.checking import check
from qdm.sheets.errors import BadMapping
from qdm.sheets.load import Report
from qdm.sheets.proposal import Proposal
from qdm.types.base import BaseType
from tests.db.projections import assert_whole
from tests.db.sheets.conftest import SLUG, access_to
from tests.db.sheets.readback import MAIN, count_nodes, rows_of
from tests.unit.sheets import files

pytestmark = pytest.mark.django_db
Take = Callable[..., tuple[Proposal, Report]]


def messy(path: Path) -> Path:
    """Three hundred rows of values, blanks, misfits, errors and formulas without a value."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Смесь")
    sheet.write_row(0, 0, ["Код", "Сумма", "Дата", "Город", "Текст"])
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for n in range(1, 301):
        sheet.write_string(n, 0, f"{n:05}")
        if n == 7:
            sheet.write_string(n, 1, "по договору")
        elif n == 8:
            sheet.write_formula(n, 1, "=1/0", value="#DIV/0!")
        elif n % 10:
            sheet.write_number(n, 1, n / 4)
        if n == 9:
            sheet.write_string(n, 2, "31.02.2025")
        else:
            sheet.write_number(n, 2, 45000 + n, day)
        if n == 11:
            sheet.write_formula(n, 3, "=NA()", value="#N/A")
        else:
            sheet.write_string(n, 3, ("Тула", "Омск", "тула ")[n % 3])
        sheet.write_string(n, 4, ("=1+1", "#N/A", " пробел ", "'")[n % 4])
    book.close()
    return path


def test_no_cell_is_lost_in_silence(tmp_path: Path, take: Take, workspace: str) -> None:
    """Cells stored + errors reported + blanks = cells read, counted in the file and in the database apart."""
    path = messy(tmp_path / "a.xlsx")
    _plan, report = take(path)
    sheet = openpyxl.load_workbook(path)["Смесь"]
    cells = [cell.value for row in sheet.iter_rows(min_row=2, max_col=5) for cell in row]
    blanks = sum(value is None for value in cells)
    (table,) = report.tables
    assert (table.cells, table.blanks) == (len(cells), blanks)
    assert table.stored + table.blanks + table.unstored == table.cells
    stored = rows_of(workspace, "Смесь")
    assert sum(len(record) for record in stored) == table.stored
    assert table.unstored == 1
    problems = {(p["row"], p["column"]): p for p in report.problems.items}
    assert {(8, "Сумма"), (9, "Сумма"), (10, "Дата"), (12, "Город")} <= problems.keys()
    assert_whole(workspace)


def test_values_that_do_not_fit_are_kept_and_marked(tmp_path: Path, take: Take, workspace: str) -> None:
    take(messy(tmp_path / "a.xlsx"))
    stored = rows_of(workspace, "Смесь")
    assert (stored[6]["Сумма"], stored[7]["Сумма"], stored[8]["Дата"]) == ("по договору", "#DIV/0!", "31.02.2025")
    term = structure.schema(workspace).by_name["смесь"]
    page = reading.page(term.id, Query(limit=9), access=access_to())
    amount = next(c.id for c in term.requisites if c.name == "Сумма")
    assert page.records[6].cells[amount] == Bad("по договору")


def test_spellings_of_one_entry_are_told(tmp_path: Path, take: Take, workspace: str) -> None:
    _plan, report = take(messy(tmp_path / "a.xlsx"))
    ((entry, others),) = ((e.strip(), o) for e, o in report.spellings.items())
    assert {entry, *(o.strip() for o in others)} == {"Тула", "тула"}
    assert {row["Город"].casefold() for row in rows_of(workspace, "Смесь") if "Город" in row} == {"тула", "омск"}


def test_values_are_never_damaged(tmp_path: Path, take: Take, workspace: str) -> None:
    rows = [
        ["Код", "Номер", "Телефон", "Сумма"],
        ["000123", "1234567890123456", "+7 (900) 123-45-67", "1 234,50"],
        ["000124", "0000567890123456", "8 900 123 45 68", "12"],
    ]
    take(files.xlsx(tmp_path / "a.xlsx", Т=rows))
    assert rows_of(workspace, "Т") == [
        {MAIN: "000123", "Номер": "1234567890123456", "Телефон": "+7 (900) 123-45-67", "Сумма": "1234.50"},
        {MAIN: "000124", "Номер": "0000567890123456", "Телефон": "8 900 123 45 68", "Сумма": "12"},
    ]


def test_links_go_to_rows_of_other_sheets_wherever_they_stand(tmp_path: Path, take: Take, workspace: str) -> None:
    orders = [["Номер", "Клиент", "Код клиента"], *([f"З{n}", f"ооо {n % 5}", f"К{n % 5}"] for n in range(20))]
    orders.append(["З20", "ООО Новый", "К1"])
    clients = [["Клиент", "Код", "Рекомендовал"], *([f"ООО {n}", f"К{n}", f"ООО {(n + 1) % 5}"] for n in range(5))]
    _plan, report = take(files.xlsx(tmp_path / "a.xlsx", Заказы=orders, Клиенты=clients))
    stored = rows_of(workspace, "Заказы")
    assert stored[3] == {MAIN: "З3", "Клиент": "ООО 3", "Код клиента": "ООО 3"}
    assert stored[20] == {MAIN: "З20", "Клиент": "ООО Новый", "Код клиента": "ООО 1"}
    assert [row[MAIN] for row in rows_of(workspace, "Клиенты")] == [*(f"ООО {n}" for n in range(5)), "ООО Новый"]
    assert list(report.entries.values()) == [1]
    term = structure.schema(workspace).by_name["заказы"]
    record = reading.page(term.id, Query(limit=1), access=access_to()).records[0]
    assert any(isinstance(cell, Link) and cell.label == "ООО 0" for cell in record.cells.values())
    assert_whole(workspace)


def test_rows_without_a_name_are_numbered(tmp_path: Path, take: Take, workspace: str) -> None:
    take(files.xlsx(tmp_path / "a.xlsx", Т=[["Имя", "Цена"], ["a", 1.5], ["a", 2]]))
    assert rows_of(workspace, "Т") == [
        {MAIN: "1", "Имя": "a", "Цена": "1.5"},
        {MAIN: "2", "Имя": "a", "Цена": "2"},
    ]


def test_a_table_is_called_as_its_sheet_or_its_csv(tmp_path: Path, take: Take, workspace: str) -> None:
    (tmp_path / "Прайс 2025.csv").write_text("Товар;Цена\nМяч;5\n", encoding="cp1251")
    plan, _report = take(tmp_path / "Прайс 2025.csv")
    assert plan.tables[0].name == "Прайс 2025"
    assert rows_of(workspace, "Прайс 2025") == [{MAIN: "Мяч", "Цена": "5"}]
    plan, _report = take(tmp_path / "Прайс 2025.csv")
    assert plan.tables[0].name == "Прайс 2025 (2)"


def test_a_failing_import_writes_nothing(tmp_path: Path, workspace: str) -> None:
    """A plan that promises more than the file holds: the load finds the row, names it and leaves no trace."""
    before = count_nodes(workspace)
    path = files.xlsx(tmp_path / "a.xlsx", Т=[["Имя"], *([f"a{n}"] for n in range(50)), ["a7"]])

    def lie(plan: Proposal) -> Proposal:
        column = replace(plan.tables[0].columns[0], unique=True, is_unique=True)
        return replace(plan, tables=(replace(plan.tables[0], columns=(column,), main=0),))

    with pytest.raises(NotUnique, match="52"):
        import_file(path, access=access_to(), accept=lie)
    assert count_nodes(workspace) == before


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        ({"columns": {"0": {"skip": True}}}, "left out"),
        ({"main": 1}, "name the rows"),
        ({"columns": {"1": {"required": True}}}, "required"),
        ({"columns": {"2": {"unique": True}}}, "unique"),
        ({"columns": {"1": {"name": "Имя2"}, "2": {"name": "имя2 "}}}, "Two columns"),
        ({"columns": {"1": {"name": " "}}}, "missing"),
        ({"columns": {"1": {"target": "sheet:5"}}}, "links"),
        ({"skip": True}, "nothing"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_in_words(
    tmp_path: Path, workspace: str, edits: dict[str, Any], problem: str
) -> None:
    path = files.xlsx(tmp_path / "a.xlsx", Т=[["Имя", "Б", "В"], ["a", 1, 5], ["b", None, 5]])
    plan, _none = import_file(path, access=access_to(), accept=lambda plan: None)
    with pytest.raises(BadMapping, match=problem):
        check(plan.with_edits({"tables": {"sheet:0": edits}}), access_to())


# -- into a table that is there


@pytest.fixture
def people(workspace: str) -> int:
    """Люди(Город -> Город, Возраст number) with one row and one city."""
    city = tables.create("Город", access=access_to())
    people = tables.create("Люди", access=access_to())
    columns.create_many(people, [Spec("Город", target=city), Spec("Возраст", BaseType.NUMBER)], access=access_to())
    records.create(city, 1, {city: "Тула"}, access=access_to())
    records.create(people, 1, {people: "Олег"}, access=access_to())
    return people


def test_rows_go_into_a_table_by_the_names_of_its_columns(tmp_path: Path, take: Take, people: int) -> None:
    rows = [["Возраст", "Люди", "город", "Лишнее"], [30, "Анна", "тула", "x"], [None, "Пётр", "Омск", "y"]]
    plan, report = take(files.xlsx(tmp_path / "a.xlsx", Новые=rows), into=people)
    assert rows_of(SLUG, "Люди") == [
        {MAIN: "Олег"},
        {MAIN: "Анна", "Возраст": "30", "Город": "Тула"},
        {MAIN: "Пётр", "Город": "Омск"},
    ]
    assert [c.skip for c in plan.tables[0].columns] == [False, False, False, True]
    assert [row[MAIN] for row in rows_of(SLUG, "Город")] == ["Тула", "Омск"]
    assert report.problems.count == 0
    assert_whole(SLUG)


def test_who_may_not_add_every_row_may_not_import(tmp_path: Path, workspace: str, people: int) -> None:
    path = files.xlsx(tmp_path / "a.xlsx", Новые=[["Люди"], ["Анна"]])
    schema = structure.schema(workspace)
    reader = Access(Actor(8, "olga"), schema, frozenset({Action.VIEW}))
    with pytest.raises(Forbidden):
        import_file(path, access=reader, into=people)
    clerk = Access(Actor(8, "olga"), schema, tables={people: frozenset({Action.VIEW, Action.ADD})})
    import_file(path, access=clerk, into=people)
    assert [row[MAIN] for row in rows_of(workspace, "Люди")] == ["Олег", "Анна"]
    with pytest.raises(Forbidden):
        import_file(path, access=clerk)


def test_one_sheet_alone(tmp_path: Path, take: Take, workspace: str) -> None:
    book = {"А": [["a"], ["x"]], "Б": [["b"], ["y"]]}
    take(files.xlsx(tmp_path / "a.xlsx", **book), sheet="Б")
    assert "а" not in structure.schema(workspace).by_name
    assert rows_of(workspace, "Б") == [{MAIN: "y"}]
