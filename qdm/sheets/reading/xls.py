""".xls by xlrd, which keeps error cells, number formats and merged areas (calamine loses the errors).

xlrd does not tell a formula from its value, so the record stream is walked once more for formula records.
Record layout: [MS-XLS] 2.4.127 Formula, 2.4.28 BoundSheet8.
"""

import io
import struct
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal

import xlrd
from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDoc, CompDocError

from qdm.sheets.reading import limits
from qdm.sheets.reading.cells import ERROR, Special
from qdm.sheets.reading.facts import Format, Formulas, SheetFacts
from qdm.sheets.reading.failure import ReadFailure, Reason
from qdm.sheets.reading.formats import note_format
from qdm.sheets.reading.spool import spool_path, write_sheet

_EOF, _BOUNDSHEET, _FORMULAS = 0x000A, 0x0085, (0x0006, 0x0206, 0x0406)
_WORKSHEET = 0


def read_xls(path: Path, folder: Path, progress: Callable[[int], None]) -> list[SheetFacts]:
    """Spool every worksheet. Raises ReadFailure."""
    content = path.read_bytes()
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO())
    except XLRDError as error:
        encrypted = "encrypt" in str(error).lower() or "password" in str(error).lower()
        raise ReadFailure(Reason.ENCRYPTED if encrypted else Reason.DAMAGED) from error
    formulas = _formula_cells(content)
    sheets = []
    for index in range(book.nsheets):
        sheet = book.sheet_by_index(index)
        facts = SheetFacts(sheet.name, sheet.visibility == 0)
        facts.merged = [(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
        facts.formulas = formulas.get(index, {})
        write_sheet(spool_path(folder, index), _rows(book, sheet, facts), facts, progress, limits.MAX_ROWS)
        sheets.append(facts)
        book.unload_sheet(index)
    if not sheets:
        raise ReadFailure(Reason.EMPTY)
    return sheets


def _rows(book: Any, sheet: Any, facts: SheetFacts) -> Iterator[list[object]]:
    for number in range(sheet.nrows):
        row: list[object] = []
        kinds = sheet.row_types(number)
        for column, value in enumerate(sheet.row_values(number)):
            kind = kinds[column]
            if kind == xlrd.XL_CELL_DATE:
                row.append(_moment(value, book.datemode))
            elif kind == xlrd.XL_CELL_BOOLEAN:
                row.append(bool(value))
            elif kind == xlrd.XL_CELL_ERROR:
                row.append(Special(ERROR, xlrd.error_text_from_code.get(value, "#ERR")))
            elif kind == xlrd.XL_CELL_NUMBER:
                if number < limits.HINT_ROWS:
                    form = book.format_map[book.xf_list[sheet.cell_xf_index(number, column)].format_key]
                    note_format(facts.formats.setdefault(column, Format()), form.format_str, value)
                row.append(value)
            else:
                row.append(value)
        yield row


def _moment(serial: float, datemode: Literal[0, 1]) -> object:
    """Date, moment or time of day of a date serial; the number itself where it is outside the calendar."""
    try:
        if 0 <= serial < 1:
            moment: datetime = xlrd.xldate_as_datetime(serial, datemode)
            return time(moment.hour, moment.minute, moment.second)
        moment = xlrd.xldate_as_datetime(serial, datemode)
    except (ValueError, OverflowError, xlrd.XLDateError):
        return serial
    return date(moment.year, moment.month, moment.day) if serial == int(serial) else moment


def _formula_cells(content: bytes) -> dict[int, dict[int, Formulas]]:
    """Sheet index -> column -> formulas. Empty where the record stream is not readable: a hint, values come first."""
    found: dict[int, dict[int, Formulas]] = {}
    with suppress(CompDocError, struct.error, IndexError):
        document = CompDoc(content, logfile=io.StringIO())
        for name in ("Workbook", "Book"):
            mem, base, size = document.locate_named_stream(name)
            if mem:
                stream = bytes(mem[base : base + size])
                for index, start in enumerate(_sheet_starts(stream)):
                    found[index] = _formulas(stream, start)
                break
    return found


def _records(stream: bytes, position: int) -> Iterator[tuple[int, int, int]]:
    """(record type, start of its content, length) up to the end of the substream."""
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield kind, position + 4, length
        if kind == _EOF:
            return
        position += 4 + length


def _sheet_starts(stream: bytes) -> list[int]:
    starts = []
    for kind, at, _length in _records(stream, 0):
        if kind == _BOUNDSHEET:
            offset, _visibility, sheet_type = struct.unpack_from("<IBB", stream, at)
            if sheet_type == _WORKSHEET:
                starts.append(offset)
    return starts


def _formulas(stream: bytes, start: int) -> dict[int, Formulas]:
    columns: dict[int, Formulas] = defaultdict(Formulas)
    for kind, at, _length in _records(stream, start):
        if kind in _FORMULAS:
            _row, column = struct.unpack_from("<HH", stream, at)
            columns[column].add("", has_value=True)
    return dict(columns)
