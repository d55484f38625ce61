"""Objects one by one: read, create, change, delete."""

from typing import Any

from integram.api import attributes, versions, wire
from integram.api.answer import Answer
from integram.api.attributes import Attributes
from integram.api.body import Form
from integram.api.door import Call
from integram.api.errors import Malformed, Referenced, problem
from qdm.errors import (
    Conflict,
    HasDependents,
    InvalidType,
    IsMetadata,
    QdmError,
    RecordNotFound,
    TermNotFound,
    ValueRequired,
)
from qdm.schema import MODIFIERS, ROOT_ID, Schema, Term
from qdm.selectors import records as reading
from qdm.services import records
from qdm.services.writes import Create, Mode, Result, Update, Write
from qdm.types import codec
from qdm.types.base import BaseType, Locale


def one(call: Call, object_id: int) -> Answer:
    try:
        record = reading.get(object_id, access=call.access)
    except RecordNotFound:
        raise RecordNotFound(f"Object {object_id} not found") from None
    counts = reading.subtable_counts(record.term_id, [object_id], access=call.access).get(object_id, {})
    term = call.access.term(record.term_id)
    return Answer(wire.whole(record, term, counts), headers={"ETag": versions.tag(record.version)})


def create(call: Call) -> Answer:
    form = Form(call.json())
    term_id, up, sent = form.integer("id"), form.integer("up"), form.mapping("attrs")
    form.check()
    try:
        term = call.access.term(term_id)
    except TermNotFound:
        raise InvalidType from None
    given = attributes.read(sent, term)
    # On the way in, empty is the same as not said; only the main value has to be there.
    values = {key: value for key, value in given.values.items() if value != "" or key == term.id}
    created = _write(term, Create(values, up), call)
    val = codec(term.base).parse(values[term.id], Locale())
    return _versioned(given.warned({"id": created.id, "up": up, "t": term_id, "val": val}), created)


def update(call: Call, object_id: int) -> Answer:
    """With If-Match: only where the object is still at that version."""
    sent = call.json()
    if not sent:
        raise ValueRequired
    term = call.access.term(records.term_of(object_id, access=call.access))
    given = attributes.read(sent, term)
    try:
        updated = _write(term, Update(object_id, given.values, versions.expected(call.request)), call)
    except Conflict as conflict:
        return versions.conflict(conflict, sent, one(call, object_id))
    return _versioned(given.warned({"id": object_id, "val": _echo(call, object_id, sent, given)}), updated)


def _versioned(content: dict[str, Any], result: Result) -> Answer:
    return Answer(content, headers={"ETag": versions.tag(result.version)})


def _echo(call: Call, object_id: int, sent: dict[str, Any], given: Attributes) -> Any:
    """The value of a single key, as the contract has it; else the main value as it is now."""
    if len(sent) == 1 and given.values:
        (value,) = sent.values()
        return value if isinstance(value, str) else str(value)
    return reading.get(object_id, access=call.access, fields=()).val


def delete(call: Call, object_id: int) -> dict[str, Any] | Answer:
    if _is_structure(object_id, call.access.schema):
        raise IsMetadata
    try:
        records.delete(object_id, access=call.access, version=versions.expected(call.request))
    except HasDependents:
        raise Referenced from None
    except Conflict as conflict:
        return versions.conflict(conflict, None, one(call, object_id))
    return {"id": object_id}


def _is_structure(node_id: int, schema: Schema) -> bool:
    seeded = node_id == ROOT_ID or node_id in MODIFIERS.values() or node_id in set(BaseType)
    return seeded or node_id in schema.terms or node_id in schema.references or node_id in schema.requisites


def _write(term: Term, write: Write, call: Call) -> Result:
    """Carry out one write. Raises its error; of several cells in error those that are Malformed, all at once."""
    (result,) = records.write(term.id, [write], access=call.access, mode=Mode.REPORT)
    if result.error is not None:
        raise result.error
    if result.fields:
        raise _of_cells(result.fields, term)
    return result


def _of_cells(fields: dict[int, QdmError], term: Term) -> QdmError:
    for error in fields.values():
        if error.status != Malformed.status:
            return error
    if fields.keys() == {term.id} and isinstance(fields[term.id], ValueRequired):
        return ValueRequired()
    return Malformed([problem(("body", f"t{key}"), error, error.code) for key, error in fields.items()])
