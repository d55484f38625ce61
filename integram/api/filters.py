"""The contract's filters: ``f{id}``, ``t{id}`` or a name, and a text with ``%`` at its ends."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from integram.api import names
from integram.api.errors import Malformed, problem
from qdm.errors import InvalidValue
from qdm.query.ast import NOTHING, And, Compare, Filter, Op, Or
from qdm.schema import Requisite, Term
from qdm.types import codec
from qdm.types.base import Locale


def joined(given: Mapping[str, Any], term: Term) -> Filter:
    """All of the filters. Raises UnknownField for a name that means nothing, the same for a hidden column."""
    return And(tuple(_one(name, value, term) for name, value in given.items()))


def _one(name: str, value: Any, term: Term) -> Filter:
    field = names.field(name, term)
    text = _text(name, value)
    if not text:
        return NOTHING
    if not text.strip("%"):
        return Compare(field, Op.NOT_EMPTY)
    if text.startswith("%") and text.endswith("%"):
        return Compare(field, Op.CONTAINS, text[1:-1])
    if text.startswith("%"):
        return Compare(field, Op.ENDS, text[1:])
    if text.endswith("%"):
        return Compare(field, Op.STARTS, text[:-1])
    found = term.by_id.get(field) if isinstance(field, int) else None
    if found is not None and found.is_reference:
        return _linked(found, text)
    return Compare(field, Op.EQ, text)


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict | list):
        raise Malformed([problem(("body", "filters", name), _("A text or a number is expected."), "string_type")])
    return str(value)


def _linked(requisite: Requisite, text: str) -> Filter:
    """What the reference shows, or the id of its target."""
    arms: list[Filter] = []
    if text.isascii() and text.isdigit() and len(text) <= 18:
        arms.append(Compare(requisite.id, Op.EQ, int(text)))
    try:
        codec(requisite.base).parse(text, Locale())
        arms.append(Compare(requisite.id, Op.EQ, text))
    except InvalidValue:
        if not arms:
            arms.append(Compare(requisite.id, Op.EQ, text))  # refused by the binder, in its words
    return Or(tuple(arms))
