"""The batch of the live grid: JSON of one gesture to writes, results to JSON.

``{"writes": [{"op": "create", "up", "values"}, {"op": "update", "id", "version", "values"}, {"op": "delete", "id",
"version"}]}`` -> ``{"batch", "results": [{"status": "ok", "row"} | {"status": "conflict" | "refused", "message",
"fields", "row"}]}``, in the order of the writes. ``values`` and ``fields`` are keyed by column id; ``row`` is the row
as it now is, where it can be seen.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from integram.grid import reading_locale, wire
from qdm.access import Access
from qdm.errors import Conflict, InvalidRequest, NotUnique, TooLarge
from qdm.schema import ROOT_ID, Term
from qdm.selectors import records as reading
from qdm.services import records
from qdm.services.writes import Create, Delete, Mode, Result, Update, Write

MOST_WRITES = 1000


def carry_out(term: Term, sent: dict[str, Any], access: Access) -> dict[str, Any]:
    """Raises InvalidRequest and TooLarge for the batch as a whole; what concerns one row is in its result."""
    writes = [_write(one) for one in _list(sent)]
    results = records.write(
        term.id, writes, access=access, locale=reading_locale.current(), mode=Mode.GOOD, note="grid"
    )
    rows = _rows(term, writes, results, access)
    return {"batch": results.batch, "results": [_result(w, r, rows) for w, r in zip(writes, results, strict=True)]}


def _list(sent: dict[str, Any]) -> list[Any]:
    writes = sent.get("writes")
    if not isinstance(writes, list) or not writes:
        raise InvalidRequest
    if len(writes) > MOST_WRITES:
        raise TooLarge(_("At most %(limit)d rows can be changed at once.") % {"limit": MOST_WRITES})
    return writes


def _write(one: Any) -> Write:
    match one:
        case {"op": "create", "values": dict() as values}:
            up = one.get("up")
            return Create(_values(values), ROOT_ID if up is None else _id(up))
        case {"op": "update", "id": id_, "values": dict() as values}:
            return Update(_id(id_), _values(values), _version(one))
        case {"op": "delete", "id": id_}:
            return Delete(_id(id_), _version(one))
    raise InvalidRequest


def _values(values: dict[str, Any]) -> dict[int, object]:
    return {_id(column): value for column, value in values.items()}


def _id(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
        return value
    raise InvalidRequest


def _version(one: dict[str, Any]) -> int | None:
    version = one.get("version")
    return None if version is None else _id(version)


def _rows(term: Term, writes: Sequence[Write], results: Sequence[Result], access: Access) -> dict[int, Any]:
    """The rows as they now are, by id: those written, and those somebody else changed before."""
    wanted = [
        id_
        for write, result in zip(writes, results, strict=True)
        if not (isinstance(write, Delete) and result.ok) and (id_ := _row_of(write, result)) is not None
    ]
    return {record.id: wire.row(record, term) for record in reading.by_ids(term.id, wanted, access=access)}


def _row_of(write: Write, result: Result) -> int | None:
    return result.id if isinstance(write, Create) else write.id


def _result(write: Write, result: Result, rows: dict[int, Any]) -> dict[str, Any]:
    id_ = _row_of(write, result)
    row = rows.get(id_) if id_ is not None else None
    if result.ok:
        return {"status": "ok", "row": row}
    error = result.error
    changed = isinstance(error, Conflict) and not isinstance(error, NotUnique)
    return {
        "status": "conflict" if changed else "refused",
        "message": str(error or next(iter(result.fields.values()))),
        "fields": {str(column): str(problem) for column, problem in result.fields.items()},
        "row": row,
    }
