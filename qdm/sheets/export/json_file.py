"""JSON: a list of objects, a row a line. Numbers as numbers with all their digits, links as id and label."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from qdm.record import Bad, CellValue, Link, Value
from qdm.sheets.export.layout import Column, Row, text_of
from qdm.types.base import BaseType, Locale


class JsonFile:
    """Empty cells are null. ``cut`` is always 0."""

    ending = "json"
    cut = 0

    def __init__(self, path: Path, title: str, columns: Sequence[Column], locale: Locale) -> None:
        self._columns = columns
        self._file = path.open("wb")
        self._before = b"["

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            cells = zip(self._columns, row, strict=True)
            line = orjson.dumps({column.name: _cell(value, column) for column, value in cells})
            self._file.write(self._before + b"\n" + line)
            self._before = b","

    def close(self) -> None:
        self._file.write((b"[" if self._before == b"[" else b"") + b"\n]\n")
        self._file.close()


def _cell(value: CellValue | None, column: Column) -> Any:
    if isinstance(value, tuple):
        return [_value(one, column) for one in value]
    return None if value is None else _value(value, column)


def _value(value: Value, column: Column) -> Any:
    if isinstance(value, Link):
        return None if value.hidden else {"id": value.id, "label": value.label}
    if isinstance(value, Bad):
        return {"bad": value.text}
    if column.base in (BaseType.NUMBER, BaseType.FLOAT):
        return orjson.Fragment(value)
    if column.base is BaseType.BOOLEAN:
        return value == "1"
    return text_of(value, column.base, None)
