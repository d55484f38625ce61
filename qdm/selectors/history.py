"""Who changed what, when, by which door: read under today's Access."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from qdm.access import Access, Action
from qdm.errors import RequisiteNotFound
from qdm.managers import statements
from qdm.query.ast import EVERYTHING
from qdm.query.changes import Asked, changes
from qdm.schema import Term
from qdm.selectors import permissions, records
from qdm.selectors.told import Told
from qdm.sql import statement

NEWEST = 2**62
#: Every change.
ALL = Asked()
#: Stamps looked through for a page of a table's history, the last one for all there are.
STRETCHES = (10_000, 1_000_000, NEWEST)


@dataclass(frozen=True, slots=True)
class Batch:
    """One act: a gesture in the grid, a call, an import. ``undone_by``: the batch that took it back."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    via: str
    note: str | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What one batch did to a record. ``kind``: c created, u updated, d deleted, r restored.

    ``before`` and ``after``: requisite id ('val' for the main value) -> what went and came: texts, for a reference
    ``Link`` as one sees it today.
    """

    version: int
    record_id: int
    label: str
    batch_id: int
    at: datetime
    actor_name: str
    via: str
    note: str | None
    kind: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Deed:
    """What a batch did in one table. ``kind`` as in ``Entry``; s: it changed the structure, ``term_id`` 0."""

    term_id: int
    kind: str
    count: int


def deeds(batch_ids: Sequence[int], *, access: Access) -> Mapping[int, list[Deed]]:
    """What these batches did in the tables one sees; structure is told to who manages the workspace."""
    found: dict[int, list[Deed]] = defaultdict(list)
    if not batch_ids:
        return found
    rows = statements.rows(statement("batch_summary", ws=access.schema.pg_schema), {"ids": list(batch_ids)})
    for batch_id, term_id, kind, count in rows:
        if term_id in access.schema.terms or (kind == "s" and access.can(Action.MANAGE)):
            found[batch_id].append(Deed(term_id, kind, count))
    return found


def batches(*, access: Access, before: int = NEWEST, limit: int = 50) -> list[Batch]:
    """Batches, newest first: all of them for who manages the workspace, else the actor's own."""
    actor = None if access.can(Action.MANAGE) else access.actor.id or 0
    found = statements.rows(
        statement("batches", ws=access.schema.pg_schema), {"actor": actor, "before": before, "limit": limit}
    )
    return [Batch(*row) for row in found]


def of_record(record_id: int, *, access: Access, asked: Asked = ALL, limit: int = 50) -> list[Entry]:
    """What happened to a record one sees, newest first, in the columns one may read in it today.

    What touched only other columns is left out, and so is a link that one sees neither before nor after. Raises
    RecordNotFound.
    """
    term = access.term(records.get(record_id, access=access, fields=()).term_id)
    _column(term, asked)
    return _entries(
        term, statements.rows(*changes(access, term, asked, limit=limit, record_id=record_id)), asked, access
    )


def of_table(term_id: int, *, access: Access, asked: Asked = ALL, limit: int = 50) -> list[Entry]:
    """The same for all rows of a table one sees. Raises TermNotFound.

    Stamps are looked through from the newest down, in ever longer stretches: the history has no index by table, which
    every write would have to pay for.
    """
    term = access.term(term_id)
    _column(term, asked)
    row = statements.row(statement("newest_stamp", ws=access.schema.pg_schema))
    assert row is not None
    newest = asked.before[0] if asked.before else row[0]
    found: list[statements.Row] = []
    for stretch in STRETCHES if asked.batch is None else (newest,):
        above = max(newest - stretch, 0)
        found = statements.rows(*changes(access, term, asked, limit=limit, above=above))
        if len(found) == limit:
            break
    return _entries(term, found, asked, access)


def _column(term: Term, asked: Asked) -> None:
    """Raises RequisiteNotFound for a column one does not see, as for one that is not there."""
    if asked.column not in (None, "val", *(str(r.id) for r in term.cells)):
        raise RequisiteNotFound


def _entries(term: Term, rows: Sequence[statements.Row], asked: Asked, access: Access) -> list[Entry]:
    ids = {row[1] for row in rows}
    may = permissions.of_records(term.id, ids, Action.VIEW, term.cells, access=access)
    # Of a row that is gone nobody can say whether a rule would show the cell.
    ruled = frozenset(r.id for r in term.cells if access.field(r.id, Action.VIEW) != EVERYTHING)
    keys = {asked.column} if asked.column else {str(r.id) for r in term.cells} | {"val", "up"}
    told = Told(term, keys, [document for row in rows for document in row[-2:]], access)
    entries = []
    for version, record_id, label, batch_id, at, name, via, note, kind, old, new in rows:
        was, came = told.of(old, new, may[record_id].denied if record_id in may else ruled)
        if kind != "u" or was or came:
            entries.append(Entry(version, record_id, label or "", batch_id, at, name, via, note, kind, was, came))
    return entries
