"""A workbook of the user's own, filled in: single cells by name, one row repeated for each row of the table.

The repeated row is the one of the range named ``Rows`` (or ``Строки``), else the first with the most placeholders such
as ``{{Город}}``. In the named range a cell without a placeholder gets the column whose name stands above it. Elsewhere
a placeholder, and a cell named as a column (``Город``, blanks as ``_``), gets the value of the first row. Beside
columns there are ``_date``, ``_rows`` and ``_table``. Formulas of the repeated row are repeated with it; those
elsewhere that speak of a range with it speak of all of its copies. Styles, heights and merged cells go along. What is
written is a value, never a formula. The workbook is held in memory, so rows are as few as in what is answered at once.
"""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl.cell.cell import Cell
from openpyxl.formula import Tokenizer
from openpyxl.formula.translate import Translator
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from qdm.access import Access, Action
from qdm.errors import InvalidRequest, TooLarge
from qdm.managers import statements
from qdm.query.ast import Query
from qdm.record import CellValue
from qdm.selectors import records
from qdm.sheets.errors import UnreadableFile
from qdm.sheets.export.layout import Column, Layout
from qdm.sheets.export.typed import LONGEST, Exact, typed
from qdm.sheets.export.writing import RUN, Written
from qdm.sheets.reading.archive import check_archive
from qdm.sheets.reading.failure import ReadFailure, Reason
from qdm.sheets.reading.sniff import Kind, sniff
from qdm.types.base import Locale

MOST_ROWS = 5_000
#: Bytes of the user's workbook, packed and unpacked: it is read in the process that answers.
LARGEST, LARGEST_INFLATED = 2 * 2**20, 20 * 2**20
REPEATED = ("rows", "строки")
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_REFERENCE = re.compile(r"(\$?[A-Z]{1,3})(\$?)(\d+)(?::(\$?[A-Z]{1,3})(\$?)(\d+))?")

#: What a cell is written with.
Value = str | float | int | bool | date | None
#: Column name without case -> its value in a row.
Row = Mapping[str, Value]


def fill(source: Path, target: Path, term_id: int, query: Query, *, access: Access, locale: Locale) -> Written:
    """Write the filled workbook. Raises TermNotFound, Forbidden, UnreadableFile, TooLarge, InvalidRequest for a
    placeholder that names no column, and what ``records.page`` raises."""
    term = access.term(term_id)
    access.require(Action.EXPORT, term_id)
    book = _opened(source)
    layout = Layout(term, query, access=access)
    rows: list[Row] = []
    with statements.one_state():
        for run in records.walk(term_id, query, access=access, size=RUN, locale=locale, action=Action.EXPORT):
            rows += [_named(layout.columns, row) for row in layout.rows(run)]
            if len(rows) > MOST_ROWS:
                raise TooLarge(
                    _("At most %(most)d rows can be filled into a workbook. Filter the table first.")
                    % {"most": MOST_ROWS}
                )
    _Filling(book, layout.columns, rows, term.title).run()
    book.save(target)
    return Written(len(rows), 0)


def _opened(source: Path) -> Workbook:
    try:
        if sniff(source) is not Kind.XLSX:
            raise ReadFailure(Reason.NOT_A_WORKBOOK)
        if source.stat().st_size > LARGEST or check_archive(source) > LARGEST_INFLATED:
            raise TooLarge(_("The workbook to fill in is too large."))
        with source.open("rb") as file:
            return openpyxl.load_workbook(file)
    except ReadFailure as failure:
        raise UnreadableFile(failure.reason, failure.detail) from failure
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        raise UnreadableFile(Reason.DAMAGED) from error


def _named(columns: Sequence[Column], row: Sequence[CellValue | None]) -> Row:
    return {column.name.casefold(): _plain(typed(value, column)) for column, value in zip(columns, row, strict=True)}


def _plain(value: Any) -> Value:
    if isinstance(value, Exact):
        return int(value) if value.is_integer() and abs(value) < 1e15 else float(value)
    return value[:LONGEST] if isinstance(value, str) else value


class _Filling:
    def __init__(self, book: Workbook, columns: Sequence[Column], rows: Sequence[Row], title: str) -> None:
        self._book = book
        self._names = {column.name.casefold() for column in columns}
        self._rows = rows
        fixed: Row = {"_date": timezone.localdate(), "_rows": len(rows), "_table": title}
        self._fixed = fixed
        self._first: Row = {**(rows[0] if rows else dict.fromkeys(self._names)), **fixed}

    def run(self) -> None:
        repeated = self._repeated()
        self._fill_names()
        for page in self._pages():
            own = repeated[1] if repeated is not None and repeated[0] is page else None
            for line in page.iter_rows():
                for cell in line:
                    if cell.row != own:
                        self._fill(cell, self._first)
        if repeated is not None:
            self._repeat(*repeated)

    def _pages(self) -> list[Worksheet]:
        return [page for page in self._book.worksheets if isinstance(page, Worksheet)]

    # Where

    def _repeated(self) -> tuple[Worksheet, int, int, int] | None:
        """The sheet, the row, and the first and last column of it that are filled; None for no such row."""
        for name, page, (left, top, right, _bottom) in self._ranges():
            if name in REPEATED:
                cells: Sequence[Any] = page[top][left - 1 : right]
                for cell in cells:
                    above = page.cell(top - 1, cell.column).value if top > 1 else None
                    if cell.value is None and isinstance(above, str) and above.strip().casefold() in self._names:
                        cell.value = f"{{{{{above.strip()}}}}}"
                return page, top, left, right
        best, found = 0, None
        for page in self._pages():
            for line in page.iter_rows():
                asked = sum(name.casefold() not in self._fixed for cell in line for name in _placeholders(cell))
                if asked > best:
                    best, found = asked, (page, int(line[0].row or 0), 1, page.max_column)
        return found

    def _ranges(self) -> list[tuple[str, Worksheet, tuple[int, int, int, int]]]:
        """Names of the workbook and of its sheets, without case, that stand for an area of one sheet."""
        known = [*self._book.defined_names.items()]
        known += [item for page in self._pages() for item in page.defined_names.items()]
        found = []
        for name, defined in known:
            areas = list(defined.destinations) if defined.type == "RANGE" else []
            if len(areas) == 1 and areas[0][0] in self._book.sheetnames and ":" not in areas[0][1].replace(":", "", 1):
                page: Any = self._book[areas[0][0]]
                bounds: Any = range_boundaries(areas[0][1].replace("$", ""))
                if isinstance(page, Worksheet) and None not in bounds:
                    found.append((name.casefold(), page, bounds))
        return found

    # What

    def _fill_names(self) -> None:
        by_name = {name.replace(" ", "_"): value for name, value in self._first.items()}
        for name, page, (left, top, right, bottom) in self._ranges():
            if (left, top) == (right, bottom) and name in by_name:
                _put(page.cell(top, left), by_name[name])

    def _fill(self, cell: Any, row: Row) -> None:
        """Raises InvalidRequest for a name that is no column."""
        names = _placeholders(cell)
        if not names:
            return
        for name in names:
            if name.casefold() not in self._names and name.casefold() not in self._fixed:
                raise InvalidRequest(
                    _("“%(cell)s” asks for “%(name)s”, which is no column of the table.")
                    % {"cell": cell.coordinate, "name": name[:100]}
                )
        whole = _PLACEHOLDER.fullmatch(str(cell.value).strip())
        if whole:
            _put(cell, row[whole[1].casefold()])
        else:
            _put(cell, _PLACEHOLDER.sub(lambda found: _shown(row[found[1].casefold()]), str(cell.value)))

    # Again and again

    def _repeat(self, page: Worksheet, top: int, left: int, right: int) -> None:
        count = max(len(self._rows), 1)
        pattern: list[Any] = [copy(cell) for cell in page[top]]
        merged = [area for area in list(page.merged_cells.ranges) if area.min_row >= top]
        for area in merged:
            page.unmerge_cells(area.coord)
        heights = {row: page.row_dimensions[row].height for row in list(page.row_dimensions) if row >= top}
        if count > 1:
            page.insert_rows(top + 1, count - 1)
            self._mend_formulas(page, top, count - 1)
        for row, height in sorted(heights.items(), reverse=True):
            page.row_dimensions[row + (count - 1 if row > top else 0)].height = height
        for at in range(count):
            page.row_dimensions[top + at].height = heights.get(top)
            filled: Row = {**(self._rows[at] if self._rows else self._first), **self._fixed}
            for model in pattern:
                is_within = left <= model.column <= right
                self._copy(model, page, top + at, filled if is_within else self._first)
        for area in merged:
            copies = range(count) if area.min_row == area.max_row == top else [count - 1 if area.min_row > top else 0]
            for by in copies:
                page.merge_cells(
                    start_row=area.min_row + by, end_row=area.max_row + by,
                    start_column=area.min_col, end_column=area.max_col,
                )  # fmt: skip

    def _copy(self, model: Any, page: Worksheet, at: int, row: Row) -> None:
        cell: Any = page.cell(at, model.column)
        if model.has_style:
            cell._style = copy(model._style)
        if model.data_type == "f" and isinstance(model.value, str):
            moved = f"{cell.column_letter}{at}"
            cell.value = Translator(model.value, f"{cell.column_letter}{model.row}").translate_formula(moved)
        elif isinstance(cell, Cell):
            cell.value, cell.data_type = model.value, model.data_type
            self._fill(cell, row)

    def _mend_formulas(self, changed: Worksheet, top: int, more: int) -> None:
        """Formulas that speak of what has moved down, or of ranges that have grown."""
        for page in self._pages():
            for line in page.iter_rows():
                for cell in line:
                    if (
                        cell.data_type == "f"
                        and isinstance(cell.value, str)
                        and (page is not changed or cell.row != top)
                    ):
                        cell.value = _mended(cell.value, changed.title, page is changed, top, more)


def _mended(formula: str, title: str, is_own: bool, top: int, more: int) -> str:
    def moved(row: str, is_end: bool) -> int:
        number = int(row)
        return number + more if number > top or (is_end and number == top) else number

    def shifted(found: re.Match[str]) -> str:
        column, fixed, row, column_2, fixed_2, row_2 = found.groups()
        start = f"{column}{fixed}{moved(row, is_end=False)}"
        return start if row_2 is None else f"{start}:{column_2}{fixed_2}{moved(row_2, is_end=True)}"

    parts = Tokenizer(formula)
    for token in parts.items:
        if token.type == "OPERAND" and token.subtype == "RANGE":
            sheet, mark, area = token.value.rpartition("!")
            if (mark and sheet.strip("'").replace("''", "'") == title) or (not mark and is_own):
                token.value = f"{sheet}{mark}{_REFERENCE.sub(shifted, area)}"
    return f"={''.join(token.value for token in parts.items)}"


def _placeholders(cell: Any) -> list[str]:
    is_text = isinstance(cell.value, str) and cell.data_type != "f"
    return _PLACEHOLDER.findall(cell.value) if is_text else []


def _put(cell: Any, value: Value) -> None:
    """As a value: a text that begins as a formula does stays a text."""
    form = cell.number_format
    cell.value = value
    if isinstance(value, str):
        cell.value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        cell.data_type = "s"
    if form != "General" or not isinstance(value, date):
        cell.number_format = form
    elif isinstance(value, datetime):
        cell.number_format = "dd.mm.yyyy hh:mm"
    else:
        cell.number_format = "dd.mm.yyyy"


def _shown(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else "" if value is None else str(value)
