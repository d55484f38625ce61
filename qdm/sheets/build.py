"""The tables and columns of an accepted mapping, made or found."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qdm.access import Access, Action
from qdm.schema import Requisite, Term
from qdm.selectors import structure
from qdm.services import columns, requisites, tables
from qdm.services.column_types import Spec
from qdm.sheets.checking import TERM
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal, TablePlan
from qdm.types.base import BaseType


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file and the requisite its cells go to."""

    plan: ColumnPlan
    requisite: Requisite


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet and the term its rows go to."""

    plan: TablePlan
    term: Term
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """``terms``: term id of every target key (``sheet:n``, ``directory:n``, ``term:<id>``)."""

    tables: tuple[Table, ...]
    terms: Mapping[str, int]
    access: Access

    @property
    def new_terms(self) -> list[int]:
        """Tables made for sheets: nobody else has seen them yet. (Directories are made by their first entry.)"""
        return [table.term.id for table in self.tables if table.plan.into is None]


def build(plan: Proposal, access: Access) -> Built:
    """Make the new tables and columns; to be called within a batch. Raises the errors of the services."""
    wanted = [table for table in plan.tables if not table.skip]
    used = {column.target for table in wanted for column in table.links}
    terms = {target: int(target.removeprefix(TERM)) for target in used if target.startswith(TERM)}
    for directory in plan.directories:
        if directory.key in used:
            terms[directory.key] = tables.create(directory.name, unique=True, access=access)
    for table in wanted:
        if table.into is not None:
            terms[table.key] = table.into
            continue
        main = None if table.main == ROW_NUMBER else table.column(table.main)
        terms[table.key] = tables.create(
            table.name,
            base=BaseType.NUMBER if main is None else main.base,
            unique=main is not None and main.unique,
            heading="№" if main is None else main.name,
            access=access,
        )
    access = _renewed(access)
    for table in wanted:
        term = access.term(terms[table.key])
        new = [c for c in table.kept if table.into is None or c.name.casefold() not in term.by_name]
        if new:
            columns.create_many(term.id, [_spec(column, terms) for column in new], access=access)
    for table in wanted:
        if table.owner is not None and table.into is None:
            requisites.create(terms[table.owner.target], terms[table.key], access=access)
    access = _renewed(access)
    return Built(tuple(_found(table, access.term(terms[table.key])) for table in wanted), terms, access)


def _spec(column: ColumnPlan, terms: Mapping[str, int]) -> Spec:
    name = " ".join(column.name.split())
    if column.target:
        return Spec(name, target=terms[column.target], required=column.required, unique=column.unique)
    return Spec(name, column.base, required=column.required, unique=column.unique)


def _found(table: TablePlan, term: Term) -> Table:
    pairs = ((column, term.by_name.get(" ".join(column.name.split()).casefold())) for column in table.kept)
    return Table(table, term, tuple(Column(plan, requisite) for plan, requisite in pairs if requisite is not None))


def _renewed(access: Access) -> Access:
    """With the structure as it is now. Only who manages the workspace changes it, and he sees all of it."""
    if not access.can(Action.MANAGE):
        return access
    return replace(access, schema=structure.schema(access.workspace))
