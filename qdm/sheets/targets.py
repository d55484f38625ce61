"""From what a cell says to the record it means: the keys of one link target."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from qdm.sheets.reading.cells import Cell
from qdm.sheets.study import key_of

#: Entries of which other spellings are remembered.
MOST_SPELLINGS = 200


@dataclass(slots=True)
class Target:
    """Records of one term by key. ``term``: its id; ``can_grow``: an unknown name becomes a new record of it.

    ``grown``: ids and names of records made so; ``spellings``: entry -> other spellings that were taken for it;
    ``exact``: cells whose record is known already.
    """

    term: int
    can_grow: bool
    records: dict[str, int] = field(default_factory=dict)
    ambiguous: set[str] = field(default_factory=set)
    grown: dict[int, str] = field(default_factory=dict)
    spellings: dict[str, set[str]] = field(default_factory=dict)
    exact: dict[str, int] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def know(self, entries: Iterable[tuple[Cell, int]]) -> None:
        """Records that are there or will be: what names each, and its id. A name of several is ambiguous."""
        for cell, record in entries:
            key = key_of(cell)
            if self.records.setdefault(key, record) != record:
                self.ambiguous.add(key)
            if isinstance(cell, str):
                self._names.setdefault(key, cell)

    def find(self, cell: Cell, text: str, next_id: Callable[[], int]) -> int | None:
        """Record the cell means, None where no single one does. An unknown name may become one, with a new id."""
        key = key_of(cell)
        if not key or key in self.ambiguous:
            return None
        record = self.records.get(key)
        if record is None:
            if not self.can_grow:
                return None
            record = self.records[key] = next_id()
            self._names[key] = text
            self.grown[record] = text
        elif (name := self._names.get(key, text)) != text and len(self.spellings) < MOST_SPELLINGS:
            self.spellings.setdefault(name, set()).add(text)
        if type(cell) is str:
            self.exact[cell] = record
        return record
