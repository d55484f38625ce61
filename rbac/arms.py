"""The meaning of grants: which rows of a table, and which cells of a column, an action is allowed on.

An action on a row is allowed if any arm holds: the grant on the workspace, on the table, on the table with a filter,
on the row itself. What holds for a row says nothing about another, and rows are never mixed with columns. (That a row
of a sub-table is seen only with its parent is no grant's matter: qdm.query.rights adds it.)
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from qdm.access import Action
from qdm.query.ast import EVERYTHING, NOTHING, And, Filter, Not, Or, RowIn, RowInQuery
from qdm.schema import Requisite, Schema, Term
from rbac.granted import Granted, RowGrants, Rule
from rbac.models import Kind, Lock
from rbac.rules import Person, rows_for
from rbac.sql import text

#: Locks that stop an action from being inherited.
STOPPED_BY: Mapping[Action, frozenset[Lock]] = {
    action: frozenset({Lock.VIEW, Lock.CHANGE} if action in {Action.CHANGE, Action.DELETE} else {Lock.VIEW})
    for action in Action
}
#: What a grant of the action may be called, as ``granted.implied`` has it: who may change may view.
GIVEN_BY: Mapping[Action, frozenset[Action]] = {
    Action.VIEW: frozenset(Action) - {Action.ADD},
    **{action: frozenset({action, Action.MANAGE}) for action in Action if action is not Action.VIEW},
}

Rows = Mapping[Action, Filter]


class Arms:
    """What one person's grants mean in one structure. ``limit``: the actions his token leaves of them."""

    def __init__(self, facts: Granted, schema: Schema, person: Person, limit: frozenset[Action]) -> None:
        self._facts = facts
        self._schema = schema
        self._person = person
        self._limit = limit
        self._rules: dict[tuple[Kind, int], list[Rule]] = defaultdict(list)
        for rule in facts.rules:
            self._rules[rule.kind, rule.node_id].append(rule)
        self._row_grants: dict[int, list[RowGrants]] = defaultdict(list)
        for grants in facts.row_grants:
            self._row_grants[grants.table_id].append(grants)
        self._meanings: dict[tuple[str, int], Filter | None] = {}
        self._on_workspace = _actions(rule for rule in facts.rules if rule.kind == Kind.WORKSPACE)
        self._tables = {
            node_id: _actions(rule for rule in rules if not rule.rows)
            for (kind, node_id), rules in self._rules.items()
            if kind == Kind.TABLE
        }

    @property
    def manages_workspace(self) -> bool:
        return Action.MANAGE in self._on_workspace

    @property
    def everywhere(self) -> frozenset[Action]:
        return self._on_workspace & self._limit

    @cached_property
    def tables(self) -> Mapping[int, frozenset[Action]]:
        """Actions granted on all rows of a table, by grants on the table itself."""
        found = {term_id: self._on_table(term_id) & self._limit for term_id in self._schema.terms}
        return {term_id: actions for term_id, actions in found.items() if actions}

    @cached_property
    def ruled_fields(self) -> frozenset[int]:
        """The columns with a lock."""
        return frozenset(r.node_id for r in self._facts.rules if r.kind == Kind.FIELD and r.lock)

    # Rows

    def rows(self, term_id: int) -> Rows | None:
        """The rows of the table each action is allowed on; None where it is all rows or none, and no lock says
        otherwise: then the grants on the workspace and the table tell it."""
        table = self._rules.get((Kind.TABLE, term_id), [])
        locks = {lock for locked_table, lock in self._facts.row_locks if locked_table == term_id}
        plain = not any(rule.rows or rule.lock for rule in table) and not self._row_grants.get(term_id)
        if plain and not locks:
            return None
        found = {action: self._rows(term_id, table, locks, action) for action in Action if action in self._limit}
        return {action: rows for action, rows in found.items() if rows != NOTHING}

    def _rows(self, term_id: int, table: list[Rule], row_locks: set[Lock], action: Action) -> Filter:
        if Action.MANAGE in self._on_table(term_id):
            return EVERYTHING
        inherits = _inherits(table, action)
        arms: list[Filter] = []
        if (inherits and action in self._on_workspace) or action in self._on_table(term_id):
            arms.append(EVERYTHING)
        arms += self._filtered(table, action, self._schema.terms[term_id])
        inherited = any_of(arms)
        locks = row_locks & STOPPED_BY[action]
        if locks and inherited != NOTHING:
            inherited = both(inherited, Not(self._locked(term_id, locks)))
        return any_of([inherited, *self._one_by_one(term_id, action)])

    def _filtered(self, rules: list[Rule], action: Action, term: Term) -> list[Filter]:
        """The arms of grants with a filter; a broken one gives nothing."""
        held = [rule.rows for rule in rules if rule.rows and action in rule.actions]
        return [rows for text in held if (rows := self._meaning(text, term)) is not None]

    def _meaning(self, text: str, term: Term) -> Filter | None:
        """The rows of a filter text, found once for all actions."""
        if (text, term.id) not in self._meanings:
            self._meanings[text, term.id] = rows_for(text, term, self._schema, self._person)
        return self._meanings[text, term.id]

    def _one_by_one(self, term_id: int, action: Action) -> list[Filter]:
        """The arm of rows granted one by one: as ids while they are few, then as a query."""
        grants = [g for g in self._row_grants.get(term_id, []) if g.action in GIVEN_BY[action]]
        if not grants:
            return []
        if all(g.ids is not None for g in grants):
            return [RowIn(frozenset(row for g in grants for row in g.ids or ()))]
        permissions = sorted(str(self._facts.permissions[a]) for a in GIVEN_BY[action])
        parameters = {"user_id": self._facts.user_id, "permissions": _array(permissions)}
        return [self._query("rows_granted", term_id, parameters, there="rows_there")]

    def _locked(self, term_id: int, locks: Iterable[Lock]) -> Filter:
        return self._query("rows_locked", term_id, {"locks": _array(sorted(locks))})

    def _query(
        self, statement: str, term_id: int, parameters: Mapping[str, object], there: str | None = None
    ) -> Filter:
        bound = {"workspace_id": self._facts.workspace_id, "table_id": term_id, **parameters}
        return RowInQuery(text(statement), tuple(bound.items()), text(there) if there else None)

    # Cells

    def field(self, requisite_id: int) -> Rows | None:
        """The rows in which the cell may be viewed and changed, of those where the row may; None for all of them."""
        requisite = self._schema.requisites.get(requisite_id)
        if requisite is None or Action.MANAGE in self._on_table(requisite.term_id):
            return None
        term = self._schema.terms[requisite.term_id]
        rules = self._rules[Kind.FIELD, requisite_id]
        view = self._cells(rules, Action.VIEW, term)
        change = both(view, self._cells(rules, Action.CHANGE, term)) if Action.CHANGE in self._limit else NOTHING
        return {Action.VIEW: view, Action.CHANGE: change}

    def _cells(self, rules: list[Rule], action: Action, term: Term) -> Filter:
        own: list[Filter] = [EVERYTHING] if action in _actions(r for r in rules if not r.rows) else []
        inherited: list[Filter] = [EVERYTHING] if _inherits(rules, action) else []
        return any_of([*inherited, *own, *self._filtered(rules, action, term)])

    # The structure

    def seen(self, rules: Mapping[int, Rows | None], fields: Mapping[int, Rows]) -> tuple[list[int], frozenset[int]]:
        """Ids of the tables with a row to see, and of the columns without a cell to see."""
        hidden = frozenset(i for i, rule in fields.items() if rule[Action.VIEW] == NOTHING)
        return [i for i, t in self._schema.terms.items() if self._is_seen(t, rules[i], hidden)], hidden

    def _is_seen(self, term: Term, rule: Rows | None, hidden: frozenset[int]) -> bool:
        own = self._on_table(term.id) or self._row_grants.get(term.id)
        if rule is not None:
            seen = Action.VIEW in rule
        else:
            seen = Action.VIEW in self.everywhere or Action.VIEW in self.tables.get(term.id, frozenset())
        # The type of hidden columns is called as they are: its name would tell theirs.
        uses = self._uses.get(term.id, ())
        return bool(seen and (own or not uses or term.requisites or any(r.id not in hidden for r in uses)))

    @cached_property
    def _uses(self) -> Mapping[int, list[Requisite]]:
        found: dict[int, list[Requisite]] = defaultdict(list)
        for requisite in self._schema.requisites.values():
            found[requisite.type_id].append(requisite)
        return found

    def _on_table(self, term_id: int) -> frozenset[Action]:
        return self._tables.get(term_id, frozenset())


def _actions(rules: Iterable[Rule]) -> frozenset[Action]:
    return frozenset(action for rule in rules for action in rule.actions)


def _inherits(rules: Iterable[Rule], action: Action) -> bool:
    return not any(rule.lock in STOPPED_BY[action] for rule in rules)


def _array(words: Iterable[str]) -> str:
    return "{" + ",".join(words) + "}"


def any_of(arms: Iterable[Filter]) -> Filter:
    """Disjunction, with the constants folded."""
    kept = [arm for arm in arms if arm != NOTHING]
    if EVERYTHING in kept:
        return EVERYTHING
    return kept[0] if len(kept) == 1 else Or(tuple(kept))


def both(one: Filter, other: Filter) -> Filter:
    """Conjunction, with the constants folded."""
    if NOTHING in (one, other):
        return NOTHING
    if EVERYTHING in (one, other):
        return other if one == EVERYTHING else one
    return And((one, other))
