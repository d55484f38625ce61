"""``Access``: what one actor may do in one workspace, as a value.

``rbac`` builds it (one statement, once per request, job or socket batch); every selector and service takes it as a
required keyword, and the compiler puts its predicates into the statement. qdm knows no users: an actor is an id and a
name. Deny by default.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qdm.errors import Forbidden, RequisiteNotFound, TermNotFound
from qdm.query.ast import EVERYTHING, NOTHING, Filter
from qdm.schema import Requisite, Schema, Term

logger = logging.getLogger("qdm.access")


class Action(StrEnum):
    """manage implies all; change, delete and export imply view."""

    VIEW = "view"
    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    EXPORT = "export"
    MANAGE = "manage"


ALL_ACTIONS = frozenset(Action)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: user id and name for the history; id None for the system itself."""

    id: int | None
    name: str


#: Which right on a cell an action on its row asks for; the others ask for none.
CELL_ACTIONS: Mapping[Action, Action] = {
    Action.VIEW: Action.VIEW,
    Action.EXPORT: Action.VIEW,
    Action.ADD: Action.CHANGE,
    Action.CHANGE: Action.CHANGE,
}


@dataclass(frozen=True)
class Access:
    """Rights of ``actor`` in the workspace of ``schema``, which is pruned to what he may see.

    ``everywhere``: actions allowed on the workspace, inherited by what has no rule of its own (owner, superuser: all
    of them). ``tables``: term id -> actions granted on all rows of that table. ``rules``: tables of which the actor has
    some rows only: term id -> action -> the rows; an action that is absent has none. ``fields``: columns that do not
    simply follow their row: requisite id -> view or change -> the rows. ``whole``: the structure unpruned, in which the
    compiler resolves the filters of rules, and nobody else anything. ``via`` names the door for the history: grid, api,
    import, command, system.
    """

    actor: Actor
    schema: Schema
    everywhere: frozenset[Action] = frozenset()
    tables: Mapping[int, frozenset[Action]] = field(default_factory=dict)
    via: str = "api"
    rules: Mapping[int, Mapping[Action, Filter]] = field(default_factory=dict)
    fields: Mapping[int, Mapping[Action, Filter]] = field(default_factory=dict)
    whole: Schema | None = field(default=None, repr=False)

    @classmethod
    def system(cls, schema: Schema, reason: str, *, via: str = "system") -> "Access":
        """The only bypass. Logged; tests/architecture lists who may call it."""
        logger.info("system access to %s: %s", schema.workspace, reason)
        return cls(Actor(None, reason), schema, ALL_ACTIONS, via=via)

    @property
    def workspace(self) -> str:
        return self.schema.workspace

    def can(self, action: Action, table: int | None = None) -> bool:
        """Whether the action is allowed on the workspace, or on some row at least of the table.

        ``manage`` of a table is about its structure and its rights, so it counts only where it holds for all rows.
        """
        if table is None:
            return action in self.everywhere
        if action is not Action.MANAGE and table in self.rules:
            return self.rules[table].get(action, NOTHING) != NOTHING
        return action in self.everywhere or action in self.tables.get(table, frozenset())

    def require(self, action: Action, table: int | None = None) -> None:
        """Raise Forbidden unless ``can``. Call ``term`` first, so that a hidden table is missing, not forbidden."""
        if not self.can(action, table):
            raise Forbidden

    def term(self, term_id: int) -> Term:
        """The table, as far as the actor sees it. Raises TermNotFound, the same for hidden and missing."""
        try:
            return self.schema.terms[term_id]
        except KeyError:
            raise TermNotFound from None

    def requisite(self, requisite_id: int) -> Requisite:
        """The column, if seen. Raises RequisiteNotFound, the same for hidden and missing."""
        try:
            return self.schema.requisites[requisite_id]
        except KeyError:
            raise RequisiteNotFound from None

    def rows(self, table: int, action: Action) -> Filter:
        """The rows of the table on which the action is allowed, as a filter the compiler adds to every statement."""
        if table in self.rules:
            return self.rules[table].get(action, NOTHING)
        return EVERYTHING if table in self.schema.terms and self.can(action, table) else NOTHING

    def field(self, requisite: int, action: Action) -> Filter:
        """The rows on which this cell may be read or written, beyond what ``rows`` asks of the row."""
        if requisite not in self.schema.requisites:
            return NOTHING
        rule = self.fields.get(requisite)
        return EVERYTHING if rule is None else rule.get(CELL_ACTIONS.get(action, action), NOTHING)
