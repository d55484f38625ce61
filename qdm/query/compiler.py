"""Questions become statements. Every statement holds the rights of the Access it was compiled for.

Rows come back as tuples whose shape a ``Layout`` tells; values as canonical text (qdm/types), ids as numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg.sql import Composable, Literal

from qdm.access import Access, Action
from qdm.query import lookups
from qdm.query.ast import Compare, FieldRef, Op, Query
from qdm.query.binder import Binder
from qdm.query.bound import TRUE, Bound, BoundSort, Special
from qdm.query.branches import alternatives, number
from qdm.query.cursor import Cursor
from qdm.query.granted_rows import GrantedRows
from qdm.query.lookups import Kind, all_sql
from qdm.query.order import Order
from qdm.query.rights import Rights
from qdm.query.scope import Build, Scope, texts
from qdm.query.slice import counted, within
from qdm.query.statement import Params, Statement
from qdm.query.text import SQL
from qdm.schema import Requisite, Term
from qdm.types.base import Locale

#: Number of the fixed columns of a record: id, up, val, ver, bad.
FIXED = 5


@dataclass(frozen=True, slots=True)
class Layout:
    """Shape of a row: the FIXED columns, one for each of ``cells``, one label for each of ``labelled`` (references to
    one record of a table that is seen whole), one boolean for each of ``guarded`` (whether that column is read in this
    row), then the texts of sort keys."""

    term: Term
    cells: tuple[Requisite, ...]
    labelled: tuple[Requisite, ...]
    guarded: tuple[Requisite, ...]

    @property
    def before_guards(self) -> int:
        return FIXED + len(self.cells) + len(self.labelled)

    @property
    def before_keys(self) -> int:
        return self.before_guards + len(self.guarded)


class Compiler:
    """Compiles for one Access and one locale of typed values.

    ``action``: what is done with the records asked for. They have to be seen and to allow it; what they refer to has
    to be seen.
    """

    def __init__(self, access: Access, locale: Locale | None = None, action: Action = Action.VIEW) -> None:
        self._rights = Rights(access)
        self._acting = None if action is Action.VIEW else Rights(access, action)
        self.access = access
        self.binder = Binder(access.schema, locale)
        #: Records whose label holds a text, by term and text: what ``label_searches`` asks for, once answered.
        self.links: dict[tuple[int, str], tuple[int, ...]] = {}

    # What all statements are made of

    def build(self) -> Build:
        return Build(self.access.schema.pg_schema, self._rights, Params(), links=self.links)

    def conditions(self, scope: Scope, item: Bound, up: int | None = None) -> list[Composable]:
        """Rights on the rows, and the question."""
        seen = scope.visible()
        return [*([] if seen is None else [seen]), *self._asked(scope, item, up)]

    def _asked(self, scope: Scope, item: Bound, up: int | None) -> list[Composable]:
        found: list[Composable] = []
        if up is not None:
            found.append(SQL("{} = {}").format(scope.column("up"), scope.build.params.bind(up, SQL("bigint"))))
        if item != TRUE:
            found.append(scope.condition(item))
        return found

    def asked(self, scope: Scope, query: Query) -> list[Composable]:
        """Rights on the rows, to see them and to do what is done, and the question."""
        granted = GrantedRows.of(scope)
        # Beside a rule the sets are looked up row by row: its rows would have to be fetched whole before one counts.
        seen = granted.fetched() if granted is not None and granted.others is None else scope.visible()
        return [*([] if seen is None else [seen]), *self.question(scope, query)]

    def question(self, scope: Scope, query: Query) -> list[Composable]:
        """The question, and the right to do what is done."""
        found = self._asked(scope, self.binder.filter(query.filter, scope.term), query.up)
        if self._acting is not None and (rule := self._acting.rows(scope.term.id)) != TRUE:
            found.append(Scope(scope.build, scope.term, unrestricted=True, alias=scope.alias).condition(rule))
        return found

    def sorts(self, term: Term, query: Query) -> tuple[BoundSort, ...]:
        return self.binder.sorts(query.sorts, term)

    def fields(self, term: Term, refs: Sequence[FieldRef] | None) -> tuple[Requisite, ...]:
        """The requisites to return: those named that have a column, or all."""
        if refs is None:
            return term.cells
        named = [self.binder.field(ref, term).requisite for ref in refs]
        return tuple({r.id: r for r in named if r is not None and not r.is_subtable}.values())

    # Records

    def walks(self, term: Term, query: Query) -> bool:
        """Whether an index follows the order of the question, so that a place in it is found without sorting."""
        sorts = self.sorts(term, query)
        return len(sorts) == 1 and self.has_index(term, sorts[0])

    def index_alone(self, term: Term, query: Query) -> bool:
        """Whether such a walk reads no record: PostgreSQL reads them for conditions and for keys it has computed."""
        field = self.sorts(term, query)[0].path.field
        computed = field.requisite is not None and lookups.kind_of(field.base) is Kind.TEXT
        return not computed and self.is_whole(term, query)

    def whole_order(self, term: Term, query: Query) -> tuple[int, bool] | None:
        """The column an order is by, 0 for the main value, and whether it descends, where it is one of all records that
        an index follows and all of it may be read; else None."""
        if not self.walks(term, query) or not self.is_whole(term, query):
            return None
        sort = self.sorts(term, query)[0]
        requisite = sort.path.field.requisite
        if requisite is None:
            return (0, sort.descending) if sort.path.field.of is Special.MAIN else None
        return (requisite.id, sort.descending) if self._rights.field(requisite) == TRUE else None

    def is_whole(self, term: Term, query: Query) -> bool:
        """Whether all records of the term are meant, and seen."""
        asked = query.up is not None or self.binder.filter(query.filter, term) != TRUE
        return not asked and self._acting is None and self._rights.rows(term.id) == TRUE

    def has_index(self, term: Term, sort: BoundSort) -> bool:
        """Whether the order of the sort can be walked."""
        field = sort.path.field
        if sort.path.hops:
            return False
        if field.requisite is not None:
            return f"{term.table}_s{field.requisite.id}" in self.access.schema.indexes
        return field.of is Special.ID or (field.of is Special.MAIN and lookups.kind_of(term.base) is Kind.TEXT)

    def select(self, scope: Scope, cells: tuple[Requisite, ...], keys: list[Composable]) -> tuple[Composable, Layout]:
        guards = [(r, condition) for r in cells if (condition := scope.readable(r)) is not None]
        shown = [(r, label) for r in cells if (label := scope.label(r)) is not None]
        columns = [scope.column(name) for name in ("id", "up", "val", "ver", "bad")]
        columns += [*texts(scope, cells), *(sql for _requisite, sql in [*shown, *guards]), *keys]
        layout = Layout(scope.term, cells, tuple(r for r, _label in shown), tuple(r for r, _condition in guards))
        return SQL(", ").join(columns), layout

    def by_ids(
        self, term: Term, ids: Iterable[int], fields: Sequence[FieldRef] | None = None
    ) -> tuple[Statement, Layout]:
        """These records, as far as they are seen, in no order."""
        build = self.build()
        scope = Scope(build, term)
        select, layout = self.select(scope, self.fields(term, fields), [])
        wanted = SQL("{} = ANY({})").format(scope.column("id"), build.params.ids(ids))
        where = all_sql([wanted, *self.conditions(scope, TRUE)])
        return Statement(
            SQL("SELECT {} FROM {} WHERE {}").format(select, scope.source, where), build.params.values
        ), layout

    def below(self, term: Term, parents: Iterable[int]) -> tuple[Statement, Layout]:
        """The records of a sub-table that are seen and belong to one of these, by id."""
        build = self.build()
        scope = Scope(build, term)
        select, layout = self.select(scope, term.cells, [])
        belongs = SQL("{} = ANY({})").format(scope.column("up"), build.params.ids(parents))
        statement = SQL("SELECT {} FROM {} WHERE {} ORDER BY {}").format(
            select, scope.source, all_sql([belongs, *self.conditions(scope, TRUE)]), scope.column("id")
        )
        return Statement(statement, build.params.values), layout

    def labels(self, targets: Mapping[int, Iterable[int]]) -> Statement:
        """Id and label of the records that are seen: term id -> record ids, of any number of terms."""
        build = self.build()
        parts = []
        for term_id, ids in targets.items():
            scope = Scope(build, self.access.schema.terms[term_id])
            wanted = SQL("{} = ANY({})").format(scope.column("id"), build.params.ids(ids))
            parts.append(
                SQL("SELECT {}, {} FROM {} WHERE {}").format(
                    scope.column("id"),
                    scope.column("val"),
                    scope.source,
                    all_sql([wanted, *self.conditions(scope, TRUE)]),
                )
            )
        return Statement(SQL(" UNION ALL ").join(parts), build.params.values)

    def subtable_counts(self, subtables: Sequence[Requisite], ids: Iterable[int]) -> Statement:
        """Requisite, parent record and number of rows seen, of any number of sub-tables."""
        build = self.build()
        parents = build.params.ids(ids)
        parts = []
        for requisite in subtables:
            scope = Scope(build, self.access.schema.terms[requisite.type_id])
            wanted = SQL("{} = ANY({})").format(scope.column("up"), parents)
            parts.append(
                SQL("SELECT {}::bigint, {up}, count(*) FROM {} WHERE {} GROUP BY {up}").format(
                    Literal(requisite.id),
                    scope.source,
                    all_sql([wanted, *self.conditions(scope, TRUE)]),
                    up=scope.column("up"),
                )
            )
        return Statement(SQL(" UNION ALL ").join(parts), build.params.values)

    def reference_counts(self, requisites: Sequence[Requisite], record_id: int, cap: int) -> Statement:
        """Requisite and number of records seen that refer by it to the record, ``cap`` + 1 where there are more."""
        build = self.build()
        parts = []
        for requisite in requisites:
            scope = Scope(build, self.access.schema.terms[requisite.term_id])
            where = all_sql(self.asked(scope, Query(filter=Compare(requisite.id, Op.EQ, record_id))))
            parts.append(
                SQL("SELECT {}::bigint, (SELECT count(*) FROM (SELECT FROM {} WHERE {} LIMIT {}) AS c)").format(
                    Literal(requisite.id), scope.source, where, Literal(cap + 1)
                )
            )
        return Statement(SQL(" UNION ALL ").join(parts), build.params.values)

    # Counting and places

    def count(self, term: Term, query: Query, cap: int | None) -> Statement:
        """Number of records, or ``cap`` + 1 where there are more."""
        build = self.build()
        scope = Scope(build, term)
        limit = SQL("") if cap is None else SQL(" LIMIT {}").format(Literal(cap + 1))
        question = self.question(scope, query)
        added = None if question else number(scope, None if cap is None else cap + 1)
        if added is not None:
            least = added if cap is None else SQL("least({}, {})").format(added, Literal(cap + 1))
            return Statement(SQL("SELECT {}").format(least), build.params.values)
        # Where nothing else is asked, the index of a rule answers without the rows.
        ways = alternatives(scope, frozenset() if question else self.access.schema.indexes)
        if len(ways) < 2:
            where = all_sql([*ways, *question])
            matching = SQL("SELECT FROM {} WHERE {}{}").format(scope.source, where, limit)
        else:
            each = SQL("(SELECT {} AS id FROM {} WHERE {}{})").format
            found = [each(scope.column("id"), scope.source, all_sql([one, *question]), limit) for one in ways]
            matching = SQL("SELECT FROM ({}) AS a{}").format(SQL(" UNION ").join(found), limit)
        return Statement(SQL("SELECT count(*) FROM ({}) AS c").format(matching), build.params.values)

    def some(self, term: Term) -> Statement:
        """Whether there is any record that is seen."""
        build = self.build()
        scope = Scope(build, term)
        granted = GrantedRows.of(scope)
        if granted is not None and granted.others is None:
            found = granted.first()
        else:
            found = SQL("SELECT FROM {} WHERE {}").format(scope.source, all_sql(self.conditions(scope, TRUE)))
        return Statement(SQL("SELECT EXISTS ({})").format(found), build.params.values)

    def estimate(self, term: Term, query: Query) -> Statement | None:
        """EXPLAIN of the count. None where rights restrict it: an estimate is made of what may not be seen."""
        if self._rights.rows(term.id) != TRUE:
            return None
        build = self.build()
        scope = Scope(build, term)
        where = all_sql(self.asked(scope, query))
        if self._rights.restrict or (self._acting is not None and self._acting.restrict):
            return None
        return Statement(
            SQL("EXPLAIN (FORMAT JSON) SELECT FROM {} WHERE {}").format(scope.source, where), build.params.values
        )

    def keys_of(self, term: Term, query: Query, record_id: int) -> Statement:
        """The sort keys of one record of the question; no row when it is not among them."""
        build = self.build()
        scope = Scope(build, term)
        keys = Order(scope, self.sorts(term, query)).texts()
        wanted = SQL("{} = {}").format(scope.column("id"), build.params.bind(record_id, SQL("bigint")))
        where = all_sql([wanted, *self.asked(scope, query)])
        return Statement(
            SQL("SELECT {} FROM {} WHERE {}").format(SQL(", ").join(keys), scope.source, where), build.params.values
        )

    def position(self, term: Term, query: Query, cursor: Cursor, since: Cursor | None = None) -> Statement:
        """How many records of the question stand before the cursor; of those behind ``since``, which both have a first
        key or neither has."""
        build = self.build()
        scope = Scope(build, term)
        order = Order(scope, self.sorts(term, query))
        segments = order.segments(cursor, backward=True)
        conditions = self.asked(scope, query)
        if since is not None:
            conditions = [within(order.segments(since)[0], conditions)]
            segments = segments[:1]
        counts = [counted(scope, within(segment, conditions)) for segment in segments]
        return Statement(SQL("SELECT {}").format(SQL(" + ").join(counts)), build.params.values)
