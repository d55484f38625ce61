"""Excel workbooks: typed cells, a frozen header with a filter. Rows leave memory as soon as they are written."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from qdm.errors import TooLarge
from qdm.sheets.export.layout import Column, Row
from qdm.sheets.export.sheet_rows import SheetRows
from qdm.sheets.export.typed import Typed, typed
from qdm.types import presentation
from qdm.types.base import Locale

#: Rows of a sheet, the header among them.
MOST_ROWS = 1_048_576
#: Characters of a sheet's name, and those it may not have.
_NAME, _FORBIDDEN = 31, dict.fromkeys(map(ord, "[]:*?/\\"))
_NARROWEST, _WIDEST = 8, 60
#: Rows by whose texts the widths are chosen.
_MEASURED = 200
#: Decimals beyond which a number is shown as it is.
_DECIMALS = 10


class Xlsx:
    """One sheet. ``cut``: cells that were longer than a cell can be."""

    ending = "xlsx"

    def __init__(self, path: Path, title: str, columns: Sequence[Column], locale: Locale) -> None:
        self._columns = columns
        self._row = 0
        # Texts are never formulas or links, whatever they begin with.
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": str(path.parent),
            },
        )
        self._sheet = self._book.add_worksheet(sheet_name(title))
        self._formats = _Formats(self._book, locale)
        self._widths = [len(column.name) + 3 for column in columns]
        self._sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            self._sheet.write_string(0, at, column.name, self._formats.head)
        self._rows = SheetRows(self._sheet, columns, self._formats)

    @property
    def cut(self) -> int:
        return self._rows.cut

    def write(self, rows: Sequence[Row]) -> None:
        """Raises TooLarge beyond what a sheet holds."""
        if self._row + len(rows) >= MOST_ROWS:
            raise TooLarge(_("An Excel sheet holds 1,048,575 rows. Export to CSV, or filter the table first."))
        for row in rows[: max(_MEASURED - self._row, 0)]:
            self._measure(row)
        self._rows.write(rows, self._row + 2)
        self._row += len(rows)

    def _measure(self, row: Row) -> None:
        for place, value in enumerate(row):
            if value is not None:
                self._widths[place] = max(self._widths[place], _width(typed(value, self._columns[place])))

    def close(self) -> None:
        self._rows.end(self._row)
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, min(max(width + 1, _NARROWEST), _WIDEST))
        self._sheet.autofilter(0, 0, self._row, len(self._columns) - 1)
        self._book.close()


class _Formats:
    """The formats of a workbook; numbers by their decimals."""

    def __init__(self, book: Any, locale: Locale) -> None:
        self._add: Callable[[dict[str, Any]], Any] = book.add_format
        self._numbers: dict[int, Any] = {}
        self._coded: dict[str, Any] = {}
        day = "dd.mm.yyyy" if locale.language == "ru" else "yyyy-mm-dd"
        self.head = self._add({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"})
        self.day = self._add({"num_format": day})
        self.moment = self._add({"num_format": f"{day} hh:mm:ss"})

    def coded(self, code: str) -> Any:
        """That of a column's own."""
        if code not in self._coded:
            self._coded[code] = self._add({"num_format": presentation.excel(code)})
        return self._coded[code]

    def number(self, digits: int) -> Any:
        """Of so many decimals. None: as it is."""
        if digits > _DECIMALS:
            return None
        if digits not in self._numbers:
            self._numbers[digits] = self._add({"num_format": "0" if not digits else f"0.{'0' * digits}"})
        return self._numbers[digits]


def sheet_name(title: str) -> str:
    """A name Excel takes: no more than 31 characters, none of ``[]:*?/\\``, no apostrophe at an end."""
    name = " ".join(title.translate(_FORBIDDEN).split())[:_NAME].strip("' ")
    return name if name and name.casefold() != "history" else _("Table")


def _width(value: Typed) -> int:
    if isinstance(value, datetime):
        return 19
    if isinstance(value, date):
        return 10
    return max(map(len, str(value).splitlines()), default=0)
