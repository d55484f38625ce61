"""What reading gives back: records and their cells, as frozen values in canonical text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Link:
    """A reference to a record: its id and its label (main value). Both None: the target may not be seen."""

    id: int | None
    label: str | None

    @property
    def hidden(self) -> bool:
        return self.id is None


#: A reference to a record one may not see: no id, no label.
HIDDEN_LINK: Final = Link(None, None)


@dataclass(frozen=True, slots=True)
class Bad:
    """A stored text that does not fit the column's type."""

    text: str


#: One value of a cell: canonical text, a link, or text that does not fit.
Value = str | Link | Bad
#: A MULTIPLE cell is a tuple of values.
CellValue = Value | tuple[Value, ...]


@dataclass(slots=True)  # as good as frozen: a page makes a hundred, and making frozen ones takes twice as long
class Record:
    """One row of a term as one actor sees it.

    ``val`` is the main value in canonical text, '' for none; ``bad_val`` whether it does not fit the term's base type.
    ``cells`` maps requisite id to value; empty and unreadable cells are absent. ``up`` is the parent record, 1 for
    none; ``version`` the stamp of the last change.
    """

    id: int
    term_id: int
    up: int
    val: str
    version: int
    cells: Mapping[int, CellValue] = field(default_factory=dict)
    bad_val: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records in order, and the cursors of the pages beside it (None: there is none)."""

    records: tuple[Record, ...]
    next: str | None = None
    previous: str | None = None


class CountKind(StrEnum):
    EXACT = "exact"
    CAPPED = "capped"  #: there are at least so many
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Count:
    value: int
    kind: CountKind = CountKind.EXACT


@dataclass(frozen=True, slots=True)
class Option:
    """A record that may be picked for a reference."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Records that agree in the grouping fields: those values (None: empty), how many, and the aggregates asked for."""

    values: tuple[Value | None, ...]
    count: int
    totals: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """Number of records, and the aggregates asked for, in canonical text (None where there is nothing to aggregate)."""

    count: int
    totals: tuple[str | None, ...] = ()
