"""Rows of an Excel sheet as XML, written past XlsxWriter into the sheet it keeps on disk.

Its own calls check and dispatch each cell: two thirds of the time of an export. Here each column has a writer of its
own, made once. What the pinned XlsxWriter gives for it: in ``constant_memory`` a sheet keeps its rows, as XML, in
``row_data_fh``, and takes them over as they are.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name

from qdm.record import CellValue
from qdm.sheets.export.layout import Column, Row
from qdm.sheets.export.typed import LONGEST, Exact, decimals, typed
from qdm.types.base import BaseType
from qdm.types.files import HOLDERS

#: A text with these is not its own XML: markup, what XML cannot hold, Excel's escapes of that, blanks at an end.
_UNLIKE_XML = re.compile(r"[&<>\x00-\x1f\x7f-\x9f\ufffe\uffff]|_x[0-9a-fA-F]{4}_|^\s|\s$")
#: ECMA-376 22.9.2.19: a character XML cannot hold is _xHHHH_, and so is the _ of what looks like one.
_ESCAPED = re.compile(r"_(x[0-9a-fA-F]{4}_)")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
#: A number of so many characters is a double exactly, whatever its digits.
_EXACT = 15
_FIRST = date(1899, 12, 30)
_CACHED = 20_000

#: Cell and number of its row -> XML of the cell.
Writer = Callable[[CellValue, str], str]


class Formats(Protocol):
    """The formats of the workbook."""

    day: Any
    moment: Any

    def number(self, digits: int) -> Any: ...

    def coded(self, code: str) -> Any: ...


class SheetRows:
    """``cut``: texts that were longer than a cell can be."""

    def __init__(self, sheet: Any, columns: Sequence[Column], formats: Formats) -> None:
        """The sheet has its header row, in which every column is filled."""
        self.cut = 0
        self._sheet = sheet
        self._formats = formats
        self._styles: dict[int, str] = {}
        self._writers = [self._writer(column, xl_col_to_name(at)) for at, column in enumerate(columns)]
        sheet._write_single_row()  # the header leaves the library's memory

    def write(self, rows: Sequence[Row], first: int) -> None:
        """``first``: number of the first row in the sheet, from 1."""
        writers = self._writers
        lines = []
        for at, row in enumerate(rows, first):
            number = f'{at}"'
            cells = [write(value, number) for value, write in zip(row, writers, strict=True) if value is not None]
            lines.append(f'<row r="{number}>{"".join(cells)}</row>')
        self._sheet.row_data_fh.write("".join(lines))

    def end(self, rows: int) -> None:
        """So many rows it was, the header not counted."""
        self._sheet.dim_rowmax = rows

    def _writer(self, column: Column, letters: str) -> Writer:
        start = f'<c r="{letters}'
        own = self._formats.coded(column.format) if column.format else None
        number = self._number if own is None else self._in_format(own)
        by_base: dict[BaseType, Callable[[str, str, str], str | None]] = {
            BaseType.NUMBER: number,
            BaseType.FLOAT: number,
            BaseType.DATE: self._dated(_day, own or self._formats.day),
            BaseType.DATETIME: self._dated(_moment, own or self._formats.moment),
            BaseType.BOOLEAN: lambda start, at, value: f'{start}{at} t="b"><v>{"1" if value == "1" else "0"}</v></c>',
        }
        as_type = by_base.get(column.base)
        is_text = as_type is None and column.base is not BaseType.PWD and column.base not in HOLDERS

        def write(value: CellValue, at: str) -> str:
            if type(value) is str:
                if is_text:
                    return self._text(start, at, value)
                found = as_type(start, at, value) if as_type is not None else None
                if found is not None:
                    return found
            text = typed(value, column)
            return "" if text is None else self._text(start, at, str(text))

        return write

    def _text(self, start: str, at: str, text: str) -> str:
        if len(text) > LONGEST:
            self.cut += 1
            text = text[:LONGEST]
        if _UNLIKE_XML.search(text) is None:
            return f'{start}{at} t="inlineStr"><is><t>{text}</t></is></c>'
        text = _ESCAPED.sub(r"_x005F_\1", text)
        text = escape(_ILLEGAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
        return f'{start}{at} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'

    def _in_format(self, format_: Any) -> Callable[[str, str, str], str | None]:
        style = _style(format_)
        return lambda start, at, text: f"{start}{at}{style}><v>{text}</v></c>" if _is_double(text) else None

    def _number(self, start: str, at: str, text: str) -> str | None:
        """None where a double is another number."""
        if not _is_double(text):
            return None
        digits = decimals(text)
        style = self._styles.get(digits)
        if style is None:
            style = self._styles[digits] = _style(self._formats.number(digits))
        return f"{start}{at}{style}><v>{text}</v></c>"

    def _dated(self, serial: Callable[[str], str | None], format_: Any) -> Callable[[str, str, str], str | None]:
        style = _style(format_)

        def write(start: str, at: str, text: str) -> str | None:
            number = serial(text)
            return None if number is None else f"{start}{at}{style}><v>{number}</v></c>"

        return write


_NUMBER = Column("", BaseType.NUMBER, lambda record: None)
_DATE = Column("", BaseType.DATE, lambda record: None)
_DATETIME = Column("", BaseType.DATETIME, lambda record: None)


def _is_double(text: str) -> bool:
    return len(text) <= _EXACT or type(typed(text, _NUMBER)) is Exact


def _style(format_: Any) -> str:
    return "" if format_ is None else f' s="{format_._get_xf_index()}"'


@lru_cache(_CACHED)
def _day(text: str) -> str | None:
    day = typed(text, _DATE)
    return str((day - _FIRST).days) if isinstance(day, date) else None


@lru_cache(_CACHED)
def _moment(text: str) -> str | None:
    moment = typed(text, _DATETIME)
    if not isinstance(moment, datetime):
        return None
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
    return f"{(moment.date() - _FIRST).days + seconds / 86_400:.16G}"
