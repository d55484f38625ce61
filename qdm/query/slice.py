"""A run of ids out of ordered segments: LIMIT and OFFSET over several orders in a row, each walked only if needed."""

from collections.abc import Callable, Sequence

from psycopg.sql import Composable, Identifier, Literal

from qdm.query.lookups import all_sql
from qdm.query.order import Segment
from qdm.query.scope import Scope
from qdm.query.text import SQL

#: Conditions beside the segment, the segment, limit, offset: a SELECT of ids in brackets.
Pick = Callable[[Sequence[Composable], Segment, Composable, Composable], Composable]


def sliced(
    scope: Scope,
    conditions: Sequence[Composable],
    segments: Sequence[Segment],
    limit: int,
    offset: int,
    *,
    pick: Pick | None = None,
    seen: Sequence[Composable] = (),
) -> Composable:
    """A SELECT of at most ``limit`` ids of the first segment, filled up from the second if there is one.

    The order of the ids it yields is not defined; which they are, is. ``pick``: how a run of a segment is found, with
    the conditions ``seen`` in it already.
    """
    if pick is None:

        def pick(found: Sequence[Composable], segment: Segment, limit: Composable, offset: Composable) -> Composable:
            return _ids(scope, found, segment, limit, offset)

    first, *others = segments
    if not others:
        return pick(conditions, first, Literal(limit), Literal(offset))
    (second,) = others
    # A one-time filter: where the first run is full the second is not even begun.
    lacking = SQL("(SELECT count(*) FROM {}) < {}").format(_FIRST, Literal(limit))
    skip: Composable = Literal(0)
    if offset:
        before = counted(scope, within(first, [*seen, *conditions]))
        if not conditions and not seen:
            # The run is shorter than what was walked: walked once more, for the planner takes it for the whole table.
            again = _ids(scope, [], first, Literal(offset), Literal(0))
            before = SQL("(SELECT count(*) FROM {} AS w)").format(again)
        passed = SQL("greatest({} - {}, 0)").format(Literal(offset), before)
        skip = SQL("(CASE WHEN {} THEN {} ELSE 0 END)").format(lacking, passed)
    return SQL("WITH {} AS MATERIALIZED ({}), {} AS ({}) SELECT id FROM {} UNION ALL SELECT id FROM {}").format(
        _FIRST,
        pick(conditions, first, Literal(limit), Literal(offset)),
        _SECOND,
        pick([lacking, *conditions], second, Literal(limit), skip),
        _FIRST,
        _SECOND,
    )


def walk(
    scope: Scope,
    conditions: Sequence[Composable],
    segment: Segment,
    rows: Composable,
    limit: int,
    offset: int,
    afterwards: Sequence[Composable] = (),
    after: int = 0,
) -> Composable:
    """A SELECT of the ids for which the conditions hold among the first ``rows`` records of the segment.

    ``after``: so many records are passed before. ``afterwards``: conditions asked only of those for which the others
    hold, so that an index may do for the walk.
    """
    found: Composable = SQL("found")
    if afterwards:
        # With an OFFSET it stays what it looks like: a look at each row found.
        found = SQL("found AND EXISTS (SELECT FROM {} WHERE {} = w.id AND {} OFFSET 0)").format(
            scope.source, scope.column("id"), all_sql(afterwards)
        )
    # A subquery with a LIMIT keeps its order, and the planner takes nothing out of it.
    return SQL(
        "SELECT id FROM (SELECT {} AS id, {} AS found FROM {} WHERE {} ORDER BY {} LIMIT {} OFFSET {}) AS w"
        " WHERE {} LIMIT {} OFFSET {}"
    ).format(
        scope.column("id"),
        all_sql(conditions),
        scope.source,
        SQL("TRUE") if segment.condition is None else segment.condition,
        segment.order,
        rows,
        Literal(after),
        found,
        Literal(limit),
        Literal(offset),
    )


def walked_first(
    walked: Composable, limit: int, fetch: Callable[[Composable], Composable], *before: Composable
) -> Composable:
    """A SELECT of ids: those that were walked to; where they do not fill the page, with what ``fetch`` selects under
    the condition it is given. Which they are is defined, not their order. ``before``: what WITH begins with."""
    lacking = SQL("(SELECT count(*) FROM {}) < {}").format(_WALKED, Literal(limit))
    return SQL("WITH {} SELECT id FROM {} UNION ALL SELECT id FROM ({}) AS f").format(
        SQL(", ").join([*before, SQL("{} AS MATERIALIZED ({})").format(_WALKED, walked)]), _WALKED, fetch(lacking)
    )


_WALKED = Identifier("walked")
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
