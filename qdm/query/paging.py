"""Pages of a question: which statements they are made of.

Without an offset the order is followed, and each record is read with its cells where it stands. With one, and where
rights say which records are meant, their ids come first: what is skipped is then read from an index alone. A text
inside others is hunted for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from psycopg.sql import Composable, Literal

from qdm.errors import InvalidRequest
from qdm.query.ast import Query
from qdm.query.branches import Branches
from qdm.query.compiler import Compiler, Layout
from qdm.query.cursor import Cursor
from qdm.query.granted_rows import GrantedRows
from qdm.query.lookups import all_sql, any_sql
from qdm.query.order import Order, Segment
from qdm.query.scope import Build, Scope
from qdm.query.slice import sliced, walk, within
from qdm.query.statement import Statement
from qdm.query.text import SQL
from qdm.schema import Term

#: Records that are walked for a text inside others before anything is known of how rare it is.
WALKED = 2_000
#: What the statistics say of a text they know nothing of is below this part of the table.
UNKNOWN = 0.01


@dataclass(frozen=True, slots=True)
class Runs:
    """Statements to be run in turn until the page is full: nearly always the first is all."""

    statements: tuple[Statement, ...]
    layout: Layout


@dataclass(frozen=True, slots=True)
class Hunt:
    """A page of records with a text inside, for which there is an index of trigrams.

    Whether a text is everywhere or nowhere is not known beforehand, and what is right for one is far too slow for the
    other. So the order is walked a little way; what was found there and what the statistics say of the index decide
    whether to walk on or to fetch all that have the text.
    """

    compiler: Compiler
    term: Term
    query: Query
    cursor: Cursor | None
    backward: bool
    layout: Layout
    likely: Statement  #: EXPLAIN of what the index will give

    @property
    def table(self) -> str:
        """Whose number of rows ``further`` asks for."""
        return f"{self.compiler.access.schema.pg_schema}.{self.term.table}"

    def first(self) -> Statement:
        """Those among the first WALKED records of the order."""
        return self._walked(WALKED, 0, 0)

    def behind(self, rows: int, found: int) -> Statement:
        """Those among so many ``rows`` behind them, in which ``found`` were."""
        return self._walked(rows, WALKED, found)

    def further(self, found: int, likely: int, rows: int) -> int:
        """How many records to walk on, of a table with so many ``rows``; 0: rather fetch what the index knows.

        To look at a record on the way costs about what it costs to fetch one by the index. So no more are walked than
        would be fetched, or twice as many as it should take.
        """
        if self.query.offset:
            return 0
        if not found:
            return min(likely, rows) if likely > rows * UNKNOWN else 0
        expected = (self.query.limit + 1 - found) * WALKED // found
        return 2 * expected if expected <= max(likely, found * rows // WALKED) else 0

    def fetched(self) -> Statement:
        """The page out of all records that have the text."""
        build = self.compiler.build()
        scope = Scope(build, self.term)
        order = Order(scope, self.compiler.sorts(self.term, self.query))
        conditions = self.compiler.asked(scope, self.query)
        places = [s.condition for s in order.segments(self.cursor, backward=self.backward)]
        if None not in places:
            conditions.append(any_sql([place for place in places if place is not None]))
        # With an OFFSET it stays what it looks like: the planner would follow the order for the few it takes them for.
        ids = SQL("SELECT id FROM (SELECT {} AS id, {} FROM {} WHERE {} OFFSET 0) AS f ORDER BY {} LIMIT {} OFFSET {}")
        return self._whole(
            build,
            ids.format(
                scope.column("id"),
                order.as_columns(),
                scope.source,
                all_sql(conditions),
                order.by_columns(backward=self.backward),
                Literal(self.query.limit + 1),
                Literal(self.query.offset),
            ),
        )

    def _walked(self, rows: int, after: int, found: int) -> Statement:
        build = self.compiler.build()
        build.inside = False
        scope = Scope(build, self.term)
        segment, *_others = Order(scope, self.compiler.sorts(self.term, self.query)).segments(
            self.cursor, backward=self.backward
        )
        conditions = self.compiler.asked(scope, self.query)
        limit, offset = self.query.limit + 1 - found, self.query.offset
        return self._whole(build, walk(scope, conditions, segment, Literal(rows), limit, offset, after=after))

    def _whole(self, build: Build, ids: Composable) -> Statement:
        return _by_ids(self.compiler, build, self.term, self.query, ids, self.backward)[0]


def page(
    compiler: Compiler, term: Term, query: Query, cursor: Cursor | None = None, *, backward: bool = False
) -> Runs | Hunt:
    """``query.limit`` + 1 records after the cursor, or before it in reverse order; the sort keys of each."""
    if query.limit < 0 or query.offset < 0:
        raise InvalidRequest(_("Limit and offset cannot be negative."))
    build = compiler.build()
    sorts = compiler.sorts(term, query)
    scope = Scope(build, term)
    order = Order(scope, sorts)
    segments = order.segments(cursor, backward=backward)
    question = compiler.question(scope, query)
    granted = GrantedRows.of(scope)
    branches = Branches.of(scope, compiler.access.schema.indexes, sorts[0])
    if granted is None and build.trigrams and compiler.has_index(term, sorts[0]):
        _select, layout = compiler.select(scope, compiler.fields(term, query.fields), order.texts())
        # Of the records themselves: what is asked of linked ones says nothing of how many refer to them.
        own = [held for alias, held in build.trigrams if alias == scope.alias] or [SQL("FALSE")]
        likely = SQL("EXPLAIN (FORMAT JSON) SELECT FROM {} WHERE {}").format(scope.table, all_sql(own))
        return Hunt(compiler, term, query, cursor, backward, layout, Statement(likely, build.params.values))
    if granted is None and branches is None and not query.offset:
        conditions = [*([] if (seen := scope.visible()) is None else [seen]), *question]
        return _followed(compiler, scope, query, order, segments, conditions)
    ids = _ids(compiler, scope, query, cursor, order, segments, question, granted, branches, backward)
    statement, layout = _by_ids(compiler, build, term, query, ids, backward)
    return Runs((statement,), layout)


def _followed(
    compiler: Compiler,
    scope: Scope,
    query: Query,
    order: Order,
    segments: Sequence[Segment],
    conditions: Sequence[Composable],
) -> Runs:
    """Each run of the order with its cells."""
    select, layout = compiler.select(scope, compiler.fields(scope.term, query.fields), order.texts())
    found = [
        SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
            select, scope.source, within(segment, conditions), segment.order, Literal(query.limit + 1)
        )
        for segment in segments
    ]
    return Runs(tuple(Statement(statement, scope.build.params.values) for statement in found), layout)


def _by_ids(
    compiler: Compiler, build: Build, term: Term, query: Query, ids: Composable, backward: bool
) -> tuple[Statement, Layout]:
    """The records with these ids in their order."""
    scope = Scope(build, term)
    order = Order(scope, compiler.sorts(term, query))
    select, layout = compiler.select(scope, compiler.fields(term, query.fields), order.texts())
    statement = SQL("SELECT {} FROM {} WHERE {} = ANY(ARRAY({})) ORDER BY {} LIMIT {}").format(
        select, scope.source, scope.column("id"), ids, order.by(backward=backward), Literal(query.limit + 1)
    )
    return Statement(statement, build.params.values), layout


def _ids(
    compiler: Compiler,
    scope: Scope,
    query: Query,
    cursor: Cursor | None,
    order: Order,
    segments: Sequence[Segment],
    question: Sequence[Composable],
    granted: GrantedRows | None,
    branches: Branches | None,
    backward: bool,
) -> Composable:
    """A SELECT of the ids of the page."""
    limit = query.limit + 1

    def run(found: Sequence[Composable], segment: Segment, limit: Composable, offset: Composable) -> Composable:
        assert branches is not None
        return branches.pick(found, order, segment, limit, offset, backward=backward)

    def fetch(rows: Sequence[Composable]) -> Composable:
        return sliced(scope, [*rows, *question], segments, limit, query.offset)

    if granted is None:
        seen = [] if (condition := scope.visible()) is None else [condition]
        if branches is None:
            return fetch(seen)
        return sliced(scope, question, segments, limit, query.offset, pick=run, seen=seen)
    sorts = compiler.sorts(scope.term, query)
    has_index = compiler.has_index(scope.term, sorts[0])
    listed = None if question else granted.listed_page(sorts, cursor, limit, query.offset, backward=backward)
    if listed is not None and granted.others is None:
        return listed
    if branches is not None and not query.offset:
        # More than the page, but all of it: what is first of both is first of one of them.
        alone, given = granted.alone(), listed
        if given is None:
            given = alone.page(question, segments[0], limit, 0, fetch) if has_index else fetch([alone.fetched()])
        ruled = sliced(scope, question, segments, limit, 0, pick=run)
        return SQL("SELECT id FROM ({}) AS ruled UNION ALL SELECT id FROM ({}) AS given").format(ruled, given)
    if not has_index:
        return sliced(scope, compiler.asked(scope, query), segments, limit, query.offset)
    return granted.page(question, segments[0], limit, query.offset, fetch)
