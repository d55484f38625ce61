"""Questions as plain JSON values and back, for a job or a saved question. What only an Access may say has no form."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from qdm.errors import InvalidRequest
from qdm.query.ast import And, Compare, FieldRef, Filter, Not, Op, Or, Query, Search, Sort


def as_plain(query: Query) -> dict[str, Any]:
    """Filter, order, columns and parent of the question; which page of it is not kept. Raises InvalidRequest."""
    return {
        "filter": _filter(query.filter),
        "sorts": [[sort.field, sort.descending] for sort in query.sorts],
        "fields": None if query.fields is None else list(query.fields),
        "up": query.up,
    }


def from_plain(value: Mapping[str, Any]) -> Query:
    """Raises InvalidRequest for anything that is not what ``as_plain`` gives."""
    try:
        fields = value["fields"]
        return Query(
            filter=_read(value["filter"]),
            sorts=tuple(Sort(_field(field), bool(descending)) for field, descending in value["sorts"]),
            fields=None if fields is None else tuple(map(_field, fields)),
            up=None if value["up"] is None else int(value["up"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(_("The question is not understood.")) from error


def _filter(item: Filter) -> list[Any]:
    match item:
        case Compare(field, op, value):
            if isinstance(value, tuple):
                return ["compare", field, str(op), [_scalar(one) for one in value], True]
            return ["compare", field, str(op), _scalar(value), False]
        case Search(text):
            return ["search", text]
        case And(items):
            return ["and", [_filter(one) for one in items]]
        case Or(items):
            return ["or", [_filter(one) for one in items]]
        case Not(inner):
            return ["not", _filter(inner)]
    raise InvalidRequest(_("The question is not understood."))


def _scalar(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _read(value: list[Any]) -> Filter:
    kind, *rest = value
    return _READERS[kind](*rest)


def _compare(field: FieldRef, op: str, value: Any, is_tuple: bool) -> Filter:
    return Compare(_field(field), Op(op), tuple(value) if is_tuple else value)


def _field(value: Any) -> FieldRef:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return value


_READERS: Mapping[str, Callable[..., Filter]] = {
    "compare": _compare,
    "search": lambda text: Search(str(text)),
    "and": lambda items: And(tuple(map(_read, items))),
    "or": lambda items: Or(tuple(map(_read, items))),
    "not": lambda item: Not(_read(item)),
}
