"""Filter trees: JSON, or a text as administrators write it, to the tree of a question.

``{"and": [...]}``, ``{"or": [...]}``, ``{"not": ...}``, ``{"search": "text"}``,
``{"field": name, "op": ">=", "value": ...}``. ``between`` takes a list of two values, ``in`` a list, ``empty`` and
``not_empty`` none. A number compared with a reference is the id of its target, a text what it shows.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from integram.api import names
from integram.api.errors import Malformed, problem
from qdm.errors import BadFilter
from qdm.query import parser
from qdm.query.ast import EVERYTHING, And, Compare, Filter, Not, Op, Or, Search, with_tests
from qdm.query.parser import Variable
from qdm.schema import Term

DEPTH = 30
CONDITIONS = 300
VALUES = 1000
_OPERATORS = {op.value: op for op in Op}
_WITHOUT_VALUE = {Op.EMPTY, Op.NOT_EMPTY, Op.BAD}
_JOINS: dict[str, type[And | Or]] = {"and": And, "or": Or}


def read(sent: Any, term: Term, place: tuple[str | int, ...]) -> Filter:
    """Raises Malformed for what is no filter, UnknownField, BadFilter."""
    if sent is None:
        return EVERYTHING
    if isinstance(sent, str):
        found = parser.parse(sent) if sent.strip() else EVERYTHING
        return with_tests(found, lambda test: _resolved(test, term))
    return _Reader(term).read(sent, place, 0)


class _Reader:
    def __init__(self, term: Term) -> None:
        self.term = term
        self.conditions = 0

    def read(self, sent: Any, place: tuple[str | int, ...], depth: int) -> Filter:
        self.conditions += 1
        if depth > DEPTH or self.conditions > CONDITIONS:
            raise BadFilter(_("The filter is too large or nested too deeply."))
        match sent:
            case {"and": list() as items} | {"or": list() as items} if len(sent) == 1:
                (name,) = sent
                join = _JOINS[name]
                return join(tuple(self.read(item, (*place, name, at), depth + 1) for at, item in enumerate(items)))
            case {"not": inner} if len(sent) == 1:
                return Not(self.read(inner, (*place, "not"), depth + 1))
            case {"search": str() as text} if len(sent) == 1:
                return Search(text)
            case {"field": field, **rest} if rest.keys() <= {"op", "value"}:
                return self._compare(field, rest.get("op", "="), rest.get("value"), "value" in rest, place)
        raise Malformed(
            [problem(place, _("A condition is expected: and, or, not, search, or field with op and value."))]
        )

    def _compare(self, field: Any, name: Any, value: Any, given: bool, place: tuple[str | int, ...]) -> Filter:
        op = _OPERATORS.get(name) if isinstance(name, str) else None
        if op is None:
            known = ", ".join(_OPERATORS)
            raise Malformed([problem((*place, "op"), _("One of these is expected: %(known)s") % {"known": known})])
        if op in _WITHOUT_VALUE:
            if given and value is not None:
                raise Malformed([problem((*place, "value"), _("This operator takes no value."))])
            return Compare(names.field(field, self.term), op)
        if not given:
            raise Malformed([problem((*place, "value"), _("Field required"), "missing")])
        if op in (Op.IN, Op.BETWEEN):
            if not isinstance(value, list) or len(value) > VALUES or not all(map(_is_scalar, value)):
                expected = _("A list of at most %(most)d values is expected.") % {"most": VALUES}
                raise Malformed([problem((*place, "value"), expected, "list_type")])
            value = tuple(value)
        elif not _is_scalar(value):
            raise Malformed([problem((*place, "value"), _("A text, a number or a boolean is expected."))])
        return Compare(names.field(field, self.term), op, value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | Decimal)


def _resolved(item: Filter, term: Term) -> Filter:
    """A test of a parsed text with its column found; it may not say @me, which is for rules."""
    if not isinstance(item, Compare):
        return item
    for one in item.value if isinstance(item.value, tuple) else (item.value,):
        if isinstance(one, Variable):
            raise BadFilter(_("The filter is not understood at “%(place)s”.") % {"place": f"@{one.name}"})
    return Compare(names.field(item.field, term), item.op, item.value)
