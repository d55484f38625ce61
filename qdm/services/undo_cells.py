"""Cells go back to what they held before a batch."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Conflict, Forbidden
from qdm.managers import nodes, statements
from qdm.managers.nodes import Node
from qdm.schema import Term
from qdm.selectors import permissions, structure
from qdm.services.cell_edits import edits, held, standing
from qdm.services.cells import Stored
from qdm.sql import statement

#: (Record, key) -> what went and what came, over all statements of the batch. Key: requisite id, or 'val'.
Ledger = dict[tuple[int, str], tuple[list[str], list[str]]]


def undo(batch_id: int, *, access: Access, force: bool) -> int:
    """Number of cells put back. Raises Conflict where a cell no longer holds what the batch left there, Forbidden."""
    by_term: dict[int, Ledger] = defaultdict(dict)
    rows = statements.rows(statement("batch_edits", ws=access.schema.pg_schema), {"id": batch_id})
    for record_id, term_id, *sides in rows:
        ledger = by_term[term_id]
        before, after = (statements.document(side) or {} for side in sides)
        for key in {*before, *after} - {"up"}:
            gone, come = ledger.setdefault((record_id, key), ([], []))
            gone += before.get(key, [])
            come += after.get(key, [])
    return sum(_undo(term_id, ledger, access, force) for term_id, ledger in by_term.items())


def _undo(term_id: int, ledger: Ledger, access: Access, force: bool) -> int:
    ws = access.schema.pg_schema
    term = structure.schema(access.workspace).terms.get(term_id)
    if term is None:
        return 0
    records = sorted({record_id for record_id, _key in ledger})
    locked = {i: node for i, node in nodes.lock(ws, records).items() if node.up > 0}
    if len(locked) < len(records) and not force:
        raise Conflict(_("Rows of it have been deleted since. Restore them first."))
    _may_change(term, sorted(locked), ledger, access)
    there = standing(ws, term, sorted(locked))
    wanted: dict[int, dict[int, Stored]] = defaultdict(dict)
    main: list[Node] = []
    for (record_id, key), (gone, come) in ledger.items():
        node = locked.get(record_id)
        if node is None:
            continue
        if key == "val":
            if node.val != come[-1] and not force:
                raise _changed()
            main.append(Node(node.id, node.up, node.t, gone[0]))
            continue
        requisite = term.by_id.get(int(key))
        if requisite is None or requisite.is_subtable:
            continue
        now = [str(item) for item in held(requisite, there[record_id, requisite.id])]
        back = _back(now, gone, come)
        if back is None:
            if not force:
                raise _changed()
            back = gone
        wanted[record_id][requisite.id] = tuple(int(item) if requisite.is_reference else item for item in back)
    changes = edits(ws, term, wanted)
    changes.update += main
    changes.write(ws)
    return len(main) + sum(len(cells) for cells in wanted.values())


def _back(now: Sequence[str], gone: Sequence[str], come: Sequence[str]) -> list[str] | None:
    """What the cell held: what came taken out, what went put in. None where what came is not there any more."""
    left = list(now)
    net_gone, net_come = list(gone), list(come)
    for item in gone:  # what came and went within the batch is neither
        if item in net_come:
            net_come.remove(item)
            net_gone.remove(item)
    for item in net_come:
        if item not in left:
            return None
        left.remove(item)
    return left + net_gone


def _changed() -> Conflict:
    return Conflict(_("Cells of it have been changed since. Undo those changes first."))


def _may_change(term: Term, records: list[int], ledger: Ledger, access: Access) -> None:
    keys = {int(key) for _record, key in ledger if key != "val"}
    requisites = [r for r in term.cells if r.id in keys]
    if any(r.id not in access.schema.requisites for r in requisites):
        raise Forbidden
    may = permissions.of_records(term.id, records, Action.CHANGE, requisites, access=access)
    for record_id in records:
        permission = may.get(record_id)
        if permission is None or not permission.allowed:
            raise Forbidden
    if any(int(key) in may[record_id].denied for record_id, key in ledger if key != "val" and record_id in may):
        raise Forbidden
