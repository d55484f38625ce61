"""Sheets of an .xlsx that are too big or too unusual for calamine, by openpyxl: slow, in bounded memory."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl

from qdm.sheets.reading.cells import ERROR, Special


def stream_rows(path: Path, name: str) -> Iterator[list[object]]:
    """Rows of the sheet with its errors; blank rows between are kept.

    openpyxl reads either values or formulas, not both, so formulas of such a sheet are not listed.
    """
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book[name]
        sheet.reset_dimensions()  # a declared extent pads every row to it
        for row in sheet.iter_rows():
            yield [
                None if c.value is None else Special(ERROR, str(c.value)) if c.data_type == "e" else c.value
                for c in row
            ]
    finally:
        book.close()
