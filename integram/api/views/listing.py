"""Lists of objects: by address, and the same by a body (which IntegramDD calls graphql)."""

from dataclasses import replace
from typing import Any

from integram.api import address, filters, wire
from integram.api.body import Form
from integram.api.door import Call
from integram.api.query import question
from integram.api.views import query
from qdm.query.ast import And, Query
from qdm.schema import ROOT_ID, Term
from qdm.selectors import records


def by_address(call: Call, term_id: int) -> dict[str, Any]:
    given = dict(call.parameters)
    form = address.numbers({name: given.pop(name) for name in ("limit", "offset", "up") if name in given})
    return _list(call, term_id, form, given)


def by_body(call: Call) -> dict[str, Any]:
    """With ``select`` a nested selection: the columns named, and what they lead to."""
    form = Form(call.json())
    term_id = form.integer("term_id")
    given = form.mapping("filters", required=False)
    if form.given("select"):
        return _nested(call, term_id, form, given)
    return _list(call, term_id, form, given)


def _nested(call: Call, term_id: int, form: Form, given: dict[str, Any]) -> dict[str, Any]:
    form.check()
    term = call.access.term(term_id)
    content = {"up": ROOT_ID, **form.content}
    content.pop("filters", None)
    asked = question.read(Form(content), term, call.access.schema)
    both = And((asked.query.filter, filters.joined(given, term)))
    return _head(term, call) | query.page(call, replace(asked, query=replace(asked.query, filter=both)))


def _list(call: Call, term_id: int, form: Form, given: dict[str, Any]) -> dict[str, Any]:
    """The form has ``limit``, ``offset`` and ``up``; ``given`` are the filters."""
    limit = form.optional_integer("limit", address.LIMIT, minimum=0, maximum=address.MAX_LIMIT)
    offset = form.optional_integer("offset", 0, minimum=0)
    up = form.optional_integer("up", ROOT_ID)
    form.check()
    term = call.access.term(term_id)
    wanted = Query(filters.joined(given, term), up=up, limit=limit, offset=offset)
    page = records.page(term_id, wanted, access=call.access)
    counts = records.subtable_counts(term_id, [record.id for record in page.records], access=call.access)
    return _head(term, call) | {"objects": [wire.listed(r, counts.get(r.id, {})) for r in page.records]}


def _head(term: Term, call: Call) -> dict[str, Any]:
    return {
        "t": term.id,
        "name": term.name,
        "base": int(term.base),
        "header": wire.header(term, call.access.schema),
    }
