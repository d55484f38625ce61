"""A record in SQL: the alias a projection has in a statement, its fields as expressions, and what joins to it.

Rights are put in here, so that select, filter, sort, group and totals cannot do without: a column that is read only in
part of the rows is ``CASE WHEN … THEN column END`` wherever it stands, and a record reached by a hop is one that may
be seen. Rows x fields are never flattened.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from psycopg.sql import Composable, Identifier, Literal

from qdm.errors import BadFilter
from qdm.query import inside, lookups
from qdm.query.ast import Op
from qdm.query.bound import (
    TRUE,
    All,
    Any,
    Bound,
    Field,
    Granted,
    Hop,
    Inverse,
    Linked,
    Path,
    Special,
    Test,
    Way,
)
from qdm.query.lookups import Kind, Operand, all_sql, any_sql
from qdm.query.rights import Rights
from qdm.query.statement import Params
from qdm.query.text import SQL, quoted
from qdm.schema import Requisite, Term


@dataclass(slots=True)
class Build:
    """What the parts of one statement share. ``inside``: whether conditions on texts are said once more as what the
    index of trigrams can answer; ``trigrams``: what it is asked, with the alias of the table. ``links``: records whose
    label holds a text, by term and text, where they were looked up before (``Compiler.links``)."""

    pg_schema: str
    rights: Rights
    params: Params
    inside: bool = True
    trigrams: list[tuple[str, Composable]] = field(default_factory=list)
    links: Mapping[tuple[int, str], tuple[int, ...]] = field(default_factory=dict)
    aliases: int = 0

    def alias(self) -> str:
        self.aliases += 1
        return f"t{self.aliases}"


class Scope:
    """Records of one term under an alias. ``unrestricted``: inside a predicate of rights, which reads everything.
    ``rows``: a subselect of some columns of them that stands in the place of the projection."""

    def __init__(
        self,
        build: Build,
        term: Term,
        *,
        unrestricted: bool = False,
        alias: str | None = None,
        rows: Composable | None = None,
    ) -> None:
        self.build = build
        self.term = term
        self.alias = alias or build.alias()
        self._unrestricted = unrestricted
        self._rows = rows
        self._joins: list[Composable] = []
        self._joined: dict[tuple[int, bool], Scope] = {}  # by reference
        self._root: Scope = self

    # FROM

    @property
    def table(self) -> Composable:
        rows = quoted(self.build.pg_schema, self.term.table) if self._rows is None else self._rows
        return SQL("{} AS {}").format(rows, quoted(self.alias))

    @property
    def source(self) -> Composable:
        """The FROM item with all that was joined so far: take it after the expressions are made."""
        return SQL(" ").join([self.table, *self._joins])

    def follow(self, hop: Hop, *, every: bool = False) -> "Scope":
        """The record the hop leads to, NULLs where there is none to see.

        Of a MULTIPLE reference the first; with ``every`` all, a row for each.
        """
        if hop.way is not Way.REFERENCE or hop.requisite is None:
            raise BadFilter(_("Sub-tables cannot be sorted or grouped by."))
        known = (hop.requisite.id, every)
        if known not in self._joined:
            target = Scope(self.build, hop.term, unrestricted=self._unrestricted)
            target._root = self._root
            link = self.cell(hop.requisite)
            if hop.requisite.multiple:
                link = SQL("ANY({})" if every else "({})[1]").format(link)
            on: list[Composable] = [SQL("{} = {}").format(target.column("id"), link)]
            if (seen := target.visible()) is not None:
                on.append(seen)
            self._root._joins.append(SQL("LEFT JOIN {} ON {}").format(target.table, all_sql(on)))
            self._joined[known] = target
        return self._joined[known]

    def reach(self, path: Path, *, every: bool = False) -> Operand:
        """The value a path leads to, what is on the way joined."""
        scope = self.holder(path, every=every)
        return scope.operand(path.field, every=every)

    def holder(self, path: Path, *, every: bool = False) -> "Scope":
        """The scope of the record that has the path's field."""
        scope = self
        for hop in path.hops:
            scope = scope.follow(hop, every=every)
        return scope

    # Fields

    def column(self, name: str) -> Composable:
        return quoted(self.alias, name)

    def readable(self, requisite: Requisite) -> Composable | None:
        """The condition under which the column is read in a row; None for always."""
        rule = TRUE if self._unrestricted else self.build.rights.field(requisite)
        return None if rule == TRUE else self._unguarded(rule)

    def cell(self, requisite: Requisite) -> Composable:
        """The column as far as it is readable."""
        return self._guard(requisite, self.column(requisite.column))

    def label(self, requisite: Requisite) -> Composable | None:
        """The label of what the cell refers to, NULL where it refers to nothing. None for a list, and where the target
        is not seen whole: what decides about that is better asked once for all rows."""
        target = self.build.rights.table(requisite.target)
        if target is None or requisite.multiple:
            return None
        scope = Scope(self.build, target)
        if scope.visible() is not None:
            return None
        return SQL("(SELECT coalesce({}, '') FROM {} WHERE {} = {})").format(
            scope.column("val"), scope.table, scope.column("id"), self.cell(requisite)
        )

    def operand(self, field: Field, *, every: bool = False) -> Operand:
        """One value of the field; of a MULTIPLE one the first, with ``every`` each in a row of its own."""
        kind = lookups.kind_of(field.base)
        if isinstance(field.of, Requisite):
            if field.of.is_reference or field.of.is_subtable:
                # Where a reference leads may not be seen, else it would have been followed: it counts as empty.
                return Operand.of(kind, SQL("NULL::{}").format(kind.cast))
            cell = self.cell(field.of)
            if not field.multiple:
                return Operand.of(kind, cell)
            return Operand.of(kind, self._each(kind, cell) if every else SQL("({})[1]").format(cell))
        if field.of is Special.MAIN:
            if kind is Kind.TEXT:
                return Operand.of(kind, self.column("val"), self.column("skey"))
            return Operand.of(kind, self.column("v"))
        return Operand.of(kind, self.column(field.of.value))

    def _each(self, kind: Kind, cell: Composable) -> Composable:
        """The elements, a row for each that differs: text without case, so that a record counts once."""
        alias = self.build.alias()
        differs = lookups.folded(SQL("e.v")) if kind is Kind.TEXT else SQL("e.v")
        self._root._joins.append(
            SQL(
                "LEFT JOIN LATERAL (SELECT DISTINCT ON ({0}) e.v FROM unnest({1}) AS e(v) ORDER BY {0}, e.v)"
                " AS {2} ON TRUE"
            ).format(differs, cell, Identifier(alias))
        )
        return Identifier(alias, "v")

    def _guard(self, requisite: Requisite, value: Composable) -> Composable:
        condition = self.readable(requisite)
        return value if condition is None else SQL("CASE WHEN {} THEN {} END").format(condition, value)

    # Conditions

    def visible(self) -> Composable | None:
        """The condition under which the record itself is seen; None for always."""
        rule = TRUE if self._unrestricted else self.build.rights.rows(self.term.id)
        return None if rule == TRUE else self._unguarded(rule)

    def _unguarded(self, rule: Bound) -> Composable:
        return Scope(self.build, self.term, unrestricted=True, alias=self.alias).condition(rule)

    def condition(self, item: Bound) -> Composable:
        """SQL of a bound filter: true for the records it holds for, false or NULL for the others."""
        match item:
            case All(items):
                return all_sql([self.condition(i) for i in items])
            case Any(items):
                return any_sql(self._any(items))
            case Inverse(inner):
                return SQL("({} IS NOT TRUE)").format(self._without_trigrams(inner))
            case Granted(statement, parameters):
                rows = self.build.params.embed(statement, dict(parameters))
                return SQL("({} IN ({}))").format(self.column("id"), rows)
            case Linked(hop, inner):
                return self._linked(hop, inner)
            case Test():
                return self._looked_into([item]) or self._test(item)

    def _any(self, items: tuple[Bound, ...]) -> list[Composable]:
        """The tests of one text in several columns are one question to the index."""
        together: dict[str, list[Test]] = {}
        found: list[Composable] = []
        for item in items:
            if isinstance(item, Test) and self._is_inside(item):
                together.setdefault(item.values[0], []).append(item)
            else:
                found.append(self._known_links(item) or self.condition(item))
        own = [self._looked_into(tests) or any_sql(list(map(self._test, tests))) for tests in together.values()]
        return [*own, *found]

    def _known_links(self, item: Bound) -> Composable | None:
        """A search in the labels of a reference by the ids it was found to mean: an index of the reference knows them.
        None where they were not looked up."""
        named = label_search(item)
        ids = None if named is None else self.build.links.get(named)
        if ids is None or not isinstance(item, Linked) or item.hop.requisite is None:
            return None
        if not ids:
            return SQL("FALSE")
        cell = self.column(item.hop.requisite.column)
        operator = SQL("{} && {}") if item.hop.requisite.multiple else SQL("{} = ANY({})")
        among = operator.format(cell, self.build.params.ids(ids))
        whole = Scope(self.build, item.hop.term, unrestricted=self._unrestricted).visible() is None
        if whole and self.readable(item.hop.requisite) is None:
            return among
        return all_sql([among, self.condition(item)])

    def _looked_into(self, tests: list[Test]) -> Composable | None:
        """Tests of the same text inside columns, and what the index of trigrams knows of it; None where it cannot."""
        if not self.build.inside or not all(map(self._is_inside, tests)):
            return None
        whole = self.build.rights.whole(self.term.id)
        if whole is None or inside.index_name(whole) not in self.build.rights.indexes:
            return None
        held = inside.may_hold(whole, self.column, self.build.params.bind(tests[0].values[0], SQL("text")))
        self.build.trigrams.append((self.alias, held))
        # The test first: of the records that are read it leaves few, and trigrams are dear.
        return all_sql([any_sql(list(map(self._test, tests))), held])

    def _is_inside(self, test: Test) -> bool:
        """Whether the index of trigrams could answer: a text long enough, anywhere in a column that is in it."""
        covered = test.field.of is Special.MAIN or (
            isinstance(test.field.of, Requisite) and inside.is_covered(test.field.of)
        )
        return covered and test.op in (Op.CONTAINS, Op.ENDS) and inside.is_long_enough(test.values[0])

    def _without_trigrams(self, item: Bound) -> Composable:
        was, self.build.inside = self.build.inside, False
        try:
            return self.condition(item)
        finally:
            self.build.inside = was

    def _test(self, test: Test) -> Composable:
        field, params = test.field, self.build.params
        if test.op is Op.BAD:
            return self._bad(field)
        if field.multiple and isinstance(field.of, Requisite):
            element = Operand.of(lookups.kind_of(field.base), SQL("e.v"))
            return self._or_bad(
                test,
                SQL("EXISTS (SELECT FROM unnest({}) AS e(v) WHERE {})").format(
                    self.cell(field.of), lookups.test(test.op, element, test.values, params)
                ),
            )
        if field.of is Special.MAIN and test.op is Op.NOT_EMPTY:
            return SQL("{} <> ''").format(self.column("val"))
        return self._or_bad(test, lookups.test(test.op, self.operand(field), test.values, params))

    def _or_bad(self, test: Test, condition: Composable) -> Composable:
        """A cell whose text does not fit is not empty, though its column is NULL."""
        if test.op is not Op.NOT_EMPTY or lookups.kind_of(test.field.base) in (Kind.TEXT, Kind.ID):
            return condition
        return any_sql([condition, self._bad(test.field)])

    def _bad(self, field: Field) -> Composable:
        if not isinstance(field.of, Requisite):
            return SQL("0 = ANY({})").format(self.column("bad")) if field.of is Special.MAIN else SQL("FALSE")
        return SQL("{} = ANY({})").format(Literal(field.of.id), self._guard(field.of, self.column("bad")))

    def _linked(self, hop: Hop, inner: Bound) -> Composable:
        target = Scope(self.build, hop.term, unrestricted=self._unrestricted)
        seen = target.visible()
        conditions = [c for c in (seen, None if inner == TRUE else target.condition(inner)) if c is not None]
        if hop.requisite is None:
            return self._among(self.column("up"), "id", target, conditions)
        if hop.way is Way.CHILDREN:
            # Rows of a sub-table are seen where the parent's cell is (``Rights``): nothing to guard here.
            return self._among(self.column("id"), "up", target, conditions)
        cell = self.cell(hop.requisite)
        if inner == TRUE and seen is None:
            return SQL("{} IS NOT NULL").format(cell)
        ids = _ids(inner) if seen is None else None
        if not hop.requisite.multiple:
            if ids is not None:
                return SQL("{} = ANY({})").format(cell, self.build.params.ids(ids))
            return self._among(cell, "id", target, conditions)
        if ids is not None:
            return SQL("{} && {}").format(cell, self.build.params.ids(ids))
        if isinstance(inner, Test) and inner.op in (Op.EQ, Op.IN):
            # Few records are meant: found first, they are looked up in the index of the array.
            return SQL("{} && ARRAY(SELECT {} FROM {} WHERE {})").format(
                cell, target.column("id"), target.table, all_sql(conditions)
            )
        # IS TRUE keeps the planner from joining anew for each row: the set of targets is found once and hashed.
        return SQL("EXISTS (SELECT FROM unnest({}) AS e(id) WHERE ({}) IS TRUE)").format(
            cell, self._among(SQL("e.id"), "id", target, conditions)
        )

    def _among(self, value: Composable, column: str, target: "Scope", conditions: list[Composable]) -> Composable:
        return SQL("{} IN (SELECT {} FROM {} WHERE {})").format(
            value, target.column(column), target.table, all_sql(conditions)
        )


def label_search(item: Bound) -> tuple[int, str] | None:
    """Term and text, where records are asked for whose reference has the text in its label."""
    match item:
        case Linked(Hop(Way.REFERENCE, term), Test(Field(_, Special.MAIN), Op.CONTAINS, (text,))):
            return (term.id, text) if inside.is_long_enough(text) else None
    return None


def _ids(item: Bound) -> list[int] | None:
    """The ids, where the filter is nothing but a choice of ids."""
    if isinstance(item, Test) and item.field.of is Special.ID and item.op in (Op.EQ, Op.IN):
        return [int(value) for value in item.values]
    return None


def texts(scope: Scope, requisites: tuple[Requisite, ...]) -> list[Composable]:
    """Select expressions of cells: canonical text, ids for references, arrays of them for MULTIPLE."""
    return [_text(scope, requisite) for requisite in requisites]


def _text(scope: Scope, requisite: Requisite) -> Composable:
    cell = scope.cell(requisite)
    kind = Kind.ID if requisite.is_reference else lookups.kind_of(requisite.base)
    if requisite.multiple and kind not in (Kind.TEXT, Kind.ID):
        return SQL("ARRAY(SELECT {} FROM unnest({}) AS e(v))").format(lookups.canonical(kind, SQL("e.v")), cell)
    return cell if requisite.multiple else lookups.canonical(kind, cell)
