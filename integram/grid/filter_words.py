"""What can be asked of a column, in the words of people: operators by kind of value, relative dates, variables."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qdm.query.ast import Op
from qdm.query.lookups import Kind, kind_of
from qdm.query.periods import PERIODS, days
from qdm.schema import Requisite, Term
from qdm.types.base import BaseType

_ANY = (Op.EMPTY, Op.NOT_EMPTY)
_TEXT = (Op.CONTAINS, Op.EQ, Op.NE, Op.IN, Op.STARTS, Op.ENDS)
_ORDERED = (Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN, Op.IN)
_TIME = (Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN)

#: Kind of value in the builder -> operators in the order they are offered; all also know "is empty".
OFFERED: Mapping[str, tuple[Op, ...]] = {
    "text": (*_TEXT, *_ANY),
    "link": (Op.IN, Op.CONTAINS, Op.EQ, Op.NE, Op.STARTS, *_ANY),
    "number": (*_ORDERED, *_ANY, Op.BAD),
    "date": (*_TIME, *_ANY, Op.BAD),
    "boolean": (Op.EQ, *_ANY),
    "uuid": (Op.EQ, Op.NE, Op.IN, *_ANY),
    "secret": _ANY,
}
_KINDS: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.NUMERIC: "number",
    Kind.FLOAT: "number",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "date",
    Kind.BOOLEAN: "boolean",
    Kind.UUID: "uuid",
    Kind.ID: "number",
}

_OPERATORS = {
    Op.EQ: "=",
    Op.NE: "≠",
    Op.LT: "<",
    Op.LE: "≤",
    Op.GT: ">",
    Op.GE: "≥",
    Op.BETWEEN: gettext_lazy("between"),
    Op.IN: gettext_lazy("is one of"),
    Op.CONTAINS: gettext_lazy("contains"),
    Op.STARTS: gettext_lazy("begins with"),
    Op.ENDS: gettext_lazy("ends with"),
    Op.EMPTY: gettext_lazy("is empty"),
    Op.NOT_EMPTY: gettext_lazy("is filled"),
    Op.BAD: gettext_lazy("does not fit its type"),
}

_PERIODS = {
    "today": gettext_lazy("today"),
    "yesterday": gettext_lazy("yesterday"),
    "tomorrow": gettext_lazy("tomorrow"),
    "this_week": gettext_lazy("this week"),
    "last_week": gettext_lazy("last week"),
    "next_week": gettext_lazy("next week"),
    "this_month": gettext_lazy("this month"),
    "last_month": gettext_lazy("last month"),
    "next_month": gettext_lazy("next month"),
    "this_quarter": gettext_lazy("this quarter"),
    "last_quarter": gettext_lazy("last quarter"),
    "this_year": gettext_lazy("this year"),
    "last_year": gettext_lazy("last year"),
}


def kind(column: Term | Requisite) -> str:
    """Which operators are offered: a key of OFFERED."""
    if isinstance(column, Requisite) and column.is_reference:
        return "link"
    return "secret" if column.base is BaseType.PWD else _KINDS[kind_of(column.base)]


def operator(op: Op) -> str:
    return str(_OPERATORS[op])


def variable(name: str) -> str:
    """A variable as people read it; as it is typed where it has no words."""
    if name in _PERIODS:
        return str(_PERIODS[name])
    if (counted := days(name)) is not None:
        side, number = counted
        if side == "last":
            return ngettext("last %(days)d day", "last %(days)d days", number) % {"days": number}
        return ngettext("next %(days)d day", "next %(days)d days", number) % {"days": number}
    return _("me") if name == "me" else _("my groups") if name == "groups" else f"@{name}"


def vocabulary() -> dict[str, Any]:
    """For the builder in the browser: operators by kind with their words, periods, variables of a person."""
    return {
        "operators": {kind: [[op.value, operator(op)] for op in ops] for kind, ops in OFFERED.items()},
        "periods": [[name, variable(name)] for name in PERIODS],
        "persons": [[name, variable(name)] for name in ("me", "groups")],
    }
