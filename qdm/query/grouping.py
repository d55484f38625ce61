"""Totals and groups: aggregates over the records of a question, under the same rights as its pages.

A record with several values in a MULTIPLE field belongs to the group of each. A reference is grouped by the record it
names, as far as that is seen; what is not seen is grouped with the empty ones. Text is grouped without case.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from psycopg.sql import Composable, Literal

from qdm.errors import BadFilter
from qdm.query import lookups
from qdm.query.ast import Aggregate, Compare, FieldRef, Function, Op, Query
from qdm.query.bound import Path
from qdm.query.compiler import Compiler
from qdm.query.lookups import Kind, Operand, all_sql
from qdm.query.scope import Scope
from qdm.query.statement import Statement
from qdm.query.text import SQL
from qdm.schema import Term
from qdm.types.base import BaseType


@dataclass(frozen=True, slots=True)
class GroupLayout:
    """Shape of a row: one value for each grouping field, a label after each of those that are links, the count, then
    one text for each aggregate."""

    links: tuple[bool, ...]


def totals(compiler: Compiler, term: Term, query: Query, aggregates: Sequence[Aggregate]) -> Statement:
    """One row: number of records, then each aggregate as canonical text."""
    build = compiler.build()
    scope = Scope(build, term)
    columns = [SQL("count(*)"), *_aggregates(compiler, scope, aggregates)]
    where = all_sql(compiler.asked(scope, query))
    return Statement(
        SQL("SELECT {} FROM {} WHERE {}").format(SQL(", ").join(columns), scope.source, where), build.params.values
    )


def groups(
    compiler: Compiler,
    term: Term,
    query: Query,
    fields: Sequence[FieldRef],
    aggregates: Sequence[Aggregate],
    *,
    by_count: bool = False,
) -> tuple[Statement, GroupLayout]:
    """A row for each group, in the order of the fields (``query.sorts`` gives directions), or the largest first."""
    build = compiler.build()
    scope = Scope(build, term)
    descending = {compiler.binder.path(sort.field, term).key: sort.descending for sort in query.sorts}
    paths = [compiler.binder.path(ref, term) for ref in fields]
    parts = [_part(compiler, scope, path, descending.get(path.key, False)) for path in paths]
    columns = [column for part in parts for column in part.columns]
    columns += [SQL("count(*)"), *_aggregates(compiler, scope, aggregates)]
    order = [part.order for part in parts]
    if by_count:
        order.insert(0, SQL("count(*) DESC"))
    where = all_sql(compiler.asked(scope, query))
    statement = SQL("SELECT {} FROM {} WHERE {} GROUP BY {} ORDER BY {} LIMIT {} OFFSET {}").format(
        SQL(", ").join(columns),
        scope.source,
        where,
        SQL(", ").join([by for part in parts for by in part.by]),
        SQL(", ").join(order),
        Literal(query.limit),
        Literal(query.offset),
    )
    return Statement(statement, build.params.values), GroupLayout(tuple(part.link for part in parts))


@dataclass(frozen=True, slots=True)
class _Part:
    """One grouping field: what is grouped by, what is selected, what is ordered by."""

    by: tuple[Composable, ...]
    columns: tuple[Composable, ...]
    order: Composable
    link: bool = False


def _part(compiler: Compiler, scope: Scope, path: Path, descending: bool) -> _Part:
    direction = SQL("{} DESC NULLS LAST" if descending else "{} NULLS LAST")
    requisite = path.field.requisite
    shown = compiler.binder.shown(path)
    if any(hop.requisite is not None and hop.requisite.multiple for hop in path.hops):
        # Two records on the way may have one value: the record would be counted twice.
        raise BadFilter(_("Rows cannot be grouped through a column of several links."))
    if requisite is not None and requisite.is_reference:
        return _link_part(scope, shown, direction)
    operand = scope.reach(shown, every=True)
    if operand.kind is Kind.TEXT:
        # '' is what a person calls empty, too.
        same = SQL("nullif({}, '')").format(lookups.folded(operand.value))
        spelt = SQL("nullif(min({} COLLATE \"C\"), '')").format(operand.value)
        return _Part((same,), (spelt,), direction.format(SQL('{} COLLATE "C"').format(same)))
    return _Part((operand.value,), (_text(operand),), direction.format(operand.value))


def _link_part(scope: Scope, shown: Path, direction: SQL) -> _Part:
    if shown.field.requisite is not None:  # the target may not be seen: all are empty
        nothing = SQL("(NULL::bigint)")
        return _Part((nothing,), (nothing, SQL("NULL::text")), nothing, link=True)
    target = scope.holder(shown, every=True)
    operand = target.operand(shown.field)
    identity, label = target.column("id"), target.column("val")
    order = SQL("{}, {}").format(direction.format(operand.key), identity)
    return _Part((identity, label, operand.key), (identity, label), order, link=True)


def _text(operand: Operand) -> Composable:
    if operand.kind is Kind.ID:
        return SQL("({})::text").format(operand.value)
    return lookups.canonical(operand.kind, operand.value)


def _aggregates(compiler: Compiler, scope: Scope, aggregates: Sequence[Aggregate]) -> list[Composable]:
    return [_aggregate(compiler, scope, wanted) for wanted in aggregates]


def _aggregate(compiler: Compiler, scope: Scope, wanted: Aggregate) -> Composable:
    binder = compiler.binder
    if wanted.function is Function.COUNT:
        filled = scope.condition(binder.filter(Compare(wanted.field, Op.NOT_EMPTY), scope.term))
        return SQL("(count(*) FILTER (WHERE {}))::text").format(filled)
    path = binder.path(wanted.field, scope.term)
    shown = binder.shown(path)
    if wanted.function is Function.DISTINCT and not path.multiple and path.field.base is not BaseType.PWD:
        return _distinct(scope, path, shown)
    known = lookups.AGGREGATES.get(lookups.kind_of(shown.field.base), frozenset())
    if path.multiple or wanted.function not in known:
        raise BadFilter(
            _("“%(function)s” cannot be computed of the column %(name)s.")
            % {"function": wanted.function, "name": path.field.name}
        )
    return lookups.aggregate(wanted.function, scope.reach(shown))


def _distinct(scope: Scope, path: Path, shown: Path) -> Composable:
    """A link counts by the record it names, as far as that is seen: two records of one label are two."""
    requisite = path.field.requisite
    if requisite is not None and requisite.is_reference:
        if shown.field.requisite is not None:  # the target may not be seen: all are empty
            return SQL("'0'::text")
        value = scope.holder(shown, every=True).column("id")
    else:
        operand = scope.reach(shown)
        value = operand.value
        if operand.kind is Kind.TEXT:
            value = SQL("nullif({}, '')").format(lookups.folded(value))
    return SQL("(count(DISTINCT {}))::text").format(value)
