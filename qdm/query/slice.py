"""A run of ids out of ordered segments: LIMIT and OFFSET over several orders in a row, each walked only if needed."""

from collections.abc import Sequence

from psycopg.sql import SQL, Composable, Identifier, Literal

from qdm.query.lookups import all_sql
from qdm.query.order import Segment
from qdm.query.scope import Scope


def sliced(
    scope: Scope, conditions: Sequence[Composable], segments: Sequence[Segment], limit: int, offset: int
) -> Composable:
    """A SELECT of at most ``limit`` ids of the first segment, filled up from the second if there is one.

    The order of the ids it yields is not defined; which they are, is.
    """
    first, *others = segments
    if not others:
        return _ids(scope, conditions, first, Literal(limit), Literal(offset))
    (second,) = others
    # A one-time filter: where the first run is full the second is not even begun.
    lacking = SQL("(SELECT count(*) FROM {}) < {}").format(_FIRST, Literal(limit))
    skip: Composable = Literal(0)
    if offset:
        passed = SQL("greatest({} - {}, 0)").format(Literal(offset), counted(scope, within(first, conditions)))
        skip = SQL("(CASE WHEN {} THEN {} ELSE 0 END)").format(lacking, passed)
    return SQL("WITH {} AS MATERIALIZED ({}), {} AS ({}) SELECT id FROM {} UNION ALL SELECT id FROM {}").format(
        _FIRST,
        _ids(scope, conditions, first, Literal(limit), Literal(offset)),
        _SECOND,
        _ids(scope, [lacking, *conditions], second, Literal(limit), skip),
        _FIRST,
        _SECOND,
    )


_FIRST = Identifier("first")
_SECOND = Identifier("second")


def within(segment: Segment, conditions: Sequence[Composable]) -> Composable:
    """The conditions and that of the segment."""
    return all_sql([*conditions, *([] if segment.condition is None else [segment.condition])])


def counted(scope: Scope, where: Composable) -> Composable:
    """A scalar subselect: how many records."""
    return SQL("(SELECT count(*) FROM {} WHERE {})").format(scope.source, where)


def _ids(
    scope: Scope, conditions: Sequence[Composable], segment: Segment, limit: Composable, offset: Composable
) -> Composable:
    return SQL("(SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {} OFFSET {})").format(
        SQL("{} AS id").format(scope.column("id")),
        scope.source,
        within(segment, conditions),
        segment.order,
        limit,
        offset,
    )
