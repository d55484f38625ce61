"""Order of records, and what comes after a record in it.

Every order is total: the sort keys, then the id. Empty values come last whichever way a key is sorted, as in Excel.
Both directions of the first key must walk its index, and neither of PostgreSQL's NULLS options lets them do that with
empty values last. So an order is cut into segments, the records whose first key is filled and those where it is empty:
inside each, index order and wanted order agree, and the place after a cursor is one range of the index. An ascending
order of a column of the records themselves that begins at one of its ends is one segment: an index has empty values
last too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psycopg.sql import Composable, Identifier

from qdm.query.bound import BoundSort, Special
from qdm.query.cursor import Cursor
from qdm.query.lookups import Kind, all_sql, any_sql
from qdm.query.scope import Scope
from qdm.query.statement import Params
from qdm.query.text import SQL


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key. ``nullable``: whether it can be empty."""

    expression: Composable
    kind: Kind
    descending: bool
    nullable: bool

    def text(self) -> Composable:
        """What a cursor keeps of it: text that reads back as exactly this value."""
        return SQL("({})::text").format(self.expression)

    def bind(self, value: str, params: Params) -> Composable:
        return params.bind(value, self.kind.cast)


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of the order: ``condition`` picks its records, ``order`` is the ORDER BY inside it."""

    condition: Composable | None
    order: Composable


class Order:
    """The order of the records of a scope."""

    def __init__(self, scope: Scope, sorts: Sequence[BoundSort]) -> None:
        self._is_own = not sorts[0].path.hops
        self._params = scope.build.params
        self.keys = tuple(_key(scope, sort) for sort in sorts)
        self._id = Key(scope.column("id"), Kind.ID, self.keys[-1].descending, nullable=False)

    def texts(self) -> list[Composable]:
        return [key.text() for key in self.keys]

    def by(self, *, backward: bool = False) -> Composable:
        """The whole ORDER BY list, of no use to an index where empty values come in: for few records."""
        return _listed([*self.keys, self._id], backward)

    def as_columns(self) -> Composable:
        """The keys as columns of a subselect."""
        columns = [SQL("{} AS {}").format(key.expression, Identifier(f"k{i}")) for i, key in enumerate(self.keys)]
        return SQL(", ").join(columns)

    def by_columns(self, *, backward: bool) -> Composable:
        """The whole ORDER BY list over ``as_columns`` and a column ``id``."""
        keys = [replace(key, expression=Identifier(f"k{i}")) for i, key in enumerate(self.keys)]
        return _listed([*keys, replace(self._id, expression=Identifier("id"))], backward)

    def segments(self, cursor: Cursor | None, *, backward: bool = False) -> list[Segment]:
        """The runs that hold what comes after the cursor (before it, in reverse, when backward), in order."""
        first, rest = self.keys[0], [*self.keys[1:], self._id]
        if not first.nullable or (self._is_own and cursor is None and not first.descending):
            return [self._segment(None, [first, *rest], cursor, backward)]
        filled = SQL("{} IS NOT NULL").format(first.expression)
        empty = SQL("{} IS NULL").format(first.expression)
        at_empty = cursor is not None and cursor.keys[0] is None
        # Inside the filled run nothing is empty: the key takes the NULLS option of the index.
        plain = Key(first.expression, first.kind, first.descending, nullable=False)
        in_filled = [self._segment(filled, [plain, *rest], None if at_empty else cursor, backward)]
        in_empty = [self._segment(empty, [plain, *rest], cursor if at_empty else None, backward, skip=1)]
        if backward:
            return in_empty + in_filled if at_empty or cursor is None else in_filled
        return in_empty if at_empty else in_filled + in_empty

    def _segment(
        self, condition: Composable | None, keys: list[Key], cursor: Cursor | None, backward: bool, skip: int = 0
    ) -> Segment:
        """``skip``: keys at the front that are alike in the whole run."""
        conditions = [condition] if condition is not None else []
        if cursor is not None:
            values = [*cursor.keys, str(cursor.id)]
            conditions.append(self._beyond(keys[skip:], values[skip:], backward))
        return Segment(all_sql(conditions) if conditions else None, _listed(keys, backward))

    def _beyond(self, keys: Sequence[Key], values: Sequence[str | None], backward: bool) -> Composable:
        """The condition of standing after these values; before them, when backward."""
        up = [key.descending == backward for key in keys]
        if all(not key.nullable for key in keys) and len(set(up)) == 1:
            bound = [
                key.bind(value, self._params) for key, value in zip(keys, values, strict=True) if value is not None
            ]
            if len(bound) == len(keys):
                return SQL("({}) {} ({})").format(
                    SQL(", ").join([key.expression for key in keys]),
                    SQL(">") if up[0] else SQL("<"),
                    SQL(", ").join(bound),
                )
        return self._beyond_one(keys, values, backward)

    def _beyond_one(self, keys: Sequence[Key], values: Sequence[str | None], backward: bool) -> Composable:
        key, value = keys[0], values[0]
        alike: Composable
        past: Composable
        if value is None:
            alike = SQL("{} IS NULL").format(key.expression)
            # Empty values are last: nothing is after them, everything else before.
            past = SQL("{} IS NOT NULL").format(key.expression) if backward else SQL("FALSE")
        else:
            bound = key.bind(value, self._params)
            alike = SQL("{} = {}").format(key.expression, bound)
            operator = SQL(">") if key.descending == backward else SQL("<")
            past = SQL("{} {} {}").format(key.expression, operator, bound)
            if key.nullable and not backward:
                past = any_sql([past, SQL("{} IS NULL").format(key.expression)])
        if len(keys) == 1:
            return past
        beyond = any_sql([past, all_sql([alike, self._beyond(keys[1:], values[1:], backward)])])
        if value is None or key.nullable:
            return beyond
        # Said once more as the range an index can take.
        operator = SQL(">=") if key.descending == backward else SQL("<=")
        return all_sql([SQL("{} {} {}").format(key.expression, operator, bound), beyond])


def _key(scope: Scope, sort: BoundSort) -> Key:
    operand = scope.reach(sort.path)
    # Only ids of the record itself are never empty: a main value may be, and what is joined may be missing.
    never_empty = not sort.path.hops and sort.path.field.of in (Special.ID, Special.UP)
    return Key(operand.key, operand.kind, sort.descending, nullable=not never_empty)


def _listed(keys: Sequence[Key], backward: bool) -> Composable:
    parts = []
    for key in keys:
        descending = key.descending != backward
        part = SQL("{} DESC" if descending else "{}").format(key.expression)
        if key.nullable:
            part = SQL("{} NULLS FIRST" if backward else "{} NULLS LAST").format(part)
        parts.append(part)
    return SQL(", ").join(parts)
