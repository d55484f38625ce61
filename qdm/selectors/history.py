"""Who changed what, when, by which door: read under today's Access."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qdm.access import Access, Action
from qdm.errors import NotFound
from qdm.managers import statements
from qdm.query.compiler import Compiler
from qdm.record import HIDDEN_LINK, Link
from qdm.schema import Term
from qdm.selectors import permissions, records
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
    told = _Told(term, readable, [document for row in rows for document in row[-2:]], access)
    entries = []
    for version, batch_id, at, _actor, name, via, note, kind, old, new in rows:
        was, came = told.of(old, new)
        if kind != "u" or was or came:
            entries.append(Entry(version, batch_id, at, name, via, note, kind, was, came))
    return entries


class _Told:
    """The readable part of the documents of a record's history, links as one sees them."""

    def __init__(self, term: Term, readable: set[str], documents: Sequence[Any], access: Access) -> None:
        self._readable = readable
        self._targets = {str(r.id): r.target for r in term.cells if r.target is not None and str(r.id) in readable}
        wanted: dict[int, set[int]] = defaultdict(set)
        for document in documents:
            for key, values in (statements.document(document) or {}).items():
                if key in self._targets and self._targets[key] in access.schema.terms:
                    wanted[self._targets[key]].update(_ids(values))
        found = statements.rows(*Compiler(access).labels(wanted)) if any(wanted.values()) else []
        self._labels: dict[int, str] = {record_id: label or "" for record_id, label in found}

    def of(self, old: Any, new: Any) -> tuple[dict[str, object], dict[str, object]]:
        """What went and what came."""
        was, came = self._read(old), self._read(new)
        unseen = {
            key
            for key in self._targets.keys() & (was.keys() | came.keys())
            if all(link == HIDDEN_LINK for side in (was, came) for link in side.get(key, ()))
        }
        return _without(was, unseen), _without(came, unseen)

    def _read(self, document: Any) -> dict[str, Any]:
        found = (statements.document(document) or {}).items()
        return {k: self._links(v) if k in self._targets else v for k, v in found if k in self._readable}

    def _links(self, values: Any) -> list[Link]:
        return [Link(i, self._labels[i]) if i in self._labels else HIDDEN_LINK for i in _ids(values)]


def _ids(values: Any) -> list[int]:
    return [int(value) for value in (values if isinstance(values, list) else [values]) if value is not None]


def _without(values: dict[str, object], keys: set[str]) -> dict[str, object]:
    return {key: value for key, value in values.items() if key not in keys}
