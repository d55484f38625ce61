"""What the spreadsheet in the browser reads: columns with the rights on them, rows as arrays.

A row is ``[id, version, [main value, cell, …]]``, the cells in the order of the columns. A cell is null, canonical
text, ``{"id", "label"}`` for a link, ``{"hidden": true}`` for one that may not be seen, ``{"bad": text}`` for text that
does not fit its column, or a list of these. The main value's column has the id of the term.
"""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from integram.grid import column_kinds, filter_words, picking, totals
from qdm.access import Access, Action
from qdm.query.ast import NOTHING
from qdm.record import Bad, CellValue, Link, Record, Value
from qdm.schema import Requisite, Term
from qdm.types import presentation
from qdm.types.base import BaseType
from qdm.types.files import HOLDERS
from qdm.types.text import MASK

Json = Any

#: Pixels of a heading: what stands beside its text, one letter, and where it is cut rather than shown whole.
HEADING, LETTER, WIDE_ENOUGH = 44, 8, 260


def columns(term: Term, access: Access, widths: Mapping[int, int]) -> list[dict[str, Json]]:
    """The main value and every column that is no sub-table, as the actor may see and change them."""
    can_write = access.can(Action.CHANGE, term.id) or access.can(Action.ADD, term.id)
    kind = column_kinds.of_base(BaseType.CHARS if term.base in HOLDERS else term.base)
    main = _column(term.id, term.heading, kind, widths)
    main |= {"kind": filter_words.kind(term), "edit": can_write, "required": term.modifier("NOT NULL") is not None}
    main["totals"] = totals.of_column(term)
    return [main, *(_requisite(term, r, access, widths, can_write) for r in term.cells)]


def _column(id_: int, name: str, kind: column_kinds.Kind, widths: Mapping[int, int]) -> dict[str, Json]:
    width = widths.get(id_) or max(kind.width, min(HEADING + LETTER * len(name), WIDE_ENOUGH))
    return {"id": id_, "name": name, "type": kind.name, "icon": kind.icon, "width": width}


def _requisite(
    term: Term, requisite: Requisite, access: Access, widths: Mapping[int, int], can_write: bool
) -> dict[str, Json]:
    column = _column(requisite.id, requisite.name, column_kinds.of_requisite(requisite), widths)
    column["kind"] = filter_words.kind(requisite)
    column["edit"] = can_write and access.field(requisite.id, Action.CHANGE) != NOTHING
    column["required"] = requisite.required
    column["multiple"] = requisite.multiple
    column["totals"] = totals.of_column(requisite)
    column |= _presentation(requisite)
    if requisite.is_reference:
        column["options"] = reverse("grid:options", args=[access.workspace, term.id, requisite.id])
        column["create"] = picking.may_create(requisite, access)
    elif requisite.base in HOLDERS:
        column["files"] = reverse("grid:file-upload", args=[access.workspace, term.id, requisite.id])
    elif requisite.multiple:
        column["item"] = column["type"]
        column["type"] = column_kinds.LIST
    if access.can(Action.MANAGE, term.id):
        column["settings"] = reverse("grid:column", args=[access.workspace, term.id, requisite.id])
        column["access"] = reverse("grid:column-access", args=[access.workspace, term.id, requisite.id])
        column["remove"] = reverse("grid:column-delete", args=[access.workspace, term.id, requisite.id])
        column["copy"] = reverse("grid:column-duplicate", args=[access.workspace, term.id, requisite.id])
        if not requisite.is_reference and requisite.base is not BaseType.PWD:
            column["retype"] = reverse("grid:column-type", args=[access.workspace, term.id, requisite.id])
    return column


def _presentation(requisite: Requisite) -> dict[str, Json]:
    """What is set of: description, format that fits the type, align."""
    code = requisite.modifier("FORMAT") or ""
    found = {
        "description": requisite.modifier("DESCRIPTION"),
        "format": code if not requisite.is_reference and presentation.fits(code, requisite.base) else None,
        "align": requisite.modifier("ALIGN"),
    }
    return {name: value for name, value in found.items() if value}


def row(record: Record, term: Term) -> list[Json]:
    main: Json = {"bad": record.val} if record.bad_val else _shown(record.val, term.base) or None
    return [
        record.id,
        record.version,
        [main, *(_cell(record.cells.get(requisite.id), requisite.base) for requisite in term.cells)],
    ]


def _cell(value: CellValue | None, base: BaseType) -> Json:
    if isinstance(value, tuple):
        return [_value(item, base) for item in value] or None
    return None if value is None else _value(value, base)


def _value(value: Value, base: BaseType) -> Json:
    match value:
        case Link(id=None):
            return {"hidden": True}
        case Link(id=id_, label=label):
            return {"id": id_, "label": label}
        case Bad(text):
            return {"bad": text}
        case _:
            return _shown(value, base)


def group_value(value: Value | None, column: int, term: Term) -> Json:
    """What the rows of a group agree in."""
    base = term.base if column == term.id else term.by_id[column].base
    return None if value is None else _value(value, base)


def _shown(text: str, base: BaseType) -> str:
    """A password does not leave the server."""
    return MASK if text and base is BaseType.PWD else text
