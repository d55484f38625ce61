"""How the demo's workbooks are laid out: what a careful office worker does to a sheet before sending it on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

#: Everything in the demo happens before this day, so that the files are the same whenever they are made.
TODAY = date(2026, 11, 20)

FORMATS: Mapping[str, str] = {
    "text": "@",
    "general": "General",
    "int": "#,##0",
    "money": '#,##0.00" ₽"',
    "rubles": '#,##0" ₽"',
    "decimal": "#,##0.0",
    "quantity": "#,##0.###",
    "percent": "0%",
    "percent1": "0.0%",
    "date": "dd.mm.yyyy",
    "month": "mmmm yyyy",
    "datetime": "dd.mm.yyyy hh:mm",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``format`` is a key of FORMATS, ``width`` in characters, ``choices`` become a drop-down."""

    name: str
    width: float
    format: str = "general"
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell computed by the worker's own formula; ``value`` is what Excel last showed."""

    text: str
    value: float | str


Cell = str | int | float | bool | date | datetime | Formula | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    color: str = "#1F6FB2"


def save(path: Path, title: str, author: str, sheets: Iterable[Sheet]) -> None:
    """Write the sheets; the same sheets always give the same content."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "author": author, "created": datetime(2026, 11, 20, 9, 0)})
    for sheet in sheets:
        _write(book, sheet)
    book.close()


def _write(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    page.set_tab_color(sheet.color)
    header = book.add_format(
        {
            "bold": True,
            "bg_color": sheet.color,
            "font_color": "white",
            "text_wrap": True,
            "valign": "vcenter",
            "border": 1,
        }
    )
    page.set_row(0, 30)
    last = len(sheet.rows)
    for i, column in enumerate(sheet.columns):
        form = book.add_format({"num_format": FORMATS[column.format]})
        page.set_column(i, i, column.width, form)
        page.write_string(0, i, column.name, header)
        if column.choices:
            page.data_validation(1, i, last, i, {"validate": "list", "source": list(column.choices)})
        for number, row in enumerate(sheet.rows, start=1):
            write_cell(page, number, i, row[i], form)
    page.autofilter(0, 0, last, len(sheet.columns) - 1)
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.repeat_rows(0)


def write_cell(page: Any, row: int, column: int, value: Cell, form: Any = None) -> None:
    """One cell with the typed method of its value; None leaves it empty."""
    match value:
        case None:
            pass
        case Formula(text, shown):
            page.write_formula(row, column, text, form, shown)
        case bool():
            page.write_boolean(row, column, value, form)
        case date():  # a datetime too
            page.write_datetime(row, column, value, form)
        case int() | float():
            page.write_number(row, column, value, form)
        case str():
            page.write_string(row, column, value, form)
