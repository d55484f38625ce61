"""Rows of a sheet that go into a table which is there already: columns are found by name."""

from dataclasses import replace

from django.utils.translation import gettext as _

from qdm.schema import Requisite, Term
from qdm.sheets.checking import TERM
from qdm.sheets.errors import BadMapping
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal, TablePlan
from qdm.types.base import BaseType


def into_term(plan: Proposal, term: Term, sheet: str = "") -> Proposal:
    """The proposal with one sheet going into the term: the named one, else the first with rows; the others left out.

    Raises BadMapping where there is no such sheet.
    """
    chosen = next((t for t in plan.tables if (t.sheet == sheet if sheet else not t.skip)), None)
    if chosen is None:
        raise no_sheet(sheet)
    tables = tuple(_mapped(table, term) if table is chosen else replace(table, skip=True) for table in plan.tables)
    return replace(plan, tables=tables, directories=())


def only_sheet(plan: Proposal, sheet: str) -> Proposal:
    """The proposal with the other sheets left out; links to them become plain columns. Raises BadMapping."""
    chosen = next((t for t in plan.tables if t.sheet == sheet), None)
    if chosen is None:
        raise no_sheet(sheet)
    tables = tuple(_alone(table) if table is chosen else replace(table, skip=True) for table in plan.tables)
    return replace(plan, tables=tables)


def no_sheet(sheet: str) -> BadMapping:
    return BadMapping(_("The file has no sheet “%(sheet)s”.") % {"sheet": sheet})


def _alone(table: TablePlan) -> TablePlan:
    columns = tuple(replace(c, target="", match=None) if c.target.startswith("sheet:") else c for c in table.columns)
    parent = None if table.owner is None or table.owner.target.startswith("sheet:") else table.parent
    return replace(table, skip=False, columns=columns, parent=parent)


def _mapped(table: TablePlan, term: Term) -> TablePlan:
    found = {c.index: term.by_name.get(c.name.casefold()) for c in table.columns}
    main = next((c.index for c in table.columns if c.name.casefold() in term.names and found[c.index] is None), None)
    if main is None:
        # the column that names the rows is called as it was in the file it came from
        main = next((c.index for c in table.columns if found[c.index] is None and not c.blanks), ROW_NUMBER)
    columns = []
    for column in table.columns:
        if column.index == main:
            columns.append(replace(column, base=term.base, target="", match=None, unique=False, required=False))
        elif (requisite := found[column.index]) is not None and not requisite.is_subtable:
            columns.append(_as_requisite(column, requisite))
        else:  # a name the table does not have: the user may take it in as a new column
            columns.append(replace(column, target="", match=None, skip=True))
    return replace(table, skip=False, into=term.id, main=main, parent=None, name=term.title, columns=tuple(columns))


def _as_requisite(column: ColumnPlan, requisite: Requisite) -> ColumnPlan:
    target = f"{TERM}{requisite.target}" if requisite.is_reference else ""
    base = BaseType.CHARS if requisite.is_reference else requisite.base
    return replace(column, base=base, target=target, match=None, unique=False, required=False)
