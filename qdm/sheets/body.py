"""The data rows of one sheet, below its header, with merged cells repeated downwards."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import orjson

from qdm.sheets.reading.cells import Cell
from qdm.sheets.reading.spool import read_rows

Area = tuple[int, int, int, int]


def downward(merged: Iterable[Area], first_row: int) -> tuple[Area, ...]:
    """The merged areas of the data that span rows: the value belongs to each of them, but stands in the first only."""
    return tuple(area for area in merged if area[0] >= first_row and area[2] > area[0])


def body(path: Path, first_row: int, merged: Sequence[Area] = ()) -> Iterator[tuple[int, list[Cell]]]:
    """(row number in the sheet, from 0, and cells) of each row that is not blank; rows end at their last cell."""
    rows = enumerate(islice(read_rows(path), first_row, None), start=first_row)
    if not merged:
        yield from ((number, row) for number, row in rows if row)
        return
    starts: dict[int, list[Area]] = defaultdict(list)
    for area in merged:
        starts[area[0]].append(area)
    active: list[tuple[Area, Cell]] = []
    for number, row in rows:
        active = [(area, value) for area, value in active if area[2] >= number]
        for (_top, column, _bottom, _right), value in active:
            if column >= len(row):
                row.extend([None] * (column + 1 - len(row)))
            if row[column] is None:
                row[column] = value
        for area in starts.get(number, ()):
            if area[1] < len(row) and row[area[1]] is not None:
                active.append((area, row[area[1]]))
        if row:
            yield number, row


def rows_at(
    path: Path, first_row: int, merged: Sequence[Area], wanted: Collection[int]
) -> Iterator[tuple[int, list[Cell]]]:
    """Those of ``body`` with these numbers, without decoding the rest where nothing is merged."""
    if merged:
        yield from ((number, row) for number, row in body(path, first_row, merged) if number in wanted)
        return
    with path.open("rb", buffering=1 << 18) as lines:
        yield from ((number, orjson.loads(line)) for number, line in enumerate(lines) if number in wanted)


def sample(path: Path, first_row: int, wanted: frozenset[int], head: int) -> Iterator[list[Cell]]:
    """The first ``head`` data rows and the ``wanted`` ones, without decoding the rest."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            if number >= first_row and (number < first_row + head or number in wanted):
                yield orjson.loads(line)
