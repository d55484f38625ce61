"""A user's grants become an ``Access``. Built once per request, job or socket batch, and kept nowhere longer."""

from dataclasses import replace

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from qdm.access import ALL_ACTIONS, Access, Action, Actor
from qdm.errors import WorkspaceNotFound
from qdm.query.ast import Query, RowIn, RowInQuery
from qdm.schema import Schema
from qdm.selectors import records, structure
from rbac import granted
from rbac.arms import Arms
from rbac.models import Token, User

#: What a token marked read-only leaves of the rights of its user.
READING = frozenset({Action.VIEW, Action.EXPORT})


def access_for(
    user: AbstractBaseUser | AnonymousUser,
    slug: str,
    *,
    via: str,
    token: Token | None = None,
    limit: frozenset[Action] = ALL_ACTIONS,
    version: int | None = None,
) -> Access:
    """Rights of the user in the workspace, narrowed by the token he came with and to the actions of ``limit``.

    ``version``: of the structure, where it has just been read.

    Raises WorkspaceNotFound, the same for a workspace that does not exist and for one where he has no right at all.
    """
    if not isinstance(user, User) or not user.is_active:
        raise WorkspaceNotFound
    if token is not None and token.workspace is not None and token.workspace.slug != slug:
        raise WorkspaceNotFound
    if token is not None and token.read_only:
        limit &= READING
    actor = Actor(user.pk, user.get_username())
    if user.is_superuser:
        return Access(actor, _structure(slug, version), limit, via=via)
    facts = granted.load(slug, user.pk)
    if facts is None:
        raise WorkspaceNotFound
    schema = _structure(slug, version)
    arms = Arms(facts, schema, granted.person(user, facts), limit)
    if arms.manages_workspace:
        return Access(actor, schema, limit, via=via)
    rules = {term_id: arms.rows(term_id) for term_id in schema.terms}
    fields = {
        requisite_id: rule for requisite_id in arms.ruled_fields if (rule := arms.field(requisite_id)) is not None
    }
    visible, hidden = arms.seen(rules, fields)
    access = Access(
        actor,
        schema.pruned(visible, hidden),
        arms.everywhere,
        arms.tables,
        via=via,
        rules={term_id: rule for term_id, rule in rules.items() if rule is not None},
        fields=fields,
        whole=schema,
    )
    if gone := {term_id for term_id in visible if not _has_its_rows(term_id, access)}:
        visible = [term_id for term_id in visible if term_id not in gone]
        access = replace(access, schema=schema.pruned(visible, hidden))
    if not visible and not arms.everywhere:
        raise WorkspaceNotFound
    return access


def _structure(slug: str, version: int | None) -> Schema:
    return structure.schema(slug) if version is None else structure.at(slug, version)


def _has_its_rows(term_id: int, access: Access) -> bool:
    """A table seen only for rows granted one by one is not seen for those in the trash: whether one of them is left."""
    if not isinstance(access.rows(term_id, Action.VIEW), RowIn | RowInQuery) or access.can(Action.ADD, term_id):
        return True
    return records.count(term_id, Query(), access=access, cap=1).value > 0
