"""Picking the row a link leads to: those there are, and a new one made on the way."""

from typing import Any

from integram.grid import reading_locale
from qdm.access import Access, Action
from qdm.errors import InvalidRequest
from qdm.schema import ROOT_ID, Requisite
from qdm.selectors import records
from qdm.services import records as writing
from qdm.services.writes import Create

OPTIONS = 50


def found(column_id: int, text: str, access: Access) -> dict[str, Any]:
    """``{"options": [{"id", "label"}], "more"}``. Raises as ``records.options``."""
    options = records.options(column_id, text, access=access, limit=OPTIONS + 1, offset=0)
    return {"options": [{"id": o.id, "label": o.label} for o in options[:OPTIONS]], "more": len(options) > OPTIONS}


def may_create(requisite: Requisite, access: Access) -> bool:
    """Rows of a sub-table belong to a row, which a link does not name: those are made on its page."""
    target = requisite.target
    return target is not None and access.can(Action.ADD, target) and not access.schema.parents_of(target)


def created(column_id: int, sent: dict[str, Any], access: Access) -> dict[str, Any]:
    """A new row of the table linked to: ``{"name"}`` -> ``{"id", "label", "batch"}``.

    Raises RequisiteNotFound, InvalidRequest, and what refuses the row: Forbidden, InvalidValue, NotUnique.
    """
    requisite = access.requisite(column_id)
    name = sent.get("name")
    if requisite.target is None or not isinstance(name, str) or not name.strip():
        raise InvalidRequest
    target = access.term(requisite.target)
    made = writing.write(
        target.id,
        [Create({target.id: name.strip()}, ROOT_ID)],
        access=access,
        locale=reading_locale.current(),
        note="grid",
    )
    (row,) = records.by_ids(target.id, [made[0].id or 0], access=access)
    return {"id": row.id, "label": row.val, "batch": made.batch}
