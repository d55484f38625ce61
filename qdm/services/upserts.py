"""Upserts become creations and updates: the record is looked for by its key."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.errors import Conflict, InvalidRequest, QdmError, ValueRequired
from qdm.managers import statements
from qdm.query.ast import MAIN, Compare, Op, Query
from qdm.record import Record
from qdm.schema import Term
from qdm.selectors import records as reading
from qdm.services import records
from qdm.services.writes import Create, Mode, Result, Results, Update, Upsert, Write
from qdm.sql import statement
from qdm.types import codec
from qdm.types.base import Locale


def write(
    term_id: int,
    writes: Sequence[Write | Upsert],
    *,
    access: Access,
    locale: Locale | None = None,
    mode: Mode = Mode.ALL,
    note: str = "",
) -> Results:
    """As ``records.write``, upserts among the writes. Raises InvalidRequest for a key that is a link or a sub-table.

    Where several records have the key, or two upserts of the batch, it is a Conflict.
    """
    if not any(isinstance(one, Upsert) for one in writes):
        plain = [one for one in writes if not isinstance(one, Upsert)]
        return records.write(term_id, plain, access=access, locale=locale, mode=mode, note=note)
    term = access.term(term_id)
    with transaction.atomic():
        statements.row(statement("lock_term"), {"ws": access.schema.pg_schema, "term": term_id})
        resolved = _resolve(term, writes, access, locale or Locale())
        errors = {at: error for at, error in enumerate(resolved) if isinstance(error, QdmError)}
        if errors and mode is Mode.ALL:
            raise next(iter(errors.values()))
        if errors and mode is Mode.REPORT:
            return Results(Result(error=errors.get(at)) for at in range(len(writes)))
        ready = [one for one in resolved if not isinstance(one, QdmError)]
        done = records.write(term_id, ready, access=access, locale=locale, mode=mode, note=note)
        rest = iter(done)
        results = Results(
            Result(error=errors[at]) if at in errors else next(rest, Result()) for at in range(len(writes))
        )
        results.batch = done.batch
        return results


@dataclass(frozen=True, slots=True)
class _Key:
    """The key column and a canonical value of it."""

    column: int
    value: str


def _resolve(term: Term, writes: Sequence[Write | Upsert], access: Access, locale: Locale) -> list[Write | QdmError]:
    keys: dict[int, _Key | QdmError] = {
        at: _key(term, one, locale) for at, one in enumerate(writes) if isinstance(one, Upsert)
    }
    found = _found(term, [key for key in keys.values() if isinstance(key, _Key)], access)
    seen: set[_Key] = set()
    resolved: list[Write | QdmError] = []
    for at, one in enumerate(writes):
        if not isinstance(one, Upsert):
            resolved.append(one)
            continue
        key = keys[at]
        if isinstance(key, QdmError):
            resolved.append(key)
        elif key in seen:
            resolved.append(Conflict(_("“%(value)s” is twice in the batch.") % {"value": key.value[:100]}))
        else:
            seen.add(key)
            resolved.append(_write(one, key, found.get(key, [])))
    return resolved


def _write(one: Upsert, key: _Key, ids: list[int]) -> Write | QdmError:
    if len(ids) > 1:
        return Conflict(_("Several rows have “%(value)s”.") % {"value": key.value[:100]})
    return Update(ids[0], one.values) if ids else Create(one.values, one.up)


def _key(term: Term, one: Upsert, locale: Locale) -> _Key | QdmError:
    requisite = term.by_id.get(one.key)
    if one.key != term.id and (
        requisite is None or requisite.is_reference or requisite.is_subtable or requisite.multiple
    ):
        raise InvalidRequest(_("A column of single values is expected as the key."))
    base = term.base if requisite is None else requisite.base
    try:
        value = codec(base).parse(one.values.get(one.key), locale)
    except QdmError as error:
        return error
    return _Key(one.key, value) if value else ValueRequired(fields={str(one.key): ""})


def _found(term: Term, keys: Sequence[_Key], access: Access) -> dict[_Key, list[int]]:
    """Ids of the records seen that have the key, by exact case: one statement a key column."""
    found: dict[_Key, list[int]] = {}
    for column in {key.column for key in keys}:
        values = tuple(dict.fromkeys(key.value for key in keys if key.column == column))
        field = MAIN if column == term.id else column
        query = Query(Compare(field, Op.IN, values), fields=(field,), limit=2 * len(values) + 100)
        for record in reading.page(term.id, query, access=access).records:
            found.setdefault(_Key(column, _value(record, term, column)), []).append(record.id)
    return found


def _value(record: Record, term: Term, column: int) -> str:
    value = record.val if column == term.id else record.cells.get(column)
    return value if isinstance(value, str) else ""
