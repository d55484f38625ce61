"""The meaning of rights, once more, in plain Python over single records: nothing here is shared with rbac or qdm.

Written from docs/access.md. Slow and obvious on purpose.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.rbac.world import Agency, Cells

ACTIONS = ("view", "add", "change", "delete", "export", "manage")
IMPLY_VIEW = {"change", "delete", "export"}


@dataclass(frozen=True)
class Given:
    """One grant: to the user himself or one of the groups, on a node, perhaps with a filter text."""

    who: str
    actions: frozenset[str]
    kind: str
    node: int
    rows: str = ""


@dataclass(frozen=True)
class Locked:
    kind: str
    node: int
    lock: str


@dataclass
class Evaluator:
    """What one user may do with one record or cell."""

    agency: Agency
    user: str
    groups: frozenset[str]
    grants: Sequence[Given]
    locks: Sequence[Locked]
    term_of_field: dict[int, int] = field(default_factory=dict)

    def mine(self, kind: str, node: int, action: str) -> list[Given]:
        found = []
        for g in self.grants:
            if g.kind == kind and g.node == node and (g.who == self.user or g.who in self.groups):
                held = set(g.actions)
                if held & IMPLY_VIEW:
                    held.add("view")
                if "manage" in held:
                    held = set(ACTIONS)
                if action in held:
                    found.append(g)
        return found

    def stopped(self, kind: str, node: int, action: str) -> bool:
        for item in self.locks:
            if item.kind == kind and item.node == node:
                if item.lock == "view":
                    return True
                if item.lock == "change" and action in ("change", "delete"):
                    return True
        return False

    def manages(self, term: int) -> bool:
        return bool(self.mine("w", 1, "manage")) or any(not g.rows for g in self.mine("t", term, "manage"))

    def may(self, record: Cells, action: str) -> bool:
        if self.mine("w", 1, "manage"):
            return True
        if record.up != 1:
            parent = self.agency.world.records[record.up]
            if not self.may(parent, "view") or not self.reads(parent, self.agency.interviews):
                return False
        if self.manages(record.term):
            return True
        if self.mine("r", record.id, action):
            return True
        if self.stopped("r", record.id, action):
            return False
        if self.mine("w", 1, action) and not self.stopped("t", record.term, action):
            return True
        return any(not g.rows or self.holds(g.rows, record) for g in self.mine("t", record.term, action))

    def reads(self, record: Cells, requisite: int) -> bool:
        """Whether the cell of a row that is seen may be read."""
        return self.manages(record.term) or self._cell(record, requisite, "view")

    def writes(self, record: Cells, requisite: int) -> bool:
        """Whether the cell of a row that may be changed may be written."""
        if self.manages(record.term):
            return True
        return self.reads(record, requisite) and self._cell(record, requisite, "change")

    def _cell(self, record: Cells, requisite: int, action: str) -> bool:
        if not self.stopped("f", requisite, action):
            return True
        return any(not g.rows or self.holds(g.rows, record) for g in self.mine("f", requisite, action))

    def holds(self, rows: str, record: Cells) -> bool:
        return FILTERS[rows](self, record)

    # What the filters ask; they read every cell, seen or not

    def text(self, record: Cells, requisite: int) -> str:
        return record.cells.get(requisite, "").lower()

    def number(self, record: Cells, requisite: int) -> float | None:
        value = record.cells.get(requisite)
        return None if value is None else float(value)

    def department(self, record: Cells) -> Cells | None:
        value = record.cells.get(self.agency.in_department)
        return None if value is None else self.agency.world.records[int(value)]


def _above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


FILTERS: dict[str, Callable[[Evaluator, Cells], bool]] = {
    "Рекрутёр = @me": lambda e, r: e.text(r, e.agency.recruiter) == e.user,
    "Рекрутёр != @me": lambda e, r: e.text(r, e.agency.recruiter) != e.user,
    "Статус = hired": lambda e, r: e.text(r, e.agency.status) == "hired",
    "Зарплата > 120": lambda e, r: _above(e.number(r, e.agency.salary), 120),
    "not Зарплата > 120": lambda e, r: not _above(e.number(r, e.agency.salary), 120),
    "Подразделение in @groups": lambda e, r: (
        (d := e.department(r)) is not None and d.val.lower() in {g.lower() for g in e.groups}
    ),
    "Подразделение is empty": lambda e, r: e.department(r) is None,
    "Подразделение.Бюджет > 15": lambda e, r: (
        (d := e.department(r)) is not None and _above(e.number(d, e.agency.budget), 15)
    ),
    "Бюджет > 15": lambda e, r: _above(e.number(r, e.agency.budget), 15),
    "Оценка = 1": lambda e, r: e.number(r, e.agency.mark) == 1,
}
OF_CANDIDATE = [text for text in FILTERS if text not in ("Бюджет > 15", "Оценка = 1")]
OF_DEPARTMENT = ["Бюджет > 15"]
OF_INTERVIEW = ["Оценка = 1"]
