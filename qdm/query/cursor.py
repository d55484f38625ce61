"""The keyset cursor: the sort keys of one record as opaque text, tied to the order it was made in."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.errors import InvalidRequest, InvalidValue
from qdm.query.ast import MAX_ID
from qdm.query.bound import BoundSort
from qdm.types.text import storable


@dataclass(frozen=True, slots=True)
class Cursor:
    """``keys``: text of each sort key, None for an empty one; ``id`` of the record they are of."""

    keys: tuple[str | None, ...]
    id: int


def signature(sorts: Sequence[BoundSort]) -> str:
    """What identifies an order: changes when a column or a direction does."""
    return ",".join(f"{'-' if sort.descending else ''}{sort.path.key}" for sort in sorts)


def encode(sorts: Sequence[BoundSort], cursor: Cursor) -> str:
    text = json.dumps([signature(sorts), cursor.keys, cursor.id], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(sorts: Sequence[BoundSort], text: str) -> Cursor:
    """The cursor, checked against the order. Raises InvalidRequest."""
    try:
        read = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        read = None
    match read:
        case [str() as order, list() as keys, int() as record] if (
            all(key is None or _is_text(key) for key in keys) and not isinstance(record, bool) and abs(record) <= MAX_ID
        ):
            if order == signature(sorts) and len(keys) == len(sorts):
                return Cursor(tuple(keys), record)
            raise InvalidRequest(_("The cursor belongs to another order."))
        case _:
            raise InvalidRequest(_("The cursor is not understood."))


def _is_text(key: object) -> bool:
    """Whether PostgreSQL could hold it."""
    try:
        return isinstance(key, str) and storable(key) == key
    except InvalidValue:
        return False
