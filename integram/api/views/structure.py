"""Metadata, requisites and references."""

from typing import Any

from integram.api import address, constraints, wire
from integram.api.body import Form
from integram.api.door import Call
from integram.api.views.terms import missing
from qdm.errors import UnknownField
from qdm.selectors import records
from qdm.services import references, requisites


def metadata(call: Call) -> list[dict[str, Any]]:
    """Everything that is no base type and no modifier, in the order it was made."""
    schema = call.access.schema
    found = [wire.metadata(term, schema) for term in schema.terms.values()]
    found += [wire.reference_metadata(reference, schema) for reference in schema.references.values()]
    return sorted(found, key=lambda item: int(item["id"]))


def metadata_of(call: Call, term_id: int) -> dict[str, Any]:
    schema = call.access.schema
    if term_id in schema.terms:
        return wire.metadata(schema.terms[term_id], schema)
    if term_id in schema.references:
        return wire.reference_metadata(schema.references[term_id], schema)
    raise missing(term_id)


def requisites_of(call: Call, term_id: int) -> list[dict[str, Any]]:
    return wire.requisites(call.access.term(term_id), call.access.schema)


def create_requisite(call: Call) -> dict[str, Any]:
    form = Form(call.json())
    term_id, type_id = form.integer("id"), form.integer("t")
    given, unknown = constraints.read(form, ("id", "t"))
    form.check()
    created = requisites.create(term_id, type_id, given, access=call.access)
    answer: dict[str, Any] = {"id": created.id}
    if created.existed:
        answer["warnings"] = "Requisite already exists"
    return constraints.warned(answer, unknown)


def create_reference(call: Call) -> dict[str, Any]:
    form = Form(call.json())
    target = form.integer("id")
    form.check()
    created = references.create(target, access=call.access)
    answer: dict[str, Any] = {"id": created.id}
    if created.existed:
        answer["warnings"] = "Reference already exists"
    return answer


def selectable(call: Call, requisite_id: int) -> list[dict[str, Any]]:
    """Records that may be chosen in a reference requisite."""
    given = call.parameters
    if unknown := [name for name in given if name not in ("search", "limit", "offset")]:
        raise UnknownField(fields=dict.fromkeys(unknown, ""))
    form = address.numbers(given)
    limit = form.optional_integer("limit", address.LIMIT, minimum=0, maximum=address.MAX_LIMIT)
    offset = form.optional_integer("offset", 0, minimum=0)
    form.check()
    found = records.options(requisite_id, given.get("search", ""), access=call.access, limit=limit, offset=offset)
    return [{"id": option.id, "val": option.label} for option in found]
