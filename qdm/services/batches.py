"""Take a batch back: everything one act wrote, in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qdm.access import Access, Action
from qdm.errors import Conflict, Forbidden, HasDependents, NotFound
from qdm.managers import nodes, statements
from qdm.models import FormRun, ImportJob
from qdm.selectors import permissions, reverts
from qdm.services import shadowed, undo_cells, undo_structure
from qdm.services.shadowed import Shapes
from qdm.services.transaction import batch, lock_structure
from qdm.sql import statement


@dataclass(frozen=True, slots=True)
class Undone:
    """Id of the batch that took the other back, and how many rows went, came back and changed."""

    batch: int
    removed: int
    restored: int
    changed: int


def reshapes(batch_id: int, *, access: Access) -> Shapes:
    """What undoing the batch makes of columns that stand; nothing where one may not do it."""
    if not access.can(Action.MANAGE):
        return {}
    return undo_structure.shapes(_structural(batch_id, access), access=access)


def make_ready(batch_id: int, *, access: Access, tell: Callable[[int], None] = lambda rows: None) -> Shapes:
    """Large tables whose columns undo gives another shape, made anew beside; outside of a transaction only. What undo
    does not take is to be dropped. Raises what ``tell`` raises, NotUnique, Conflict."""
    return shadowed.make(reshapes(batch_id, access=access), access=access, beat=tell)


def _structural(batch_id: int, access: Access) -> list[undo_structure.Written]:
    rows = statements.rows(statement("batch_structure", ws=access.schema.pg_schema), {"id": batch_id})
    return [(node_id, statements.document(before), statements.document(after)) for node_id, before, after in rows]


def undo(
    batch_id: int,
    *,
    access: Access,
    force: bool = False,
    seen: int | None = None,
    tell: Callable[[int], None] = lambda rows: None,
    ready: Shapes | None = None,
) -> Undone:
    """Undo a batch: rows it made go to the trash, rows it deleted come back, cells hold what they held before, and
    the tables and columns it made go, where nothing else has come to depend on them.

    ``force``: over what others have changed since; with ``seen``, up to this stamp only (``reverts.Preview``). ``tell``
    hears how many rows more have their cells back, and may raise to stop it all. ``ready``: what ``make_ready`` has
    made for the transaction this is called in; None: it is made here.

    Raises NotFound for a batch of somebody else (unless one manages the workspace), Conflict where it is undone
    already or, unless ``force``, later batches have written to the same cells; Forbidden, HasDependents.
    """
    made = make_ready(batch_id, access=access, tell=tell) if ready is None else {}
    try:
        return _undo(batch_id, access, force, seen, tell, made if ready is None else ready)
    except BaseException:
        shadowed.drop(made, access=access)
        raise


def _undo(
    batch_id: int, access: Access, force: bool, seen: int | None, tell: Callable[[int], None], ready: Shapes
) -> Undone:
    ws = access.schema.pg_schema
    with batch(access, f"undo {batch_id}") as own_id:
        row = statements.row(statement("batch", ws=ws), {"id": batch_id})
        if row is None or (row[2] != access.actor.id and not access.can(Action.MANAGE)):
            raise NotFound
        if row[6] is not None:
            raise Conflict(_("This has been undone already."))
        structural = _structural(batch_id, access)
        if structural:
            access.require(Action.MANAGE)
            lock_structure(access)
        made, gone = _rows(batch_id, access)
        nodes.lock(ws, [i for found in made.values() for i in found])
        _not_over_others(batch_id, access, force=force, seen=seen)
        _restore(gone, access)
        # Cells before the rows that go: a cell the batch changed may refer to a row it made.
        # A column it made goes with its cells, so that they come back with it.
        made_columns = {node_id for node_id, before, _after in structural if before is None}
        changed = undo_cells.undo(batch_id, access=access, force=force, but=made_columns, tell=tell)
        removed = _remove(made, access)
        shadowed.swap(ready, access=access)
        undo_structure.undo(structural, access=access)
        statements.run(statement("batch_undone", ws=ws), {"id": batch_id, "by": own_id})
        _say_to_jobs(batch_id, access)
    return Undone(own_id, removed, len(gone), changed)


def _say_to_jobs(batch_id: int, access: Access) -> None:
    """The import or the sent file that wrote the batch stands as taken back."""
    imports = ImportJob.objects.filter(workspace__slug=access.workspace, batch=batch_id, phase=ImportJob.Phase.DONE)
    imports.update(phase=ImportJob.Phase.UNDONE)
    runs = FormRun.objects.filter(form__workspace__slug=access.workspace, batch=batch_id, phase=FormRun.Phase.APPLIED)
    runs.update(phase=FormRun.Phase.UNDONE)


def _not_over_others(batch_id: int, access: Access, *, force: bool, seen: int | None) -> None:
    if force and seen is None:
        return
    total, newest = reverts.changed_since(batch_id, access=access)
    if force and seen is not None and newest > seen:
        raise Conflict(_("More has been changed since you looked: look again."))
    if not force and total:
        raise Conflict(
            ngettext(
                "%(count)d of its cells has been changed since. Look at it before you take it back.",
                "%(count)d of its cells have been changed since. Look at them before you take it back.",
                total,
            )
            % {"count": total},
            fields={"cells": total},
        )


def _rows(batch_id: int, access: Access) -> tuple[Mapping[int, list[int]], list[int]]:
    """Rows the batch made or brought back, by term, and rows it deleted; those that still are so."""
    made: dict[int, list[int]] = defaultdict(list)
    gone: list[int] = []
    found = statements.rows(statement("batch_records", ws=access.schema.pg_schema), {"id": batch_id})
    for record_id, term_id, kind, up in found:
        if kind in "cr" and up > 0:
            made[term_id].append(record_id)
        elif kind == "d" and up < 0:
            gone.append(record_id)
    return made, gone


def _restore(ids: list[int], access: Access) -> None:
    """Raises Conflict for rows of a row that is in the trash itself."""
    if ids:
        ws = access.schema.pg_schema
        nodes.lock(ws, ids)
        row = statements.row(statement("trashed_parents", ws=ws), {"ids": ids})
        if row and row[0]:
            raise Conflict(_("The row it belongs to is in the trash. Restore that one first."))
        nodes.flip(ws, ids)


def _remove(made: Mapping[int, list[int]], access: Access) -> int:
    """Rows go to the trash with what hangs on them; how many. Raises Forbidden, HasDependents."""
    ws = access.schema.pg_schema
    below = nodes.with_descendants(ws, [i for found in made.values() for i in found])
    by_term: dict[int, set[int]] = defaultdict(set)
    for _root, record_id, term_id in below:
        by_term[term_id].add(record_id)
    for term_id, found in by_term.items():
        _may_delete(term_id, sorted(found), access)
    ids = sorted({record_id for _root, record_id, _term in below})
    if nodes.referred_to(ws, ids):
        raise HasDependents
    nodes.lock(ws, ids)
    nodes.flip(ws, ids)
    return len(ids)


def _may_delete(term_id: int, ids: list[int], access: Access) -> None:
    if term_id not in access.schema.terms:
        raise HasDependents
    may = permissions.of_records(term_id, ids, Action.DELETE, access=access)
    if any(i not in may or not may[i].allowed for i in ids):
        raise Forbidden
