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


@dataclass(frozen=True)
class Access:
    """Rights of ``actor`` in the workspace of ``schema``, which is pruned to what he may see.

    ``everywhere``: actions allowed on the whole workspace (owner, superuser: all of them). ``tables``: term id ->
    actions granted on that table. ``via`` names the door for the history: grid, api, import, command, system.
    """

    actor: Actor
    schema: Schema
    everywhere: frozenset[Action] = frozenset()
    tables: Mapping[int, frozenset[Action]] = field(default_factory=dict)
    via: str = "api"

    @classmethod
    def system(cls, schema: Schema, reason: str, *, via: str = "system") -> "Access":
        """The only bypass. Logged; tests/architecture lists who may call it."""
        logger.info("system access to %s: %s", schema.workspace, reason)
        return cls(Actor(None, reason), schema, ALL_ACTIONS, via=via)

    @property
    def workspace(self) -> str:
        return self.schema.workspace

    def can(self, action: Action, table: int | None = None) -> bool:
        """Whether the action is allowed on the workspace, or on some row at least of the table."""
        if action in self.everywhere:
            return True
        return table is not None and action in self.tables.get(table, frozenset())

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
        return EVERYTHING if self.can(action, table) else NOTHING

    def field(self, requisite: int, action: Action) -> Filter:
        """The rows on which this cell may be read or written (together with ``rows``)."""
        return EVERYTHING if requisite in self.schema.requisites else NOTHING
