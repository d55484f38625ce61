"""From what a cell says to the record it means: the keys of one link target."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from qdm.sheets.reading.cells import Cell
from qdm.sheets.study import key_of

#: Texts that were found to mean an entry spelled otherwise: entry -> the other spellings, so many at most.
MOST_SPELLINGS = 200


@dataclass(slots=True)
class Target:
    """Records of one term by key. ``term``: its id; ``can_grow``: an unknown name becomes a new record of it.

    ``grown``: names of records made so; ``spellings``: entry -> other spellings that were taken for it.
    """

    term: int
    can_grow: bool
    records: dict[str, int] = field(default_factory=dict)
    ambiguous: set[str] = field(default_factory=set)
    grown: list[str] = field(default_factory=list)
    spellings: dict[str, set[str]] = field(default_factory=dict)
    _exact: dict[Cell, int] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def know(self, entries: Iterable[tuple[Cell, int]]) -> None:
        """Records that are there or will be: what names each, and its id. A name of several is ambiguous."""
        for cell, record in entries:
            key = key_of(cell)
            if self.records.setdefault(key, record) != record:
                self.ambiguous.add(key)
            if isinstance(cell, str):
                self._names.setdefault(key, cell)

    def find(self, cell: Cell, text: str, make: Callable[[int, str], int]) -> int | None:
        """Record the cell means, None where no single one does. ``make(term, text)`` makes a record, gives its id."""
        hashable = cell if type(cell) is not list else cell[1]
        record = self._exact.get(hashable)
        if record is not None:
            return record
        key = key_of(cell)
        if not key or key in self.ambiguous:
            return None
        record = self.records.get(key)
        if record is None:
            if not self.can_grow:
                return None
            record = self.records[key] = make(self.term, text)
            self._names[key] = text
            self.grown.append(text)
        elif (name := self._names.get(key, text)) != text and len(self.spellings) < MOST_SPELLINGS:
            self.spellings.setdefault(name, set()).add(text)
        self._exact[hashable] = record
        return record
