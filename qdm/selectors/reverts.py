"""What taking a batch back would do, read before anything is written, under today's Access."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Forbidden, HasDependents, NotFound
from qdm.managers import nodes, statements
from qdm.query.ast import EVERYTHING
from qdm.query.reverting import standing
from qdm.record import Bad, CellValue, Link, Record, Value
from qdm.schema import Requisite, Term
from qdm.selectors import history, permissions, records
from qdm.selectors.told import Told
from qdm.sql import statement
from qdm.types.base import BaseType

#: Conflicts that are named one by one; of the others one hears how many they are.
NAMED = 100


@dataclass(frozen=True, slots=True)
class Conflict:
    """A cell somebody has changed since. ``key``: requisite id, 'val' for the main value, None where the whole row went
    to the trash. ``now``: what the cell holds, None for nothing; ``returns``: what would stand there instead, texts or
    links; None where the row would go or stays away."""

    term_id: int
    record_id: int
    label: str
    key: str | None
    who: str
    at: datetime
    now: CellValue | None
    returns: Sequence[object] | None


@dataclass(slots=True)
class Preview:
    """Rows that would go to the trash and come back, cells that would be put back, rows that are erased and cannot come
    back, rows of others below those that go; whether tables and columns change back. ``total`` conflicts, the newest of
    them by name, up to the stamp ``seen``. ``obstacles``: why it cannot be done, in the user's words."""

    removed: int = 0
    restored: int = 0
    changed: int = 0
    erased: int = 0
    below: int = 0
    structure: bool = False
    total: int = 0
    seen: int = 0
    conflicts: Sequence[Conflict] = ()
    obstacles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Back:
    """A cell of a row that goes back: what it holds and what it held, as one sees it; ``wanted``: that as the row is
    written, ids for links; who changed it last since, and when."""

    key: str
    now: CellValue | None
    returns: Sequence[object]
    wanted: object
    who: str
    at: datetime


def of_row(record_id: int, to: int, key: str | None = None, *, access: Access) -> tuple[Record, list[Back]]:
    """The row as it is, and its cells that held something else at the stamp ``to``; ``key``: that cell alone.

    Only what one may read and change; passwords stay. Raises RecordNotFound, Forbidden where it is not one's to change.
    """
    record = records.get(record_id, access=access)
    term = access.term(record.term_id)
    may = permissions.of_records(term.id, [record_id], Action.CHANGE, term.cells, access=access)[record_id]
    if not may.allowed:
        raise Forbidden
    columns = {str(r.id): r for r in term.cells if r.id not in may.denied and r.base is not BaseType.PWD}
    since: dict[str, list[statements.Row]] = defaultdict(list)
    rows = statements.rows(statement("record_since", ws=access.schema.pg_schema), {"record": record_id, "ver": to})
    for row in rows:
        if row[0] in columns or row[0] == "val":
            since[row[0]].append(row)
    if key is not None:
        since = {key: since[key]} if key in since else {}
    readable = permissions.of_records(term.id, [record_id], Action.VIEW, term.cells, access=access)[record_id]
    held = {name: _held(name, changed, record) for name, changed in since.items()}
    told = Told(term, held.keys(), [held], access).read(held, readable.denied)
    found = []
    for name, returns in told.items():
        last = max(since[name], key=lambda row: row[3])
        now = record.val if name == "val" else record.cells.get(int(name))
        found.append(Back(name, now, returns, _wanted(held[name], columns.get(name)), last[5], last[4]))
    return record, found


def _held(key: str, changed: Sequence[statements.Row], record: Record) -> list[str]:
    """What a cell held: what came since taken out of what it holds, what went put in."""
    now = record.val if key == "val" else record.cells.get(int(key))
    items = now if isinstance(now, tuple) else () if now is None else (now,)
    left = Counter(_stored(item) for item in items)
    left.subtract({row[1]: int(row[2]) for row in changed})
    return [item for item, count in left.items() if item is not None for _number in range(max(count, 0))]


def _stored(value: Value) -> str | None:
    match value:
        case Link(id=id_):
            return None if id_ is None else str(id_)
        case Bad(text):
            return text
        case _:
            return value


def _wanted(held: Sequence[str], column: Requisite | None) -> object:
    items = [int(item) if column is not None and column.is_reference else item for item in held]
    return items if column is not None and column.multiple else items[0] if items else None


def batch(batch_id: int, *, access: Access) -> history.Batch:
    """Raises NotFound for a batch of somebody else (unless one manages the workspace), as for one that is not there."""
    row = statements.row(statement("one_batch", ws=access.schema.pg_schema), {"id": batch_id})
    if row is None or (row[2] != access.actor.id and not access.can(Action.MANAGE)):
        raise NotFound
    return history.Batch(*row)


def changed_since(batch_id: int, *, access: Access) -> tuple[int, int]:
    """How many cells of a batch have been changed since, and up to which stamp."""
    deeds = history.deeds([batch_id], access=access)[batch_id]
    counts = [_standing(batch_id, term, access, 0)[0] for term in _tables(deeds, access)]
    return sum(count[2] for count in counts), max((count[3] or 0 for count in counts), default=0)


def of_batch(batch_id: int, *, access: Access) -> Preview:
    """Of a batch one may take back. Statements: a few for each table it touched, however many rows."""
    found = Preview()
    conflicts: list[Conflict] = []
    deeds = history.deeds([batch_id], access=access)[batch_id]
    found.structure = any(deed.kind == "s" for deed in deeds)
    terms = _tables(deeds, access)
    for term in terms:
        conflicts += _changed(batch_id, term, found, access)
        conflicts += _deleted(batch_id, term, found, access)
    found.conflicts = sorted(conflicts, key=lambda one: one.at, reverse=True)[:NAMED]
    found.obstacles = [*_trash(batch_id, found, access), *_dependents(batch_id, terms, found, access)]
    return found


def _tables(deeds: Iterable[history.Deed], access: Access) -> list[Term]:
    """In the order of their ids; what changed the structure is about none."""
    return [access.schema.terms[i] for i in sorted({deed.term_id for deed in deeds}) if i in access.schema.terms]


def _standing(batch_id: int, term: Term, access: Access, limit: int) -> list[statements.Row]:
    found = statement("batch_standing", ws=access.schema.pg_schema)
    return statements.rows(*standing(access, term, found, batch_id, limit))


def _changed(batch_id: int, term: Term, found: Preview, access: Access) -> Iterator[Conflict]:
    rows = _standing(batch_id, term, access, NAMED)
    cells, made, conflicts, newest = rows[0][:4]
    found.changed += cells
    found.removed += made
    found.total += conflicts
    found.seen = max(found.seen, newest or 0)
    told = [row[4:] for row in rows if conflicts]
    now = {record.id: record for record in records.by_ids(term.id, list({row[0] for row in told}), access=access)}
    documents = [{key: statements.document(returns) or []} for _record, key, _made, returns, _at, _who in told]
    reader = Told(term, {str(r.id) for r in term.cells} | {"val"}, documents, access)
    for (record_id, key, goes, _returns, at, who), document in zip(told, documents, strict=True):
        record = now[record_id]
        holds = record.val if key == "val" else record.cells.get(int(key))
        returns = None if goes else reader.read(document)[key]
        yield Conflict(term.id, record_id, record.val, key, who, at, holds, returns)


def _deleted(batch_id: int, term: Term, found: Preview, access: Access) -> list[Conflict]:
    """Rows that are not there any more. Whether one would see them cannot be asked, so who sees not all rows of the
    table is not told."""
    if access.rows(term.id, Action.VIEW) != EVERYTHING:
        return []
    rows = statements.rows(
        statement("batch_deleted_since", ws=access.schema.pg_schema, table=term.table),
        {"batch": batch_id, "term": term.id, "limit": NAMED},
    )
    found.total += rows[0][4] if rows else 0
    return [Conflict(term.id, i, label or "", None, who, at, None, None) for i, label, at, who, _number in rows]


def _trash(batch_id: int, found: Preview, access: Access) -> Iterator[str]:
    for term_id, there, erased, orphaned in statements.rows(
        statement("batch_trash", ws=access.schema.pg_schema), {"id": batch_id}
    ):
        if term_id in access.schema.terms:
            found.restored += there
            found.erased += erased
            if orphaned:
                yield _("The row it belongs to is in the trash. Restore that one first.")


def _dependents(batch_id: int, terms: Sequence[Term], found: Preview, access: Access) -> Iterator[str]:
    """Rows of others below those that go, and whether somebody links to one of them."""
    if not found.removed:
        return
    ws = access.schema.pg_schema
    made = _seen(
        statements.rows(statement("batch_made", ws=ws), {"id": batch_id, "terms": [t.id for t in terms]}), access
    )
    below = _seen([row[1:] for row in nodes.with_descendants(ws, made) if row[1] not in made], access)
    found.below = len(below)
    if nodes.referred_to(ws, made | below):
        yield str(HasDependents())


def _seen(rows: Iterable[tuple[int, ...]], access: Access) -> set[int]:
    """Those of the records, id and term, that one sees."""
    by_term: dict[int, list[int]] = defaultdict(list)
    for record_id, term_id in rows:
        by_term[term_id].append(record_id)
    seen: set[int] = set()
    for term_id, ids in by_term.items():
        if term_id in access.schema.terms:
            may = permissions.of_records(term_id, ids, Action.VIEW, access=access)
            seen.update(i for i in ids if i in may and may[i].seen)
    return seen
