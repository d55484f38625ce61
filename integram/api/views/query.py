"""Structured questions: pages, totals and groups of one table's records."""

from typing import Any

from integram.api.body import Form
from integram.api.door import Call
from integram.api.query import question
from integram.api.query.nesting import Nesting, shown
from integram.api.query.question import Question
from qdm.record import CountKind, Group
from qdm.selectors import records


def by_address(call: Call, term_id: int) -> dict[str, Any]:
    return _answer(call, term_id, question.of_address(call.parameters))


def by_body(call: Call, term_id: int) -> dict[str, Any]:
    return _answer(call, term_id, Form(call.json()))


def _answer(call: Call, term_id: int, form: Form) -> dict[str, Any]:
    term = call.access.term(term_id)
    asked = question.read(form, term, call.access.schema)
    answer: dict[str, Any] = {"t": term.id, "name": term.name}
    if asked.group:
        found = records.groups(term_id, asked.query, asked.group, list(asked.aggregates.values()), access=call.access)
        answer["groups"] = [_group(group, asked) for group in found]
    elif asked.aggregates:
        totals = records.totals(term_id, asked.query, list(asked.aggregates.values()), access=call.access)
        answer["count"] = totals.count
        answer["aggregates"] = dict(zip(asked.aggregates, totals.totals, strict=True))
    else:
        answer |= page(call, asked)
    if asked.total != "none":
        answer["total"] = _total(call, term_id, asked)
    return answer


def page(call: Call, asked: Question) -> dict[str, Any]:
    found = records.page(asked.selection.term.id, asked.query, access=call.access)
    objects = Nesting(call.access).shown(found.records, asked.selection)
    return {"objects": objects, "next": found.next, "previous": found.previous}


def _group(group: Group, asked: Question) -> dict[str, Any]:
    return {
        "by": [None if value is None else shown(value, {}) for value in group.values],
        "count": group.count,
        "aggregates": dict(zip(asked.aggregates, group.totals, strict=True)),
    }


def _total(call: Call, term_id: int, asked: Question) -> dict[str, Any]:
    """``exact`` counts whatever it takes, ``capped`` no further than the cap, ``estimated`` guesses beyond it."""
    cap = None if asked.total == "exact" else records.CAP
    found = records.count(term_id, asked.query, access=call.access, cap=cap)
    if asked.total == "capped" and found.kind is not CountKind.EXACT:
        return {"value": cap, "kind": CountKind.CAPPED}
    return {"value": found.value, "kind": found.kind}
