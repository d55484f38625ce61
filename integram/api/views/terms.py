"""Terms: the tables of a workspace."""

from typing import Any

from integram.api import constraints, wire
from integram.api.body import Form
from integram.api.door import Call
from qdm.errors import InvalidType, TermNotFound
from qdm.schema import Term
from qdm.services import references, terms


def listed(call: Call) -> list[dict[str, Any]]:
    return [wire.term(term) for term in sorted(call.access.schema.terms.values(), key=lambda t: t.id) if _is_top(term)]


def one(call: Call, term_id: int) -> dict[str, Any]:
    term = call.access.schema.terms.get(term_id)
    if term is None or not _is_top(term):
        raise missing(term_id)
    return wire.term(term)


def _is_top(term: Term) -> bool:
    """Whether no other term has it as a requisite."""
    return not term.is_used


def create(call: Call) -> dict[str, Any]:
    """With ``t`` a term: a reference to it that has a name of its own."""
    form = Form(call.json())
    name, t = form.text("val"), form.integer("t", minimum=2, strict=True)
    given, unknown = constraints.read(form, ("val", "t"))
    form.check()
    if t in call.access.schema.terms:
        created = references.create(t, name, access=call.access)
        unknown += given
    else:
        created = terms.create(name, t, given, access=call.access)
    answer: dict[str, Any] = {"id": created.id, "t": t, "val": name}
    if created.existed:
        answer["warnings"] = "Term already exists"
    return constraints.warned(answer, unknown)


def update(call: Call, term_id: int) -> dict[str, Any]:
    form = Form(call.json())
    name = form.text("val") if form.given("val") else None
    t = form.integer("t", minimum=2, strict=True)
    given, unknown = constraints.read(form, ("val", "t"))
    form.check()
    try:
        terms.update(term_id, name=name, base=t, given=given, access=call.access)
    except TermNotFound:
        raise missing(term_id) from None
    schema = call.access.schema
    was = schema.terms.get(term_id) or schema.references.get(term_id)
    val = name if name is not None or was is None else was.name
    # IntegramDD's answer has the two nulls, and its clients may read them.
    return constraints.warned({"id": term_id, "t": t, "val": val, "errors": None, "exists": None}, unknown)


def delete(call: Call, term_id: int) -> dict[str, Any]:
    try:
        return {"id": term_id, "deleted_count": terms.delete(term_id, access=call.access)}
    except (TermNotFound, InvalidType):
        raise missing(term_id) from None


def missing(term_id: int) -> TermNotFound:
    return TermNotFound(f"Term {term_id} not found")
