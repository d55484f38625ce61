"""Public data nobody here made (vega-datasets), imported and compared cell by cell with the file."""

import csv
import json
import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from vega_datasets import local_data

from qdm.sheets.proposal import ROW_NUMBER, Proposal
from qdm.sheets.study import key_of
from qdm.types.base import BaseType
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


#: Movies and flights are not in the Python package; tests/datasets.sh fetches the npm one.
FETCHED = Path(sys.prefix, "share", "vega-datasets-3.2.1")
#: How the dates of movies and the moments of flights are written there.
WRITTEN = {BaseType.DATE: "%b %d %Y", BaseType.DATETIME: "%Y/%m/%d %H:%M"}
fetched = pytest.mark.skipif(not FETCHED.exists(), reason="vega-datasets of npm is not there: see tests/datasets.sh")


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
    """Every cell of the file, header apart, with every stored cell; nothing may be left over on either side.

    A link says what its entry is called, which may be another spelling of the cell.
    """
    sheet = plan.tables[0]
    stored = rows_of(workspace, sheet.name)
    assert len(stored) == len(table) - 1
    links = {column.index for column in sheet.links}
    names = {column.index: MAIN if column.index == sheet.main else column.name for column in sheet.columns}
    for cells, record in zip(table[1:], stored, strict=True):
        for index, cell in enumerate(cells):
            text = record.pop(names[index], None)
            if index in links and text is not None:
                cell, text = key_of(cell), key_of(text)
            assert same(cell, text), (names[index], cell, text)
        if sheet.main == ROW_NUMBER:
            record.pop(MAIN)
        assert not record


def as_read(path: Path, separator: str, plan: Proposal) -> list[list[Any]]:
    """A text file's cells, read as what the proposal says their columns hold."""
    with path.open(newline="", encoding="utf-8") as file:
        table: list[list[Any]] = list(csv.reader(file, delimiter=separator))
    kinds = {c.index: c.base.name for c in plan.tables[0].columns}
    for row in table[1:]:
        for index, text in enumerate(row):
            if text and kinds[index] in ("NUMBER", "FLOAT"):
                row[index] = float(text)
            elif text and kinds[index] in ("DATE", "DATETIME"):
                row[index] = datetime.fromisoformat(text)
    return table


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
    compare(as_read(path, separator, plan), plan, workspace)


def test_public_data_gets_its_types(tmp_path: Path, take: Callable[..., Any]) -> None:
    path = tmp_path / "cars.xlsx"
    local_data.cars().to_excel(path, index=False, sheet_name="cars")
    plan, _report = take(path)
    columns = {c.name: (c.base.name, c.target) for c in plan.tables[0].columns}
    assert columns["Year"] == ("DATE", "")
    assert columns["Miles_per_Gallon"] == ("NUMBER", "")
    assert columns["Origin"] == ("CHARS", "directory:0")
    assert plan.tables[0].main == ROW_NUMBER


@fetched
@pytest.mark.parametrize("name", ["movies", "flights-5k"])
def test_an_xlsx_of_fetched_data(tmp_path: Path, take: Callable[..., Any], workspace: str, name: str) -> None:
    """3,201 movies x 16 with titles that are numbers and many blanks, 5,000 flights x 5: written as they stand."""
    records = json.loads((FETCHED / f"{name}.json").read_text(encoding="utf-8"))
    table = [list(records[0]), *(list(record.values()) for record in records)]
    path = tmp_path / f"{name}.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_urls": False, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(table):
            sheet.write_row(number, 0, cells)
    plan, report = take(path)
    for column in plan.tables[0].columns:
        if column.base in WRITTEN:
            for cells in table[1:]:
                cells[column.index] = datetime.strptime(cells[column.index], WRITTEN[column.base])
    compare(table, plan, workspace)
    assert report.problems.count == 0
    assert_whole(workspace)


@fetched
@pytest.mark.parametrize("name", ["flights-airport", "weather"])
def test_a_csv_as_it_was_fetched(tmp_path: Path, take: Callable[..., Any], workspace: str, name: str) -> None:
    path = FETCHED / f"{name}.csv"
    plan, report = take(path)
    compare(as_read(path, ",", plan), plan, workspace)
    assert report.problems.count == 0
    assert_whole(workspace)
