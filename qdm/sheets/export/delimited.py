"""CSV as Excel opens it: UTF-8 with a mark, separated by semicolons, numbers and dates as a person writes them.

A text that a spreadsheet would take for a formula gets an apostrophe in front, which the import takes away again.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

from qdm.record import CellValue, Link
from qdm.sheets.export.layout import Column, Row, joined, text_of
from qdm.types.base import BaseType, Locale
from qdm.types.files import HOLDERS, name_of
from qdm.types.text import MASK

#: What begins a formula in some program, after apostrophes of an earlier guard too (IO.md 1.4).
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_SUSPECT = frozenset("'=+-@\t\r")
#: Numbers, phones and dates begin so and are none: with an apostrophe they would be damaged.
_HARMLESS = re.compile(r"[+-]?\d+([.,]\d+)?|\+?\d[\d ()-]+")
#: Those of one column.
Cells = Sequence[CellValue | None]


class Delimited:
    """``cut`` is always 0: a cell may be as long as it is."""

    ending = "csv"
    cut = 0

    def __init__(self, path: Path, title: str, columns: Sequence[Column], locale: Locale) -> None:
        self._encoders = [_encoder(column, locale) for column in columns]
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";", lineterminator="\r\n")
        self._writer.writerow([guarded(column.name) for column in columns])

    def write(self, rows: Sequence[Row]) -> None:
        """Column by column, which is twice as quick as cell by cell."""
        columns = [encode(cells) for encode, cells in zip(self._encoders, zip(*rows, strict=True), strict=bool(rows))]
        self._writer.writerows(zip(*columns, strict=True))

    def close(self) -> None:
        self._file.close()


def _unlike(value: CellValue, column: Column) -> str:
    """A link, a text that does not fit, several values."""
    if isinstance(value, tuple):
        return guarded(joined(text_of(one, column.base, None) for one in value))
    return guarded(text_of(value, column.base, None))


def _encoder(column: Column, locale: Locale) -> Callable[[Cells], Sequence[str | None]]:
    """How the cells of a column are written."""
    one = _text_encoder(column.base, locale)
    many = _QUICK.get(one)

    def encode(cells: Cells) -> Sequence[str | None]:
        kinds = set(map(type, cells))
        if kinds == {str}:
            texts = cast("Sequence[str]", cells)
            return [one(text) for text in texts] if many is None else many(texts)
        if kinds == {Link}:
            return _all_guarded([link.label or "" for link in cast("Sequence[Link]", cells)])
        return [
            one(value) if type(value) is str else None if value is None else _unlike(value, column) for value in cells
        ]

    return encode


def _text_encoder(base: BaseType, locale: Locale) -> Callable[[str], str]:
    """Typed values are written as a person does, without groups of digits, to the last."""
    is_russian = locale.language == "ru"
    if base in (BaseType.NUMBER, BaseType.FLOAT):
        return _with_comma if is_russian else str
    if base is BaseType.DATE:
        return (lambda text: f"{text[8:]}.{text[5:7]}.{text[:4]}") if is_russian else str
    if base is BaseType.BOOLEAN:
        return lru_cache(2)(lambda text: text_of(text, base, locale))
    if base is BaseType.DATETIME and is_russian:
        return lambda text: _moment(text) if text[10:11] == "T" else text_of(text, base, locale)
    if base in (BaseType.DATETIME, BaseType.UUID):
        return str
    if base in HOLDERS:
        return lambda text: guarded(name_of(text))
    return (lambda text: MASK) if base is BaseType.PWD else guarded


def _with_comma(text: str) -> str:
    return text.replace(".", ",")


def _moment(text: str) -> str:
    """``31.12.2025 13:45``; seconds where there are any."""
    clock = text[11:16] if text.endswith(":00") and len(text) == 19 else text[11:]
    return f"{text[8:10]}.{text[5:7]}.{text[:4]} {clock}"


def _all_guarded(texts: Sequence[str]) -> Sequence[str]:
    return texts if {text[:1] for text in texts}.isdisjoint(_SUSPECT) else [guarded(text) for text in texts]


def guarded(text: str) -> str:
    """The text, made harmless to a spreadsheet."""
    if text[:1] in _SUSPECT and _DANGEROUS.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


#: The same for many texts at once. Canonical numbers hold no line breaks.
_QUICK: Mapping[Callable[[str], str], Callable[[Sequence[str]], Sequence[str]]] = {
    _with_comma: lambda texts: "\n".join(texts).replace(".", ",").split("\n"),
    str: lambda texts: texts,
    guarded: _all_guarded,
}
