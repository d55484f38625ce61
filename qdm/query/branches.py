"""Rules that pick values of columns (``Город = @me``): a page is made of a branch for each value.

Records with one value of a column are a run of an index on (the column, the order), and inside the run they stand in
that order: what comes first in the table comes first in one of its runs. Such an index is made for rules people read by
(``qdm/managers/indexing.py``); without it their order is walked over the rows of everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psycopg.sql import Composable, Identifier, Literal

from qdm.query import lookups
from qdm.query.ast import Op
from qdm.query.bound import FALSE, TRUE, All, Any, Bound, BoundSort, Field, Hop, Inverse, Linked, Special, Test, Way
from qdm.query.granted_rows import GrantedRows
from qdm.query.lookups import KEY_LENGTH, Kind, Operand, all_sql, kind_of
from qdm.query.order import Order, Segment
from qdm.query.scope import Scope
from qdm.query.text import SQL
from qdm.query.uses import RuleUse
from qdm.schema import Requisite, Term

#: More values than this are not worth a branch each.
MOST = 16
#: Up to this many are counted one by one.
ADDED = 4
#: Bytes a text of less than KEY_LENGTH characters has at most: longer ones are not in the index of a rule.
SHORT = 508


@dataclass(frozen=True, slots=True)
class Arm:
    """The records whose column has one of the values of ``test``, and for which all of ``rest`` holds.

    ``hop``: the column is this reference, and the test is of what it leads to.
    """

    column: Requisite
    test: Test
    rest: tuple[Bound, ...] = ()
    hop: Hop | None = None

    @property
    def is_text(self) -> bool:
        return self.hop is None and kind_of(self.column.base) is Kind.TEXT


def arms_of(rule: Bound) -> tuple[Arm, ...] | None:
    """The arms the rule is the union of; None where it is no union of such."""
    found: dict[tuple[int, bool, tuple[Bound, ...]], Arm] = {}
    for item in rule.items if isinstance(rule, Any) else (rule,):
        arm = _arm(item)
        if arm is None:
            return None
        key = (arm.column.id, arm.hop is not None and arm.test.field.of is Special.ID, arm.rest)
        if key in found:
            values = dict.fromkeys((*found[key].test.values, *arm.test.values))
            arm = replace(arm, test=replace(arm.test, op=Op.IN, values=tuple(values)))
        found[key] = arm
    arms = tuple(found.values())
    return arms if 0 < sum(len(arm.test.values) for arm in arms) <= MOST else None


def _arm(item: Bound) -> Arm | None:
    match item:
        case Test(Field(of=Requisite() as column), Op.EQ | Op.IN, values) if not column.multiple:
            is_long = kind_of(column.base) is Kind.TEXT and max(map(len, values)) >= KEY_LENGTH
            return None if is_long or column.is_reference or column.is_subtable else Arm(column, item)
        case Linked(Hop(Way.REFERENCE, _term, Requisite() as column) as hop, Test(op=Op.EQ | Op.IN) as test):
            of_label = test.field.of in (Special.MAIN, Special.ID)
            return Arm(column, test, hop=hop) if of_label and not column.multiple else None
        case All(items):
            for place, one in enumerate(items):
                if not isinstance(one, All | Inverse) and (arm := _arm(one)) is not None:
                    return replace(arm, rest=(*items[:place], *items[place + 1 :]))
    return None


def rule_uses(scope: Scope, sort: BoundSort) -> list[RuleUse]:
    """What an index would help with, where a rule picks what is seen of the records."""
    order = _order_column(sort)
    arms = None if order is None else arms_of(_rule(scope))
    return [RuleUse(scope.term.id, arm.column.id, order or 0) for arm in arms or ()]


def number(scope: Scope, limit: int | None) -> Composable | None:
    """An expression: how many records are seen; what is beyond ``limit`` says only that there are more. None where that
    takes the rows themselves."""
    granted = GrantedRows.of(scope)
    listed = None if granted is None else granted.listed(limit)
    if granted is not None and (listed is None or granted.others is None):
        return (
            None if listed is None else _counted(SQL("SELECT FROM {} LIMIT {}").format(listed.source, Literal(limit)))
        )
    arms, indexes = arms_of(_rule(scope)), scope.build.rights.indexes
    if arms is None or not all(_has_index(scope.term, arm, None, indexes) for arm in arms):
        return None
    branches = Branches(scope, arms)
    found = branches.number(limit)
    if listed is None or found is None:
        return found
    ids = [SQL("SELECT id FROM {}").format(listed.source)]
    ids += [SQL("SELECT {} FROM {} WHERE {}").format(scope.column("id"), scope.table, c) for c in branches.conditions()]
    both = _counted(SQL(" UNION ").join(ids))
    return (
        both if limit is None else SQL("CASE WHEN {0} >= {1} THEN {1} ELSE {2} END").format(found, Literal(limit), both)
    )


def _counted(rows: Composable) -> Composable:
    return SQL("(SELECT count(*) FROM ({}) AS r)").format(rows)


def alternatives(scope: Scope, indexes: frozenset[str]) -> list[Composable]:
    """Conditions of which one at least holds for a record that is seen; none where every record is."""
    granted = GrantedRows.of(scope)
    given = [] if granted is None else [granted.alone().fetched()]
    rule = _rule(scope)
    if rule in (TRUE, FALSE) and (given or rule == TRUE):
        return given
    arms = arms_of(rule)
    if arms is not None and all(_has_index(scope.term, arm, None, indexes) for arm in arms):
        return [*Branches(scope, arms).conditions(), *given]
    return [Scope(scope.build, scope.term, unrestricted=True, alias=scope.alias).condition(rule), *given]


def _rule(scope: Scope) -> Bound:
    """Which records are seen, without those granted one by one where they are too many to be carried as ids."""
    granted = GrantedRows.of(scope)
    if granted is None:
        return scope.build.rights.rows(scope.term.id)
    return FALSE if granted.others is None else granted.others


def _order_column(sort: BoundSort) -> int | None:
    """Id of the column of the order, 0 for the main value; None where no index of a rule has it."""
    if sort.path.hops:
        return None
    field = sort.path.field
    if field.requisite is not None:
        column = field.requisite
        return None if column.multiple or column.is_reference or column.is_subtable else column.id
    return 0 if field.of is Special.MAIN and kind_of(field.base) is Kind.TEXT else None


def _has_index(term: Term, arm: Arm, order: int | None, indexes: frozenset[str]) -> bool:
    name = f"t_{term.id}_r{arm.column.id}_"
    return any(index.startswith(name) for index in indexes) if order is None else f"{name}{order}" in indexes


@dataclass(frozen=True, slots=True)
class Branches:
    """The arms of what is seen of the records of a scope."""

    scope: Scope
    arms: tuple[Arm, ...]

    @classmethod
    def of(cls, scope: Scope, indexes: frozenset[str], sort: BoundSort) -> "Branches | None":
        """None where the rule is of another form or an index is not there."""
        order = _order_column(sort)
        arms = None if order is None else arms_of(_rule(scope))
        if arms is None or not all(_has_index(scope.term, arm, order, indexes) for arm in arms):
            return None
        return cls(scope, arms)

    def conditions(self) -> list[Composable]:
        """The condition of each arm. A record may be of several."""
        return [all_sql([self._holds(arm.test, arm), *self._beside(arm)]) for arm in self.arms]

    def number(self, limit: int | None) -> Composable | None:
        """An expression: how many records, no more than ``limit`` of each value. None where a record may be of
        several values, or these are too many to be added up."""
        if len(self.arms) > 1 or self.arms[0].hop is not None or len(self.arms[0].test.values) > ADDED:
            return None
        (arm,) = self.arms
        found: list[Composable] = []
        for condition in self._values(arm):
            where = all_sql([condition, *self._beside(arm)])
            run = SQL("SELECT FROM {} WHERE {}{} LIMIT {}")
            found.append(_counted(run.format(self.scope.table, where, self._default_order(arm), Literal(limit))))
        return SQL(" + ").join(found)

    def _values(self, arm: Arm) -> list[Composable]:
        """The condition of having each value. Texts that differ may be one value: then all but one are false, which is
        known when the plan is made."""
        found: list[Composable] = []
        kind, params = kind_of(arm.test.field.base), self.scope.build.params
        values = tuple(dict.fromkeys(arm.test.values))
        for at, value in enumerate(values):
            condition = self._holds(replace(arm.test, op=Op.EQ, values=(value,)), arm)
            if at:
                same = lookups.test(Op.IN, Operand.of(kind, params.bind(value, kind.cast)), values[:at], params)
                condition = SQL("({} AND ({}) IS NOT TRUE)").format(condition, same)
            found.append(condition)
        return found

    def _default_order(self, arm: Arm) -> Composable:
        """That of the default order, where there is one: of the indexes of the rule it is the likeliest to stand as the
        rows do, and the map of visibility is looked up anew for each row that does not."""
        if not _has_index(self.scope.term, arm, 0, self.scope.build.rights.indexes):
            return SQL("")
        return SQL(" ORDER BY {}, {}").format(self.scope.column("skey"), self.scope.column("id"))

    def pick(
        self,
        conditions: Sequence[Composable],
        order: Order,
        segment: Segment,
        limit: Composable,
        offset: Composable,
        *,
        backward: bool,
    ) -> Composable:
        """A SELECT of the ids of a run of the segment."""
        within = [*conditions, *([] if segment.condition is None else [segment.condition])]
        reach = SQL("{} + {}").format(limit, offset)
        runs = [run for arm in self.arms for run in self._runs(arm, within, order, segment, reach)]
        # Runs of one arm have no record in common.
        union = SQL(" UNION ALL ") if len(self.arms) == 1 else SQL(" UNION ")
        return SQL("(SELECT id FROM ({}) AS runs ORDER BY {} LIMIT {} OFFSET {})").format(
            union.join(runs), order.by_columns(backward=backward), limit, offset
        )

    def _runs(
        self, arm: Arm, within: Sequence[Composable], order: Order, segment: Segment, reach: Composable
    ) -> list[Composable]:
        def run(condition: Composable) -> Composable:
            return SQL("(SELECT {} AS id, {} FROM {} WHERE {} ORDER BY {} LIMIT {})").format(
                self.scope.column("id"),
                order.as_columns(),
                self.scope.source,
                all_sql([condition, *self._beside(arm), *within]),
                segment.order,
                reach,
            )

        if arm.hop is None:
            return [run(condition) for condition in self._values(arm)]
        target = Scope(self.scope.build, arm.hop.term, unrestricted=True)
        alias = Identifier("led_to")
        led_to = SQL("{} = {}").format(self.scope.column(arm.column.column), SQL("{}.id").format(alias))
        return [
            SQL("SELECT run.* FROM (SELECT {} AS id FROM {} WHERE {}) AS {} CROSS JOIN LATERAL {} AS run").format(
                target.column("id"), target.table, target.condition(arm.test), alias, run(led_to)
            )
        ]

    def _holds(self, test: Test, arm: Arm) -> Composable:
        return self._own().condition(test if arm.hop is None else Linked(arm.hop, test))

    def _beside(self, arm: Arm) -> list[Composable]:
        found = [self._own().condition(item) for item in arm.rest]
        if arm.is_text:
            # Says nothing new, as the values are short: it lets the planner take the index, which has only such texts.
            column = self.scope.column(arm.column.column)
            found.append(SQL("octet_length({}) <= {}").format(column, Literal(SHORT)))
        return found

    def _own(self) -> Scope:
        return Scope(self.scope.build, self.scope.term, unrestricted=True, alias=self.scope.alias)
