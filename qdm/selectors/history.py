"""Who changed what, when, by which door: read under today's Access."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from qdm.access import Access, Action
from qdm.errors import NotFound
from qdm.managers import statements
from qdm.selectors import permissions, records
from qdm.selectors.told import Told
from qdm.sql import statement

NEWEST = 2**62


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


def of_record(record_id: int, *, access: Access, before: int = NEWEST, limit: int = 50) -> list[Entry]:
    """What happened to a record one sees, newest first, in the columns one may read in it today.

    What touched only other columns is left out, and so is a link that one sees neither before nor after. Raises
    RecordNotFound.
    """
    record = records.get(record_id, access=access, fields=())
    term = access.term(record.term_id)
    permission = permissions.of_records(term.id, [record_id], Action.VIEW, term.cells, access=access).get(record_id)
    if permission is None or not permission.seen:
        raise NotFound
    readable = {str(r.id) for r in term.cells if r.id not in permission.denied} | {"val", "up"}
    rows = statements.rows(
        statement("record_history", ws=access.schema.pg_schema),
        {"record": record_id, "term": term.id, "before": before, "limit": limit},
    )
    told = Told(term, readable, [document for row in rows for document in row[-2:]], access)
    entries = []
    for version, batch_id, at, _actor, name, via, note, kind, old, new in rows:
        was, came = told.of(old, new)
        if kind != "u" or was or came:
            entries.append(Entry(version, batch_id, at, name, via, note, kind, was, came))
    return entries
