"""A column once more, with its properties and its values, in one batch."""

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Forbidden
from qdm.managers import statements
from qdm.query.ast import EVERYTHING
from qdm.schema import Requisite, Term
from qdm.services import columns, modifiers
from qdm.services.column_types import Spec
from qdm.services.transaction import batch
from qdm.sql import statement

#: What the new column gets from its name and type.
_OF_SPEC = frozenset({"ALIAS", "NOT NULL", "UNIQUE", "MULTIPLE"})


def duplicate(requisite_id: int, name: str, *, access: Access) -> int:
    """A column of the same type, constraints, properties and values right of this one; its requisite id.

    The copy begins with the rights new columns of the table have, so only who reads every cell may make it. Values are
    copied by one statement. Raises RequisiteNotFound, Forbidden, NameTaken, InvalidValue.
    """
    column = access.requisite(requisite_id)
    term = access.term(column.term_id)
    access.require(Action.MANAGE, term.id)
    if column.is_subtable or not _reads_all(column, access):
        raise Forbidden(_("Only who sees every cell of a column may make a copy of it."))
    ws = access.schema.pg_schema
    spec = Spec(
        name,
        None if column.is_reference else column.base,
        column.target,
        multiple=column.multiple,
        required=column.required,
        unique=column.unique,
    )
    with batch(access, "duplicate_column"):
        copy = columns.create(term.id, spec, beside=column.id, access=access)
        kept: dict[str, str | None] = {m.name: m.value for m in column.modifiers if m.name not in _OF_SPEC}
        modifiers.store(ws, copy, kept)
        _copy_cells(column, term, copy, ws)
    return copy


def _reads_all(column: Requisite, access: Access) -> bool:
    rows = access.rows(column.term_id, Action.VIEW)
    return rows == EVERYTHING and access.field(column.id, Action.VIEW) == EVERYTHING


def _copy_cells(column: Requisite, term: Term, copy: int, ws: str) -> None:
    ids = {"requisite": column.id, "copy": copy}
    if column.is_reference:
        statements.run(statement("copy_links", ws=ws, table=term.table), ids)
    else:
        statements.run(statement("copy_values", ws=ws), ids)
