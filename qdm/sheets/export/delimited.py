"""CSV as Excel opens it: UTF-8 with a mark, separated by semicolons, numbers and dates as a person writes them.

A text that a spreadsheet would take for a formula gets an apostrophe in front, which the import takes away again.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from qdm.record import CellValue, Value
from qdm.sheets.export.layout import Column, Row, joined, text_of
from qdm.types.base import BaseType, Locale

#: What begins a formula in some program, after apostrophes of an earlier guard too (IO.md 1.4).
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
#: Numbers, phones and dates begin so and are none: with an apostrophe they would be damaged.
_HARMLESS = re.compile(r"[+-]?\d+([.,]\d+)?|\+?\d[\d ()-]+")
#: Types whose text is written by the program, never by a person.
_OWN = frozenset({BaseType.NUMBER, BaseType.FLOAT, BaseType.DATE, BaseType.DATETIME, BaseType.BOOLEAN, BaseType.UUID})


class Delimited:
    """``cut`` is always 0: a cell may be as long as it is."""

    ending = "csv"
    cut = 0

    def __init__(self, path: Path, title: str, columns: Sequence[Column], locale: Locale) -> None:
        self._columns = columns
        self._locale = locale
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";", lineterminator="\r\n")
        self._writer.writerow([guarded(column.name) for column in columns])

    def write(self, rows: Sequence[Row]) -> None:
        columns, cell = self._columns, self._cell
        self._writer.writerows(
            [None if value is None else cell(value, column) for value, column in zip(row, columns, strict=True)]
            for row in rows
        )

    def _cell(self, value: CellValue, column: Column) -> str:
        if isinstance(value, tuple):
            return guarded(joined(text_of(one, column.base, None) for one in value))
        if isinstance(value, str) and column.base in _OWN:
            return plain(value, column.base, self._locale)
        return guarded(text_of(value, column.base, None))

    def close(self) -> None:
        self._file.close()


def plain(value: Value, base: BaseType, locale: Locale) -> str:
    """A typed value as a person writes it, without groups of digits, to the last digit."""
    text = value if isinstance(value, str) else ""
    if base in (BaseType.NUMBER, BaseType.FLOAT):
        return text.replace(".", ",") if locale.language == "ru" else text
    if base is BaseType.BOOLEAN or locale.language == "ru":
        return text_of(text, base, locale)
    return text


def guarded(text: str) -> str:
    """The text, made harmless to a spreadsheet."""
    if text and text[0] in "'=+-@\t\r" and _DANGEROUS.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text
