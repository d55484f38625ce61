"""Whether an accepted mapping makes sense and may be carried out: asked before anything is written."""

from collections import Counter

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Forbidden
from qdm.query.ast import EVERYTHING
from qdm.schema import Term
from qdm.services import defaults
from qdm.sheets.errors import BadMapping
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal, TablePlan
from qdm.types.base import BaseType

TERM = "term:"  #: prefix of a target that is an existing table


def check(plan: Proposal, access: Access) -> None:
    """Raises BadMapping that names sheet and column, Forbidden, TermNotFound."""
    tables = [table for table in plan.tables if not table.skip]
    if not tables:
        raise BadMapping(_("There is nothing to import: every sheet is left out."))
    if any(table.into is None for table in tables) or plan.directories:
        access.require(Action.MANAGE)
    used = {column.target for table in tables for column in table.links}
    names = [table.name for table in tables if table.into is None]
    names += [directory.name for directory in plan.directories if directory.key in used]
    _distinct(names, _("Two tables are called “%(name)s”."))
    for table in tables:
        _check_table(table, plan, access)


def _check_table(table: TablePlan, plan: Proposal, access: Access) -> None:
    _distinct([c.name for c in table.kept], _("Two columns are called “%(name)s”."), table.sheet)
    if table.main != ROW_NUMBER:
        _check_main(table, table.column(table.main))
    if table.owner is not None:
        _check_owner(table, table.owner, plan)
    for column in table.links:
        _check_target(table, column, plan, access)
    for column in table.kept:
        if column.required and (column.blanks or (column.target and column.errors)):
            _refuse(table, column, _("has %(count)d blank cells, so it cannot be required") % {"count": column.blanks})
        if column.unique and not column.is_unique:
            _refuse(table, column, _("repeats values, so it cannot be unique"))
    if table.into is not None:
        _check_into(table, access.term(table.into), access)


def _check_main(table: TablePlan, column: ColumnPlan) -> None:
    if column.skip:
        _refuse(table, column, _("is left out, so it cannot name the rows"))
    if column.blanks or column.errors:
        _refuse(
            table,
            column,
            _("has %(count)d blank or error cells, so it cannot name the rows")
            % {"count": column.blanks + column.errors},
        )
    if column.unique and not column.is_unique:
        _refuse(table, column, _("repeats values, so it cannot be unique"))


def _check_owner(table: TablePlan, column: ColumnPlan, plan: Proposal) -> None:
    if not column.target or column.index == table.main or column.skip:
        _refuse(table, column, _("links to no other table, so the rows cannot belong to it"))
    if column.blanks or column.errors:
        _refuse(
            table,
            column,
            _("has %(count)d blank or error cells, so not every row belongs to one of the other table")
            % {"count": column.blanks + column.errors},
        )
    if not table.kept:
        raise BadMapping(_("A sub-table needs at least one column beside its first."))
    owners = {t.key: t.owner.target for t in plan.tables if not t.skip and t.owner is not None}
    above, seen = column.target, {table.key}
    while above in owners and above not in seen:
        seen.add(above)
        above = owners[above]
    if above in seen:
        _refuse(table, column, _("makes the rows belong to themselves"))


def _check_target(table: TablePlan, column: ColumnPlan, plan: Proposal, access: Access) -> None:
    if column.target.startswith(TERM):
        access.term(int(column.target.removeprefix(TERM)))
        return
    if any(directory.key == column.target for directory in plan.directories):
        return
    other = next((t for t in plan.tables if t.key == column.target), None)
    if other is None or other.skip:
        _refuse(table, column, _("links to a sheet that is left out"))
    assert other is not None
    if column.match is not None:
        key = other.column(column.match)
        if not key.is_unique:
            _refuse(table, column, _("links to a column that repeats values"))
    elif other.main == ROW_NUMBER:
        _refuse(table, column, _("links to a sheet whose rows have no name"))
    elif other.into is not None:
        _refuse(table, column, _("links to a sheet whose rows go into an existing table; link to that table"))


def _check_into(table: TablePlan, term: Term, access: Access) -> None:
    """Into an existing table: rights on every row, its required columns, a main value."""
    if access.rows(term.id, Action.ADD) != EVERYTHING:
        raise Forbidden(_("An import needs the right to add any row to “%(table)s”.") % {"table": term.title})
    if (owner := table.owner) is not None and owner.target not in {
        f"{TERM}{parent.term_id}" for parent in access.schema.parents_of(term.id)
    }:
        _refuse(table, owner, _("links to a table that has no such sub-table"))
    taken = set()
    for column in table.kept:
        requisite = term.by_name.get(column.name.casefold())
        if requisite is None:
            access.require(Action.MANAGE, term.id)
            continue
        if requisite.is_subtable:
            _refuse(table, column, _("is a sub-table there"))
        if access.field(requisite.id, Action.CHANGE) != EVERYTHING:
            raise Forbidden(_("You may not write the column “%(column)s”.") % {"column": requisite.name})
        if requisite.required and column.blanks:
            _refuse(table, column, _("is required there and has %(count)d blank cells") % {"count": column.blanks})
        taken.add(requisite.id)
    filled = taken | defaults.of(term, access=access).keys()
    missing = [r.name for r in term.cells if r.required and r.id not in filled]
    if missing:
        raise BadMapping(_("The table requires the column “%(column)s”.") % {"column": missing[0]})
    if table.main == ROW_NUMBER and term.base is not BaseType.NUMBER:
        raise BadMapping(_("Choose the column that names the rows of “%(table)s”.") % {"table": term.title})


def _distinct(names: list[str], message: str, sheet: str = "") -> None:
    for name, count in Counter(" ".join(name.split()).casefold() for name in names).items():
        if not name:
            raise BadMapping(_("A name is missing.") + (f" ({sheet})" if sheet else ""))
        if count > 1:
            raise BadMapping(message % {"name": name} + (f" ({sheet})" if sheet else ""))


def _refuse(table: TablePlan, column: ColumnPlan, problem: str) -> None:
    raise BadMapping(
        _("“%(sheet)s”: the column “%(column)s” %(problem)s.")
        % {"sheet": table.sheet, "column": column.name, "problem": problem}
    )
