"""A filter as the builder in the browser holds it, and back.

``{"join": "and" | "or", "not": bool, "items": [...]}`` or ``{"field", "op", "values": [text | {"variable": name} |
{"id": row, "label"}]}``. Columns by id; a path through a link by its text.
"""

from typing import Any

from django.utils.translation import gettext as _

from integram.grid import sentence
from qdm.access import Access
from qdm.errors import BadFilter
from qdm.query.ast import EVERYTHING, And, Compare, Filter, Not, Op, Or
from qdm.query.binder import Binder
from qdm.query.parser import Variable
from qdm.schema import Term

MOST = 200  #: conditions of a filter
DEPTH = 8  #: groups within groups
_JOINS: dict[str, type[And | Or]] = {"and": And, "or": Or}
_MANY = (Op.IN, Op.BETWEEN)
_NONE = (Op.EMPTY, Op.NOT_EMPTY, Op.BAD)

Json = dict[str, Any]


def of(item: Filter, term: Term, access: Access) -> Json:
    """The tree of a filter; the outermost is always a group."""
    tree = _node(item, term, access)
    return tree if "join" in tree else {"join": "and", "not": False, "items": [tree]}


def _node(item: Filter, term: Term, access: Access) -> Json:
    match item:
        case And(items):
            return {"join": "and", "not": False, "items": [_node(one, term, access) for one in items]}
        case Or(items):
            return {"join": "or", "not": False, "items": [_node(one, term, access) for one in items]}
        case Not(inner):
            node = _node(inner, term, access)
            return {**node, "not": not node["not"]} if "join" in node else {"join": "and", "not": True, "items": [node]}
        case Compare(field, op, value):
            values = () if value is None else value if isinstance(value, tuple) else (value,)
            return {
                "field": field,
                "op": op.value,
                "values": [_value(one, item, term, access) for one in values],
            }
    raise BadFilter


def _value(value: object, item: Compare, term: Term, access: Access) -> Any:
    if isinstance(value, Variable):
        return {"variable": value.name}
    if isinstance(value, int):
        requisite = Binder(access.schema).path(item.field, term).field.requisite
        target = requisite.target if requisite is not None else None
        return {"id": value, "label": sentence.label(target, value, access) if target is not None else str(value)}
    return value


def read(sent: Any) -> Filter:
    """The filter of a tree, values as they were typed. Raises BadFilter."""
    return _Reader().read(sent, 0)


class _Reader:
    def __init__(self) -> None:
        self.conditions = 0

    def read(self, sent: Any, depth: int) -> Filter:
        self.conditions += 1
        if depth > DEPTH or self.conditions > MOST:
            raise BadFilter(_("The filter is too large or nested too deeply."))
        match sent:
            case {"join": "and" | "or" as join, "items": list() as items}:
                parts = tuple(part for one in items if (part := self.read(one, depth + 1)) != EVERYTHING)
                if not parts:
                    return EVERYTHING
                found = parts[0] if len(parts) == 1 else _JOINS[join](parts)
                return Not(found) if sent.get("not") is True else found
            case {"field": int() | str() as field, "op": str() as op, "values": list() as values}:
                return self._compare(field, op, values)
        raise BadFilter

    def _compare(self, field: int | str, name: str, values: list[Any]) -> Filter:
        try:
            op = Op(name)
        except ValueError:
            raise BadFilter from None
        if op in _NONE:
            return Compare(field, op)
        given = tuple(map(_given, values))
        if op is Op.IN:
            return Compare(field, op, given) if given else EVERYTHING
        if op is Op.BETWEEN:
            if len(given) != 2:
                raise BadFilter(_("“between” takes two values."))
            return Compare(field, op, given)
        if len(given) != 1 or given[0] == "":
            raise BadFilter(_("Every condition needs a value."))
        return Compare(field, op, given[0])


def _given(value: Any) -> object:
    match value:
        case {"variable": str() as name}:
            return Variable(name)
        case {"id": int() as record_id}:
            return record_id
        case str():
            return value.strip()
    raise BadFilter
