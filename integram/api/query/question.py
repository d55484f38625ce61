"""A structured question as it was sent, taken apart."""

import json
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from integram.api import names
from integram.api.address import LIMIT, MAX_LIMIT
from integram.api.body import Form
from integram.api.errors import Malformed, problem
from integram.api.query import conditions, selection
from integram.api.query.selection import Selection
from qdm.errors import UnknownField
from qdm.query.ast import Aggregate, And, FieldRef, Function, Query, Search, Sort
from qdm.schema import Schema, Term

FIELDS = frozenset(
    {
        "filter", "search", "sort", "select", "depth", "up", "limit", "offset", "after", "before", "total", "group",
        "aggregates",
    }
)  # fmt: skip
TOTALS = ("none", "exact", "capped", "estimated")
_AGGREGATE = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """``query`` for the selectors. ``aggregates`` are named as they were sent."""

    query: Query
    selection: Selection
    total: str
    group: tuple[FieldRef, ...]
    aggregates: dict[str, Aggregate]


def read(form: Form, term: Term, schema: Schema) -> Question:
    """Raises Malformed, UnknownField (of the form's own fields too), BadFilter, TooLarge."""
    if unknown := form.content.keys() - FIELDS - {"term_id"}:
        raise UnknownField(fields=dict.fromkeys(sorted(unknown), ""))
    limit = form.optional_integer("limit", LIMIT, minimum=0, maximum=MAX_LIMIT)
    offset = form.optional_integer("offset", 0, minimum=0)
    up = form.integer("up") if form.given("up") else None
    depth = form.optional_integer("depth", 0, minimum=0, maximum=selection.DEPTH)
    total = form.content.get("total") or "none"
    if total not in TOTALS:
        form.fail("total", _("One of these is expected: %(known)s") % {"known": ", ".join(TOTALS)})
    for name in ("after", "before", "search"):
        if form.given(name) and not isinstance(form.content[name], str):
            form.fail(name, _("A text is expected."), "string_type")
    form.check()
    chosen = (
        selection.read(form.content["select"], term, schema, (*form.place, "select"))
        if form.given("select")
        else selection.everything(term, schema, depth)
    )
    item = conditions.read(form.content.get("filter"), term, (*form.place, "filter"))
    if form.content.get("search"):
        item = And((item, Search(form.content["search"])))
    query = Query(
        filter=item,
        sorts=tuple(_sort(name, term) for name in _listed(form, "sort")),
        fields=tuple(r.id for r in chosen.columns.values() if not r.is_subtable),
        up=up,
        limit=limit,
        offset=offset,
        after=form.content.get("after"),
        before=form.content.get("before"),
    )
    group = tuple(names.field(name, term) for name in _listed(form, "group"))
    aggregates = {str(text): _aggregate(form, text, term) for text in _listed(form, "aggregates")}
    return Question(query, chosen, total, group, aggregates)


def of_address(parameters: dict[str, str]) -> Form:
    """The same out of a query string: lists by comma, ``select`` and ``filter`` as text or as JSON."""
    content: dict[str, Any] = dict(parameters)
    for name in ("select", "filter"):
        if content.get(name, "").lstrip()[:1] in ("[", "{"):
            try:
                content[name] = json.loads(content[name])
            except (ValueError, RecursionError):
                raise Malformed([problem(("query", name), _("This is not JSON."), "json_invalid")]) from None
    return Form(content, ("query",))


def _listed(form: Form, name: str) -> list[Any]:
    """A list, or names by comma."""
    value = form.content.get(name)
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        raise Malformed([problem((*form.place, name), _("A list is expected."), "list_type")])
    return value


def _sort(sent: Any, term: Term) -> Sort:
    """``name``, ``-name`` for the other way round, or ``{"field": name, "descending": true}``."""
    match sent:
        case {"field": field, **rest} if rest.keys() <= {"descending"}:
            return Sort(names.field(field, term), rest.get("descending") is True)
        case str() if sent.startswith("-") and names.named(sent, term) is None:
            name = sent[1:]
            return Sort(names.field(int(name) if name.isascii() and name.isdigit() else name, term), True)
        case str() if sent.isascii() and sent.isdigit():
            return Sort(names.field(int(sent), term))
    return Sort(names.field(sent, term))


def _aggregate(form: Form, sent: Any, term: Term) -> Aggregate:
    match = _AGGREGATE.fullmatch(sent) if isinstance(sent, str) else None
    if match is None or match[1].lower() not in set(Function):
        known = ", ".join(f"{function}(…)" for function in Function)
        expected = _("One of these is expected: %(known)s") % {"known": known}
        raise Malformed([problem((*form.place, "aggregates"), expected)])
    return Aggregate(Function(match[1].lower()), names.field(match[2].strip(), term))
