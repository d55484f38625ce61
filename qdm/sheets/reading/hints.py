"""What only openpyxl tells: number formats of the first rows, and whole sheets in bounded memory."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import openpyxl

from qdm.sheets.reading import limits
from qdm.sheets.reading.cells import ERROR, Special
from qdm.sheets.reading.facts import Format

_ZEROS = re.compile(r"0{2,}")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_CURRENCY = re.compile(r"₽|руб|р\.|\$|€|£", re.IGNORECASE)
_SIGN = {"руб": "₽", "р.": "₽"}


class Hints:
    """The workbook as openpyxl reads it, opened when first asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._book: Any = None

    def __enter__(self) -> "Hints":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._book is not None:
            self._book.close()

    def sheet(self, name: str) -> Any:
        if self._book is None:
            self._book = openpyxl.load_workbook(self._path, read_only=True, data_only=True)
        sheet = self._book[name]
        sheet.reset_dimensions()  # a declared extent pads every row to it
        return sheet

    def formats(self, name: str) -> dict[int, Format]:
        """Formats by column. Hints only: what openpyxl cannot read has none."""
        found: dict[int, Format] = defaultdict(Format)
        with suppress(Exception):  # the values are read already; no hint is worth losing them
            for row in self.sheet(name).iter_rows(max_row=limits.HINT_ROWS, max_col=limits.MAX_COLUMNS):
                for cell in row:
                    if type(cell.value) in (int, float):
                        note_format(found[cell.column - 1], cell.number_format, cell.value)
        return dict(found)


def note_format(known: Format, number_format: str, value: float) -> None:
    """Count one number under its format code."""
    known.numbers += 1
    if number_format in ("General", ""):
        return
    if sign := _CURRENCY.search(number_format):
        known.currency = _SIGN.get(sign[0].lower(), sign[0])
    bare = _QUOTED.sub("", number_format)
    if "%" in bare:
        known.percent += 1
    elif _ZEROS.fullmatch(bare) and value == int(value) and value >= 0:
        known.zeros = max(known.zeros, len(bare))
        known.padded += 1


def stream_rows(sheet: Any) -> Iterator[list[object]]:
    """Rows of a sheet too big or too unusual for calamine, with errors; blank rows between are kept.

    openpyxl reads either values or formulas, not both, so formulas of such a sheet are not listed.
    """
    for row in sheet.iter_rows():
        yield [None if c.value is None else Special(ERROR, c.value) if c.data_type == "e" else c.value for c in row]
