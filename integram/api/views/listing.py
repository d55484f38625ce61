"""Lists of objects: by address, and the same by a body (which IntegramDD calls graphql)."""

from typing import Any

from integram.api import address, filters, wire
from integram.api.body import Form
from integram.api.door import Call
from qdm.query.ast import Query
from qdm.schema import ROOT_ID
from qdm.selectors import records


def by_address(call: Call, term_id: int) -> dict[str, Any]:
    given = dict(call.parameters)
    form = address.numbers({name: given.pop(name) for name in ("limit", "offset", "up") if name in given})
    return _list(call, term_id, form, given)


def by_body(call: Call) -> dict[str, Any]:
    form = Form(call.json())
    term_id = form.integer("term_id")
    return _list(call, term_id, form, form.mapping("filters", required=False))


def _list(call: Call, term_id: int, form: Form, given: dict[str, Any]) -> dict[str, Any]:
    """The form has ``limit``, ``offset`` and ``up``; ``given`` are the filters."""
    limit = form.optional_integer("limit", address.LIMIT, minimum=0, maximum=address.MAX_LIMIT)
    offset = form.optional_integer("offset", 0, minimum=0)
    up = form.optional_integer("up", ROOT_ID)
    form.check()
    term = call.access.term(term_id)
    query = Query(filters.joined(given, term), up=up, limit=limit, offset=offset)
    page = records.page(term_id, query, access=call.access)
    counts = records.subtable_counts(term_id, [record.id for record in page.records], access=call.access)
    return {
        "t": term.id,
        "name": term.name,
        "base": int(term.base),
        "header": wire.header(term, call.access.schema),
        "objects": [wire.listed(record, counts.get(record.id, {})) for record in page.records],
    }
