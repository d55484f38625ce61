"""Checked writes become node rows: one statement, whatever their number."""

from collections import defaultdict

from qdm.managers import nodes
from qdm.managers.nodes import Node
from qdm.services.cell_edits import Edits, cell, edits
from qdm.services.cells import Parsed
from qdm.services.checks import Checks
from qdm.services.writes import Create, Delete, Update


class ChangeSet:
    """Collects writes by their place in the batch (``add``), then makes them (``write``)."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._term = checks.term
        self._creates: list[int] = []
        self._updates: list[int] = []
        self._deletes: list[int] = []
        self._record_ids: dict[int, int] = {}
        self.requisites_of_created: dict[int, list[int]] = defaultdict(list)

    def add(self, at: int) -> None:
        match self._checks.writes[at]:
            case Create():
                self._creates.append(at)
            case Update():
                self._updates.append(at)
            case Delete():
                self._deletes.append(at)

    @property
    def created(self) -> list[int]:
        return [self._record_ids[at] for at in self._creates]

    @property
    def updated(self) -> list[int]:
        return [self.record_of(at) for at in self._updates]

    def record_of(self, at: int) -> int:
        write = self._checks.writes[at]
        return self._record_ids[at] if isinstance(write, Create) else write.id

    def write(self) -> dict[int, int]:
        """Make the changes; versions of the records as they are then. Cells that hold what they are to hold are left
        alone."""
        changes = self._edits()
        rows = []
        for at in self._creates:
            write, val = self._checks.writes[at], self._checks.parsed[at].val
            assert isinstance(write, Create)
            rows.append((write.up, self._term.id, val or ""))
        rows += changes.insert
        for place, at in enumerate(self._creates, 1):
            rows += [(-place, t, text) for t, text in self._cells(at)]
        gone = {i for at in self._deletes for i in self._checks.deleted[at]}
        asked = nodes.Changes(changes.delete, changes.update, rows, sorted(gone))
        made, versions = nodes.write(self._checks.ws, self._checks.table_now(), asked, self.updated)
        self._record_ids = dict(zip(self._creates, made, strict=False))
        for at, record_id in self._record_ids.items():
            for requisite_id, stored in self._checks.parsed[at].cells.items():
                if stored:
                    self.requisites_of_created[requisite_id].append(record_id)
        return versions

    def _cells(self, at: int) -> list[tuple[int, str]]:
        """The cells, t and val, of a new record."""
        wanted = {**self._checks.defaults, **self._checks.parsed[at].cells}
        columns = self._checks.whole_term.by_id if self._checks.defaults else self._term.by_id
        return [cell(columns[i], item) for i, stored in wanted.items() for item in stored]

    def _edits(self) -> Edits:
        wanted = {self.record_of(at): parsed for at, parsed in self._last_of_each().items()}
        cells = {record_id: parsed.cells for record_id, parsed in wanted.items()}
        found = edits(
            self._checks.ws, self._checks.whole_term, cells, cells=self._checks.cells, access=self._checks.access
        )
        for record_id, parsed in wanted.items():
            node = self._checks.nodes[record_id]
            if parsed.val is not None and parsed.val != node.val:
                found.update.append(Node(record_id, node.up, node.t, parsed.val))
        return found

    def _last_of_each(self) -> dict[int, Parsed]:
        """One set of values a record: where a batch writes a cell twice, the last one counts."""
        merged: dict[int, tuple[int, Parsed]] = {}
        for at in self._updates:
            parsed = self._checks.parsed[at]
            record_id = self.record_of(at)
            if record_id in merged:
                first, before = merged[record_id]
                val = before.val if parsed.val is None else parsed.val
                merged[record_id] = (first, Parsed(val, {**before.cells, **parsed.cells}, {}))
            else:
                merged[record_id] = (at, parsed)
        return dict(merged.values())
