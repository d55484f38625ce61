"""Public data nobody here made (vega-datasets), imported and compared cell by cell with the file."""

import csv
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from vega_datasets import local_data

from qdm.sheets.proposal import ROW_NUMBER, Proposal
from tests.db.projections import assert_whole
from tests.db.sheets.readback import MAIN, rows_of

pytestmark = pytest.mark.django_db

DATA = [
    "cars",
    "airports",
    "seattle_weather",
    "la_riots",
    "us_employment",
    "stocks",
    "ohlc",
    "barley",
    "iowa_electricity",
]


def same(cell: Any, text: str | None) -> bool:
    """Whether the stored text says what the file's cell says."""
    if cell in (None, ""):
        return text is None
    if text is None:
        return False
    if isinstance(cell, datetime):
        return datetime.fromisoformat(text) == cell
    if isinstance(cell, (int, float)):
        return Decimal(text) == Decimal(repr(cell))
    return text == cell


def compare(table: list[list[Any]], plan: Proposal, workspace: str) -> None:
    """Every cell of the file, header apart, with every stored cell; nothing may be left over on either side."""
    sheet = plan.tables[0]
    stored = rows_of(workspace, sheet.name)
    assert len(stored) == len(table) - 1
    names = {column.index: MAIN if column.index == sheet.main else column.name for column in sheet.columns}
    for cells, record in zip(table[1:], stored, strict=True):
        for index, cell in enumerate(cells):
            text = record.pop(names[index], None)
            assert same(cell, text), (names[index], cell, text)
        if sheet.main == ROW_NUMBER:
            record.pop(MAIN)
        assert not record


@pytest.mark.parametrize("name", DATA)
def test_an_xlsx_of_public_data(tmp_path: Path, take: Callable[..., Any], workspace: str, name: str) -> None:
    path = tmp_path / f"{name}.xlsx"
    getattr(local_data, name)().to_excel(path, index=False, sheet_name=name)
    plan, report = take(path)
    sheet = openpyxl.load_workbook(path, read_only=True).active
    compare([list(row) for row in sheet.iter_rows(values_only=True)], plan, workspace)
    assert report.problems.count == 0
    assert_whole(workspace)


@pytest.mark.parametrize("name", ["cars", "airports", "seattle_weather"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_csv_of_public_data(
    tmp_path: Path, take: Callable[..., Any], workspace: str, name: str, separator: str
) -> None:
    path = tmp_path / f"{name}.csv"
    getattr(local_data, name)().to_csv(path, index=False, sep=separator)
    plan, _report = take(path)
    with path.open(newline="", encoding="utf-8") as file:
        table = list(csv.reader(file, delimiter=separator))
    kinds = {c.index: c.base.name for c in plan.tables[0].columns}
    for row in table[1:]:
        for index, text in enumerate(row):
            if text and kinds[index] in ("NUMBER", "FLOAT"):
                row[index] = float(text)  # type: ignore[call-overload]
            elif text and kinds[index] in ("DATE", "DATETIME"):
                row[index] = datetime.fromisoformat(text)  # type: ignore[call-overload]
    compare(table, plan, workspace)


def test_public_data_gets_its_types(tmp_path: Path, take: Callable[..., Any]) -> None:
    path = tmp_path / "cars.xlsx"
    local_data.cars().to_excel(path, index=False, sheet_name="cars")
    plan, _report = take(path)
    columns = {c.name: (c.base.name, c.target) for c in plan.tables[0].columns}
    assert columns["Year"] == ("DATE", "")
    assert columns["Miles_per_Gallon"] == ("NUMBER", "")
    assert columns["Origin"] == ("CHARS", "directory:0")
    assert plan.tables[0].main == ROW_NUMBER
