"""A user's grants become an ``Access``. Built once per request, job or socket batch, and kept nowhere longer."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser

from qdm.access import ALL_ACTIONS, Access, Action, Actor
from qdm.errors import WorkspaceNotFound
from qdm.models import Workspace
from qdm.schema import Schema
from qdm.selectors import structure
from rbac import granted
from rbac.granted import Granted, Rule
from rbac.models import Kind, Lock, Token, User

#: What a token marked read-only leaves of the rights of its user.
READING = frozenset({Action.VIEW, Action.EXPORT})


def access_for(user: User | AnonymousUser, slug: str, *, via: str, token: Token | None = None) -> Access:
    """Rights of the user in the workspace, narrowed by the token he came with.

    Raises WorkspaceNotFound, the same for a workspace that does not exist and for one where he has no right at all.
    """
    if not isinstance(user, User) or not user.is_active:
        raise WorkspaceNotFound
    if token is not None and token.workspace is not None and token.workspace.slug != slug:
        raise WorkspaceNotFound
    limit = READING if token is not None and token.read_only else ALL_ACTIONS
    actor = Actor(user.pk, user.get_username())
    if user.is_superuser:
        if not Workspace.objects.filter(slug=slug).exists():
            raise WorkspaceNotFound
        return Access(actor, structure.schema(slug), limit, via=via)
    facts = granted.load(slug, user.pk)
    if facts is None:
        raise WorkspaceNotFound
    return _build(actor, facts, structure.schema(slug), limit, via)


def _build(actor: Actor, facts: Granted, schema: Schema, limit: frozenset[Action], via: str) -> Access:
    everywhere = _union(rule for rule in facts.rules if rule.kind == Kind.WORKSPACE)
    if Action.MANAGE in everywhere:
        return Access(actor, schema, everywhere & limit, via=via)
    locked_tables = {r.node_id for r in facts.rules if r.kind == Kind.TABLE and r.lock == Lock.VIEW}
    tables = {
        term_id: _union(r for r in facts.rules if r.kind == Kind.TABLE and r.node_id == term_id and not r.rows) & limit
        for term_id in schema.terms
    }
    hidden = frozenset(r.node_id for r in facts.rules if r.kind == Kind.FIELD and r.lock == Lock.VIEW)
    visible = [
        term_id
        for term_id in schema.terms
        if Action.VIEW in tables[term_id] or (Action.VIEW in everywhere and term_id not in locked_tables)
    ]
    if not visible and not everywhere:
        raise WorkspaceNotFound
    return Access(
        actor,
        schema.pruned(visible, hidden),
        everywhere & limit,
        {term_id: actions for term_id, actions in tables.items() if actions},
        via=via,
    )


def _union(rules: Iterable[Rule]) -> frozenset[Action]:
    return frozenset(action for rule in rules for action in rule.actions)
