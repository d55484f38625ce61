"""The spool: one file per sheet, one JSON array a row, row n of the sheet on line n."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

import orjson

from qdm.sheets.reading import limits
from qdm.sheets.reading.cells import Cell, Special, encode
from qdm.sheets.reading.facts import SheetFacts
from qdm.sheets.reading.failure import ReadFailure, Reason

_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATETIME


def spool_path(folder: Path, index: int) -> Path:
    return folder / f"{index}.rows"


def write_sheet(
    path: Path, rows: Iterable[list[object]], facts: SheetFacts, progress: Callable[[int], None], max_rows: int
) -> None:
    """Write the rows, fill in ``rows``, ``width``, ``cells``, ``errors``; blanks at the end of rows and sheet are cut.

    ``progress`` gets the number of rows since its last call. Raises ReadFailure for more than ``max_rows`` rows or
    MAX_COLUMNS columns.
    """
    blank_lines = 0
    reported = 0

    def plain(value: object) -> object:
        if type(value) is Special:
            facts.errors += 1
        return encode(value)

    with path.open("wb") as out:
        for number, row in enumerate(rows, start=1):
            if number - reported >= limits.PROGRESS_ROWS:
                progress(number - reported)
                reported = number
            filled = len(row)
            if None in row or "" in row:
                filled = _blank(row)
            if not filled:
                blank_lines += 1
                continue
            if number > max_rows or len(row) > limits.MAX_COLUMNS:
                raise _too_big(facts, number, len(row), max_rows)
            if blank_lines:
                out.write(b"[]\n" * blank_lines)
                blank_lines = 0
            try:
                out.write(orjson.dumps(row, plain, _OPTIONS))
            except TypeError:
                out.write(orjson.dumps([_writable(cell) for cell in row], plain, _OPTIONS))
            facts.rows = number
            facts.width = max(facts.width, len(row))
            facts.cells += filled
    progress(facts.rows - min(reported, facts.rows))


def _blank(row: list[object]) -> int:
    """Make empty text None, cut the tail, return the number of cells that hold something."""
    filled = last = 0
    for position, cell in enumerate(row, start=1):
        if cell == "":
            row[position - 1] = None
        elif cell is not None:
            filled += 1
            last = position
    del row[last:]
    return filled


def _writable(cell: object) -> object:
    """JSON has no lone surrogates, no integers beyond 64 bits."""
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode()
    if type(cell) is int and not -(2**63) <= cell < 2**63:
        return str(cell)
    return cell


def _too_big(facts: SheetFacts, rows: int, columns: int, max_rows: int) -> ReadFailure:
    if columns > limits.MAX_COLUMNS:
        return ReadFailure(Reason.TOO_WIDE, facts.name)
    return ReadFailure(Reason.TOO_LONG, f"{facts.name}: {rows} > {max_rows}")


def read_rows(path: Path) -> Iterator[list[Cell]]:
    """The rows of a sheet; a blank row is an empty list."""
    with contextlib.closing(path.open("rb", buffering=1 << 18)) as lines:
        for line in lines:
            yield cast("list[Cell]", orjson.loads(line))
