"""CSV as Excel opens it: UTF-8 with a mark, separated by semicolons, numbers and dates as a person writes them.

A text that a spreadsheet would take for a formula gets an apostrophe in front, which the import takes away again.
"""

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from qdm.record import CellValue
from qdm.sheets.export.layout import Column, Row, joined, text_of
from qdm.types.base import BaseType, Locale
from qdm.types.text import MASK

#: What begins a formula in some program, after apostrophes of an earlier guard too (IO.md 1.4).
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
#: Numbers, phones and dates begin so and are none: with an apostrophe they would be damaged.
_HARMLESS = re.compile(r"[+-]?\d+([.,]\d+)?|\+?\d[\d ()-]+")


class Delimited:
    """``cut`` is always 0: a cell may be as long as it is."""

    ending = "csv"
    cut = 0

    def __init__(self, path: Path, title: str, columns: Sequence[Column], locale: Locale) -> None:
        self._columns = columns
        self._encoders = [_encoder(column.base, locale) for column in columns]
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";", lineterminator="\r\n")
        self._writer.writerow([guarded(column.name) for column in columns])

    def write(self, rows: Sequence[Row]) -> None:
        columns = list(zip(self._columns, self._encoders, strict=True))
        self._writer.writerows(
            [
                encode(value) if type(value) is str else None if value is None else _unlike(value, column)
                for value, (column, encode) in zip(row, columns, strict=True)
            ]
            for row in rows
        )

    def close(self) -> None:
        self._file.close()


def _unlike(value: CellValue, column: Column) -> str:
    """A link, a text that does not fit, several values."""
    if isinstance(value, tuple):
        return guarded(joined(text_of(one, column.base, None) for one in value))
    return guarded(text_of(value, column.base, None))


def _encoder(base: BaseType, locale: Locale) -> Callable[[str], str]:
    """How the values of a column are written: typed ones as a person does, without groups of digits, to the last."""
    is_russian = locale.language == "ru"
    if base in (BaseType.NUMBER, BaseType.FLOAT):
        return (lambda text: text.replace(".", ",")) if is_russian else str
    if base is BaseType.DATE:
        return (lambda text: f"{text[8:]}.{text[5:7]}.{text[:4]}") if is_russian else str
    if base is BaseType.BOOLEAN or (base is BaseType.DATETIME and is_russian):
        return lambda text: text_of(text, base, locale)
    if base in (BaseType.DATETIME, BaseType.UUID):
        return str
    return (lambda text: MASK) if base is BaseType.PWD else guarded


def guarded(text: str) -> str:
    """The text, made harmless to a spreadsheet."""
    if text and text[0] in "'=+-@\t\r" and _DANGEROUS.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text
