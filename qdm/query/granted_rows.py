"""Rows granted one by one, where they are too many to be carried as ids: two ways to find them, each with its use.

*Fetched*: their ids are read once, and the index of ids is asked for all of them in their order. What it costs follows
from their number, so this is for counts, and for pages whose order has no index.
*Walked*: an order is followed and each record looked up in a hash of the ids. What that costs follows from how rare
they are in the order. An entry of its index costs a thirtieth of a row that is fetched, so a page walks WALKED times as
far as there are rows granted, unless they are so rare that this would not do; what is not full by then is fetched.
*Listed*: in the default order, and where they are only counted, neither is needed: what gives the rows may know which
of them are there and what they are sorted by (``ast.RowInQuery.there``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from psycopg.sql import Composable, Identifier, Literal

from qdm.query import slice
from qdm.query.bound import Any, Bound, BoundSort, Granted, Special, any_of
from qdm.query.cursor import Cursor
from qdm.query.lookups import Kind, any_sql, kind_of
from qdm.query.order import Order, Segment
from qdm.query.scope import Scope
from qdm.query.text import SQL

_GRANTED = Identifier("granted")
#: Entries of an index walked for each row granted.
WALKED = 4
#: How much further a page walks where a rule beside them gives rows too: nobody knows how many.
OTHERS = 10_000
_IDS = SQL("SELECT id FROM {}").format(_GRANTED)


@dataclass(frozen=True, slots=True)
class GrantedRows:
    """The rows of a rule that is nothing but a union of such sets and, perhaps, of ``others``."""

    scope: Scope
    sets: tuple[Granted, ...]
    others: Bound | None

    @classmethod
    def of(cls, scope: Scope) -> "GrantedRows | None":
        """None where the rule of the table is of another form."""
        rule = scope.build.rights.rows(scope.term.id)
        arms = rule.items if isinstance(rule, Any) else (rule,)
        sets = tuple(arm for arm in arms if isinstance(arm, Granted))
        others = [arm for arm in arms if not isinstance(arm, Granted)]
        return cls(scope, sets, any_of(others) if others else None) if sets else None

    def alone(self) -> "GrantedRows":
        """Without the others."""
        return replace(self, others=None)

    def first(self) -> Composable:
        """A SELECT of which the first row tells that there is one of them: not all ids are read for it."""
        if self._is_listed:
            return self._listed(1)
        return SQL("SELECT FROM ({}) AS g (id) JOIN {} ON {} = g.id").format(
            self._ids(), self.scope.table, self.scope.column("id")
        )

    def listed(self, reach: int | None) -> Scope | None:
        """The rows granted, without the others, as records of which nothing is known but the id and the default order:
        the first ``reach`` at least. None where they are not listed so."""
        if not self._is_listed:
            return None
        # One row may have several grants.
        rows = SQL("(SELECT DISTINCT id, skey FROM ({}) AS g (id, skey))").format(self._listed(reach))
        return Scope(self.scope.build, self.scope.term, unrestricted=True, rows=rows)

    def listed_page(
        self, sorts: Sequence[BoundSort], cursor: Cursor | None, limit: int, offset: int, *, backward: bool
    ) -> Composable | None:
        """A SELECT of the ids of a page of the rows granted, without the others; None for an order they are not listed
        in."""
        field = sorts[0].path.field
        if len(sorts) > 1 or sorts[0].path.hops or field.of is not Special.MAIN or kind_of(field.base) is not Kind.TEXT:
            return None
        from_first = cursor is None and not backward and not sorts[0].descending
        scope = self.listed(limit + offset if from_first else None)
        if scope is None:
            return None
        return slice.sliced(scope, [], Order(scope, sorts).segments(cursor, backward=backward), limit, offset)

    @property
    def _is_listed(self) -> bool:
        return all(one.there is not None for one in self.sets)

    def _listed(self, reach: int | None) -> Composable:
        embed = self.scope.build.params.embed
        rows = [embed(one.there or "", {**dict(one.parameters), "reach": reach}) for one in self.sets]
        return SQL(" UNION ALL ").join(rows)

    def fetched(self, ids: Composable | None = None) -> Composable:
        """The condition of being one of the rows. ``ids``: a SELECT of those granted, where it stands elsewhere."""
        found = [self._ids() if ids is None else ids]
        if self.others is not None:
            other = Scope(self.scope.build, self.scope.term, unrestricted=True)
            condition = other.condition(self.others)
            found.append(SQL("SELECT {} FROM {} WHERE {}").format(other.column("id"), other.table, condition))
        return SQL("{} = ANY(ARRAY({}))").format(self.scope.column("id"), SQL(" UNION ALL ").join(found))

    def page(
        self,
        question: Sequence[Composable],
        segment: Segment,
        limit: int,
        offset: int,
        fetch: Callable[[Sequence[Composable]], Composable],
    ) -> Composable:
        """A SELECT of ids: those found by walking the segment; where they do not fill the page, with what ``fetch``
        selects under the conditions it is given. Which they are is defined, not their order."""
        further = Literal(0 if self.others is None else OTHERS)
        # So rare among so many they will not fill the page: only what stands at its very beginning is worth a look.
        rare = SQL("{} * count(*) * count(*) < {} * {}").format(Literal(WALKED), Literal(limit + offset), self._size())
        rows = SQL("(SELECT CASE WHEN {} THEN {} ELSE {} * count(*) END + {} FROM {})").format(
            rare, Literal(limit), Literal(WALKED), further, _GRANTED
        )
        if self.others is None:
            walked = slice.walk(self.scope, [self._looked_up()], segment, rows, limit, offset, question)
        else:
            walked = slice.walk(self.scope, [self._looked_up(), *question], segment, rows, limit, offset)
        ids = SQL("{} (id) AS MATERIALIZED ({})").format(_GRANTED, self._ids())
        return slice.walked_first(walked, limit, lambda lacking: fetch([lacking, self.fetched(_IDS)]), ids)

    def _size(self) -> Composable:
        """How many records the table has, as far as its statistics tell."""
        name = self.scope.build.params.bind(f"{self.scope.build.pg_schema}.{self.scope.term.table}", SQL("regclass"))
        return SQL("(SELECT reltuples FROM pg_catalog.pg_class WHERE oid = {})").format(name)

    def _ids(self) -> Composable:
        embed = self.scope.build.params.embed
        return SQL(" UNION ALL ").join([embed(one.statement, dict(one.parameters)) for one in self.sets])

    def _looked_up(self) -> Composable:
        found: list[Composable] = [SQL("{} IN ({})").format(self.scope.column("id"), _IDS)]
        if self.others is not None:
            own = Scope(self.scope.build, self.scope.term, unrestricted=True, alias=self.scope.alias)
            found.append(own.condition(self.others))
        return any_sql(found)
