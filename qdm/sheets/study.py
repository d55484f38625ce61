"""What the values of each column are like: kinds from a sample, blanks and repetitions from the whole sheet."""

import random
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from qdm.sheets.body import Area, body, sample
from qdm.sheets.kinds import Kind, Look, look
from qdm.sheets.reading.cells import ERROR, FORMULA, Cell
from qdm.sheets.reading.facts import SheetFacts
from qdm.sheets.vote import Verdict, decide
from qdm.types.base import Locale

#: Rows whose values are looked at: the first ones and as many at random.
SAMPLE = 2_000
#: A directory has at most this many entries, so more distinct values need not be told apart.
MAX_DISTINCT = 500
_CHUNK = 5_000
#: Kinds whose uniqueness means something; a price without a twin is chance.
NAMING = frozenset({Kind.INT, Kind.CODE, Kind.PHONE, Kind.UUID, Kind.TEXT})
_LONGEST_NAME = 100
#: A tax number, a bar code: nobody keeps a quantity this long as text.
_DIGITS = re.compile(r"[0-9]{9,}")
_CODE = Look(Kind.CODE)


@dataclass(slots=True)
class Study:
    """One column. ``values``: its distinct values while they are all different, None from the first repetition on.

    ``spellings``: key -> first spelling of a text column, None above MAX_DISTINCT; ``longest``: characters.
    """

    verdict: Verdict
    looks: Counter[Look]
    samples: tuple[str, ...] = ()
    filled: int = 0
    blanks: int = 0
    errors: int = 0
    values: set[Hashable] | None = None
    spellings: dict[str, str] | None = field(default_factory=dict)
    longest: int = 0

    @property
    def is_unique(self) -> bool:
        return self.values is not None and self.filled > 0

    @property
    def is_key(self) -> bool:
        """Filled and unique: can name its row."""
        return self.is_unique and not self.blanks and not self.errors


def key_of(cell: Cell) -> str:
    """What two spellings of one name share: case and runs of spaces do not matter; 7.0 is 7."""
    if isinstance(cell, str):
        return " ".join(cell.split()).casefold()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell[1] if isinstance(cell, list) else str(cell)


def study(
    path: Path, first_row: int, facts: SheetFacts, merged: Sequence[Area], locale: Locale, *, is_typed: bool
) -> list[Study]:
    """Study every column of a sheet of the spool.

    ``is_typed``: the file tells numbers from texts, so that a long row of digits kept as text is a code.
    """
    width = facts.width
    columns = _kinds(path, first_row, facts, locale, is_typed)
    for column in columns:
        if column is columns[0] or column.verdict.kind in NAMING or column.verdict.kind is Kind.DATE:
            column.values = set()
        if column.verdict.kind is not Kind.TEXT:
            column.spellings = None
    lines = body(path, first_row, merged)
    while chunk := [row for _number, row in islice(lines, _CHUNK)]:
        for column, cells in zip(columns, _transposed(chunk, width), strict=True):
            _count(column, cells, has_errors=facts.errors > 0)
    return columns


def _kinds(path: Path, first_row: int, facts: SheetFacts, locale: Locale, is_typed: bool) -> list[Study]:
    rows = facts.rows
    count = max(rows - first_row - SAMPLE, 0)
    # the same file is looked at in the same way each time
    chosen = random.Random(rows).sample(range(first_row + SAMPLE, rows), min(SAMPLE, count)) if count else []
    seen = list(sample(path, first_row, frozenset(chosen), SAMPLE))
    columns = []
    for cells in _transposed(seen, facts.width):
        looks: Counter[Look] = Counter()
        texts: Counter[str] = Counter(cell for cell in cells if type(cell) is str)
        for text, times in texts.items():
            looks[_CODE if is_typed and _DIGITS.fullmatch(text) else look(text)] += times
        looks.update(look(cell) for cell in cells if type(cell) is not str)
        shown = tuple(dict.fromkeys(_shown(cell) for cell in cells if cell is not None))[:5]
        columns.append(Study(decide(looks, locale), looks, shown))
    return columns


def _transposed(rows: list[list[Cell]], width: int) -> Iterator[Sequence[Cell]]:
    padded = [row if len(row) == width else row + [None] * (width - len(row)) for row in rows]
    return iter(zip(*padded, strict=True)) if padded else iter([()] * width)


def _count(column: Study, cells: Sequence[Cell], *, has_errors: bool) -> None:
    blanks = cells.count(None)
    before = column.filled
    column.blanks += blanks
    column.filled += len(cells) - blanks
    if has_errors:
        column.errors += sum(type(cell) is list and cell[0] in (ERROR, FORMULA) for cell in cells)
    if column.values is None and column.spellings is None:
        return
    filled = [tuple(cell) if type(cell) is list else cell for cell in cells if cell is not None]
    if column.values is not None:
        column.values.update(filled)
        if len(column.values) != before + len(filled):
            column.values = None
    if column.spellings is not None:
        for cell in dict.fromkeys(filled):
            text = cell if isinstance(cell, str) else _shown(cell)
            column.spellings.setdefault(key_of(text), text)
            column.longest = max(column.longest, len(text))
        if len(column.spellings) > MAX_DISTINCT or column.longest > _LONGEST_NAME:
            column.spellings = None


def _shown(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return (cell[1] if isinstance(cell, (list, tuple)) else str(cell))[:60]
