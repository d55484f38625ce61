"""What a file was allowed to hold, as a short text: with other rights it is another."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any

from qdm.access import Access
from qdm.schema import Term


def stamp(term: Term, *, access: Access) -> str:
    """Changes with any right in the workspace and with the columns of the table that are seen."""
    rights = [access.everywhere, access.tables, access.rules, access.fields, [r.id for r in term.requisites]]
    return hashlib.sha256(json.dumps([_plain(part) for part in rights]).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Values of rights in an order that does not change from process to process."""
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, field.name)) for field in fields(value))]
    if isinstance(value, frozenset):
        return sorted(map(_plain, value), key=str)
    if isinstance(value, dict):
        return sorted(([str(key), _plain(one)] for key, one in value.items()), key=lambda item: item[0])
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, int) else str(value)
