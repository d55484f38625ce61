"""Cells go back to what they held before a batch."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Conflict, Forbidden
from qdm.managers import nodes, statements
from qdm.managers.nodes import Node
from qdm.schema import Requisite, Term
from qdm.selectors import permissions, structure
from qdm.services.cell_edits import edits, held, standing
from qdm.services.cells import Stored
from qdm.sql import statement

#: (Record, key) -> what went and what came, over all statements of the batch. Key: requisite id, or 'val'.
Ledger = dict[tuple[int, str], tuple[list[str], list[str]]]
#: Records put back at once: what a batch of any size asks of the memory.
AT_ONCE = 2_000


def undo(batch_id: int, *, access: Access, force: bool, tell: Callable[[int], None], but: Collection[int] = ()) -> int:
    """Number of cells put back, ``but`` of these columns. Raises Conflict where a cell no longer holds what the batch
    left there, Forbidden."""
    ws = access.schema.pg_schema
    records = [row[0] for row in statements.rows(statement("batch_edited", ws=ws), {"id": batch_id})]
    whole = structure.schema(access.workspace)
    number = 0
    for at in range(0, len(records), AT_ONCE):
        for term_id, ledger in _ledgers(batch_id, records[at : at + AT_ONCE], access, but).items():
            if ledger and term_id in whole.terms:
                number += _undo(whole.terms[term_id], ledger, access, force)
        tell(len(records[at : at + AT_ONCE]))
    return number


def _ledgers(batch_id: int, records: list[int], access: Access, but: Collection[int]) -> dict[int, Ledger]:
    """What the batch did to these records, by term; what came and went within it is left out."""
    by_term: dict[int, Ledger] = defaultdict(dict)
    parameters = {"id": batch_id, "records": records}
    for record_id, term_id, *sides in statements.rows(statement("batch_edits", ws=access.schema.pg_schema), parameters):
        before, after = (statements.document(side) or {} for side in sides)
        for key in {*before, *after} - {"up"} - set(map(str, but)):
            gone, come = by_term[term_id].setdefault((record_id, key), ([], []))
            gone += before.get(key, [])
            come += after.get(key, [])
    return {term_id: _net(ledger) for term_id, ledger in by_term.items()}


def _net(ledger: Ledger) -> Ledger:
    found: Ledger = {}
    for cell, (gone, come) in ledger.items():
        lost, won = Counter(gone), Counter(come)
        if lost != won:
            found[cell] = list((lost - won).elements()), list((won - lost).elements())
    return found


def _undo(term: Term, ledger: Ledger, access: Access, force: bool) -> int:
    ws = access.schema.pg_schema
    records = sorted({record_id for record_id, _key in ledger})
    there = nodes.lock(ws, records)
    live = sorted(nodes.versions(ws, term.table, records))
    if len(live) < len(records) and not force:
        raise Conflict(_("Rows of it have been deleted since. Restore them first."))
    _may_change(term, live, ledger, access)
    cells = standing(ws, term, live, term.by_id)
    wanted: dict[int, dict[int, Stored]] = defaultdict(dict)
    main: list[Node] = []
    alive = set(live)
    for (record_id, key), (gone, come) in ledger.items():
        if record_id not in alive:
            continue
        if key == "val":
            node = there[record_id]
            if node.val != come[-1] and not force:
                raise _changed()
            main.append(Node(node.id, node.up, node.t, gone[0]))
            continue
        requisite = term.by_id.get(int(key))
        if requisite is None or requisite.is_subtable:
            continue
        now = [str(item) for item in held(requisite, cells[record_id, requisite.id])]
        if not force and not _stands(requisite, now, come):
            raise _changed()
        back = [*(Counter(now) - Counter(come)).elements(), *gone] if requisite.multiple else gone
        wanted[record_id][requisite.id] = tuple(int(item) if requisite.is_reference else item for item in back)
    changes = edits(ws, term, wanted)
    changes.update += main
    changes.write(ws)
    return len(main) + sum(len(found) for found in wanted.values())


def _stands(requisite: Requisite, now: Sequence[str], come: Sequence[str]) -> bool:
    """Whether what came is still there; in a cell of one value, nothing else."""
    return Counter(come) <= Counter(now) if requisite.multiple else list(now) == list(come)


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
