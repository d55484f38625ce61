"""Constraints of terms and requisites: reading them from what a client wrote, storing them."""

from collections.abc import Mapping
from typing import Any

import re2
from django.utils.translation import gettext as _

from qdm.errors import InvalidRequest, InvalidValue
from qdm.managers import nodes
from qdm.managers.nodes import Node
from qdm.schema import FLAGS, MODIFIERS

_SPELLINGS = {name.replace(" ", ""): name for name in MODIFIERS}
#: Those whose argument is any text, a naught too.
TEXTS = frozenset({"DESCRIPTION", "DEFAULT", "FORMAT"})
#: An argument is a short text.
LIMIT = 1000


def spelled(key: str) -> str | None:
    """Name of the modifier a client means (``notnull``, ``NOT NULL``, ``not_null``), None for no modifier."""
    return _SPELLINGS.get(key.upper().replace(" ", "").replace("_", ""))


def parse(given: Mapping[str, Any]) -> dict[str, str | None]:
    """Modifier name -> argument ('' for a flag), or None where a falsy value takes it away. Other keys are left out.

    Raises InvalidRequest for an argument that is no text, InvalidValue for one that does not fit the modifier.
    """
    parsed: dict[str, str | None] = {}
    for key, value in given.items():
        name = spelled(key)
        if name is None:
            continue
        if isinstance(value, Mapping | list | tuple):
            raise InvalidRequest(_("The constraint %(name)s takes a text.") % {"name": name})
        parsed[name] = _argument(name, value)
    return parsed


def _argument(name: str, value: Any) -> str | None:
    if value is None or value is False or (isinstance(value, str) and not value.strip()):
        return None
    if name not in TEXTS and (value == 0 or str(value).strip() == "0"):
        return None
    if name in FLAGS:
        return ""
    text = "" if value is True else str(value).strip()
    if "\0" in text or len(text) > LIMIT:
        raise InvalidValue(_("The argument of %(name)s is not a short text.") % {"name": name}, fields={name: text})
    match name:
        case "SIZE" if not (text.isascii() and text.isdigit() and 0 < int(text) <= 10_000_000):
            raise InvalidValue(
                _("SIZE is the largest number of characters; “%(value)s” is not one.") % {"value": text},
                fields={name: text},
            )
        case "VALIDATION":
            compiled(text)
    return text


def compiled(pattern: str) -> Any:
    """The pattern of a VALIDATION as a linear-time expression (RE2: no pattern can hang the server)."""
    try:
        options = re2.Options()
        options.log_errors = False
        return re2.compile(pattern, options)
    except re2.error as error:
        raise InvalidValue(
            _("“%(pattern)s” is not a regular expression.") % {"pattern": pattern}, fields={"VALIDATION": pattern}
        ) from error


def store(ws: str, owner: int, wanted: Mapping[str, str | None]) -> None:
    """Set and take away modifiers of a term or requisite; those not named stay."""
    standing = {n.t: n for n in nodes.children(ws, [owner]) if n.t in MODIFIERS.values()}
    drop: list[int] = []
    change: list[Node] = []
    add: list[tuple[int, str]] = []
    for name, value in wanted.items():
        node = standing.get(MODIFIERS[name])
        if value is None:
            if node is not None:
                drop.append(node.id)
        elif node is None:
            add.append((MODIFIERS[name], value))
        elif (node.val or "") != value and name not in FLAGS:
            change.append(Node(node.id, owner, node.t, value))
    nodes.delete(ws, drop)
    nodes.update(ws, change)
    ids = nodes.reserve(ws, len(add))
    nodes.insert(ws, [Node(node_id, owner, t, value) for node_id, (t, value) in zip(ids, add, strict=True)])
