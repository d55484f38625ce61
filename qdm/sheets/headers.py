"""Where a table begins in its sheet and what its columns are called. Rules: IO.md 1.6."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.sheets.kinds import Kind, look
from qdm.sheets.reading.cells import Cell
from qdm.sheets.reading.facts import SheetFacts

#: Rows among which the header is looked for.
SEARCHED = 30
_MAX_NAME = 100
_FILLED = 0.6
_WORDY = 0.8

Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Header:
    """``first`` and ``last``: header rows from 0, both -1 where the sheet has none; data begins at ``last + 1``.

    ``names``: by column; '' where the header is blank. ``title``: what stands above it.
    """

    first: int
    last: int
    names: tuple[str, ...]
    title: str = ""


def find_header(rows: Rows, facts: SheetFacts, forced: int | None = None) -> Header:
    """Header among the first rows of a sheet. ``forced``: the row the user says it is, -1 for none."""
    head = [list(row) + [None] * (facts.width - len(row)) for row in rows[:SEARCHED]]
    if forced is not None:
        first = forced if forced < len(head) else -1
    else:
        width = _table_width(head, facts)
        rows = [(n, row) for n, row in enumerate(head) if _is_full(row, head[n + 1 :], width)]
        first = next((n for n, row in rows if _is_worded(row, _is_word)), -1)
        if first < 0:  # a column for each year
            first = next((n for n, row in rows if _is_worded(row, _is_word_or_year) and any(map(_is_word, row))), -1)
    if first < 0:
        return Header(-1, -1, ("",) * facts.width)
    last = first + 1 if _has_second_line(first, head, facts) else first
    names = _joined(head, facts, first, last)
    title = " ".join(str(c) for row in head[:first] for c in row if isinstance(c, str))[:200]
    return Header(first, last, names, title)


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """``Sum``, ``Sum`` -> ``Sum``, ``Sum (2)``; a blank name -> ``Column N``. Compared without case."""
    taken: set[str] = set()
    result = []
    for position, given in enumerate(names, start=1):
        name = " ".join(given.split())[:_MAX_NAME].strip() or _("Column %(number)d") % {"number": position}
        unique, number = name, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{name} ({number})"
        taken.add(unique.casefold())
        result.append(unique)
    return tuple(result)


def _table_width(head: Rows, facts: SheetFacts) -> int:
    """Columns that a row of the table fills: the widest of the first rows."""
    return max((sum(c is not None for c in row) for row in head), default=facts.width)


def _is_full(row: Sequence[Cell], below: Rows, width: int) -> bool:
    """60 % of the used width is filled, and there is something below."""
    filled = sum(c is not None for c in row)
    return filled > 0 and filled >= _FILLED * width and any(c is not None for line in below for c in line)


def _is_worded(row: Sequence[Cell], is_word: Callable[[Cell], bool]) -> bool:
    filled = [c for c in row if c is not None]
    return sum(map(is_word, filled)) >= _WORDY * len(filled)


def _is_word(cell: Cell) -> bool:
    return isinstance(cell, str) and look(cell).kind in (Kind.TEXT, Kind.LONG, Kind.BOOL)


def _is_word_or_year(cell: Cell) -> bool:
    return _is_word(cell) or (isinstance(cell, (int, float)) and 1900 <= cell <= 2100) or look(cell).kind is Kind.DATE


def _has_second_line(first: int, head: Rows, facts: SheetFacts) -> bool:
    """Whether groups of the header row, merged across columns, have names of their own below."""
    groups = [area for area in facts.merged if area[0] <= first <= area[2] and area[3] > area[1]]
    if not groups or first + 1 >= len(head):
        return False
    below = [
        cell
        for _top, left, _bottom, right in groups
        for cell in head[first + 1][left : min(right + 1, facts.width)]
        if cell is not None
    ]
    return bool(below) and all(isinstance(c, str) and look(c).kind is Kind.TEXT for c in below)


def _joined(head: Rows, facts: SheetFacts, first: int, last: int) -> tuple[str, ...]:
    covered = _merged_values(head, facts, first, last)
    names = []
    for column in range(facts.width):
        parts: list[str] = []
        for row in range(first, last + 1):
            cell = covered.get((row, column), head[row][column])
            text = "" if cell is None else _text(cell)
            if text and text not in parts:
                parts.append(text)
        names.append(" / ".join(parts))
    return tuple(names)


def _merged_values(head: Rows, facts: SheetFacts, first: int, last: int) -> Mapping[tuple[int, int], Cell]:
    """Value of the top left cell for every header cell under a merged area."""
    values: dict[tuple[int, int], Cell] = {}
    for top, left, bottom, right in facts.merged:
        if top > last or bottom < first or top >= len(head) or left >= facts.width:
            continue
        for row in range(max(top, first), min(bottom, last) + 1):
            for column in range(left, min(right, facts.width - 1) + 1):
                values[row, column] = head[top][left]
    return values


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = cell[1] if isinstance(cell, list) else str(cell)
    return " ".join(text.split())
