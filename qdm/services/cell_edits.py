"""What cells are to hold -> the node rows that make them hold it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qdm.access import Access, Action
from qdm.managers import nodes
from qdm.managers.nodes import Asked, Node
from qdm.query.ast import EVERYTHING
from qdm.schema import Requisite, Term
from qdm.selectors import labels
from qdm.services.cells import Stored

#: Record id -> requisite id -> what the cell is to hold.
Wanted = Mapping[int, Mapping[int, Stored]]


@dataclass(slots=True)
class Edits:
    """Cells to insert (up, t, val), nodes to update, ids of nodes to delete."""

    insert: list[tuple[int, int, str]] = field(default_factory=list)
    update: list[Node] = field(default_factory=list)
    delete: list[int] = field(default_factory=list)

    def write(self, ws: str) -> None:
        nodes.delete(ws, self.delete)
        nodes.update(ws, self.update)
        ids = nodes.reserve(ws, len(self.insert))
        nodes.insert(ws, [Node(node_id, *cell) for node_id, cell in zip(ids, self.insert, strict=True)])


def asked(term: Term, columns: Collection[int]) -> Asked:
    """What to read of these columns, at least. ``term``: the whole one, unseen columns too."""
    return Asked(
        plain=[r.id for r in term.cells if not r.is_reference and r.id in columns],
        links=[r.id for r in term.cells if r.is_reference and r.id in columns],
        subtables=[r.type_id for r in term.requisites if r.is_subtable],
    )


def standing(ws: str, term: Term, records: list[int], columns: Collection[int]) -> dict[tuple[int, int], list[Node]]:
    """(Record, requisite) -> the nodes of the cell, oldest first, of these columns at least. ``term``: the whole one,
    unseen columns too."""
    return _by_cell(term, nodes.cells(ws, records, asked(term, columns)))


def _by_cell(term: Term, cells: Iterable[Node]) -> dict[tuple[int, int], list[Node]]:
    found: dict[tuple[int, int], list[Node]] = defaultdict(list)
    references = {str(r.id): r.id for r in term.cells if r.is_reference}
    for node in cells:
        requisite_id = node.t if node.t in term.by_id else references.get(node.val or "")
        if requisite_id is not None:
            found[node.up, requisite_id].append(node)
    return found


def edits(
    ws: str, term: Term, wanted: Wanted, *, cells: Sequence[Node] | None = None, access: Access | None = None
) -> Edits:
    """The changes that make the cells of the locked records hold what is wanted; those that do are left alone.

    ``cells``: of these records and columns, where they have been read behind the locks.

    With an ``access``, what it does not see of a cell of several links stays in it: nobody takes out what he is not
    shown.
    """
    found = Edits()
    if cells is None:
        records = [record_id for record_id, columns in wanted.items() if columns]
        there = standing(ws, term, records, {column for columns in wanted.values() for column in columns})
    else:
        there = _by_cell(term, cells)
    unseen = _unseen(term, there, access) if access is not None else frozenset()
    for record_id, columns in wanted.items():
        for requisite_id, stored in columns.items():
            requisite = term.by_id[requisite_id]
            old = there[record_id, requisite_id]
            stored = (*stored, *(n.t for n in old if n.t in unseen and n.t not in stored))
            if held(requisite, old) == stored:
                continue
            new = [cell(requisite, item) for item in stored]
            found.update += [
                Node(n.id, record_id, t, val) for n, (t, val) in zip(old, new, strict=False) if (n.t, n.val) != (t, val)
            ]
            found.delete += [n.id for n in old[len(new) :]]
            found.insert += [(record_id, t, val) for t, val in new[len(old) :]]
    return found


def _unseen(term: Term, there: Mapping[tuple[int, int], list[Node]], access: Access) -> frozenset[int]:
    """The records that cells of several links lead to and the actor does not see."""
    targets: dict[int, set[int]] = defaultdict(set)
    for (_record_id, requisite_id), found in there.items():
        requisite = term.by_id[requisite_id]
        if requisite.target is not None and requisite.multiple:
            targets[requisite.target].update(n.t for n in found)
    unseen: set[int] = set()
    for target, ids in targets.items():
        if access.rows(target, Action.VIEW) != EVERYTHING:
            seen = labels.seen(access.schema.terms[target], ids, access=access) if target in access.schema.terms else ()
            unseen |= ids.difference(seen)
    return frozenset(unseen)


def cell(requisite: Requisite, item: str | int) -> tuple[int, str]:
    """t and val of the node of one stored value: swapped for a reference."""
    return (int(item), str(requisite.id)) if requisite.is_reference else (requisite.id, str(item))


def held(requisite: Requisite, found: list[Node]) -> Stored:
    """What the nodes of a cell hold."""
    return tuple(n.t if requisite.is_reference else n.val or "" for n in found)
