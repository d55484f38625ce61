"""A user's grants become an ``Access``. They are read once per request, job or socket batch, and believed no longer."""

from dataclasses import dataclass, replace
from functools import lru_cache

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from qdm.access import ALL_ACTIONS, Access, Action, Actor
from qdm.errors import WorkspaceNotFound
from qdm.query.ast import RowIn, RowInQuery
from qdm.schema import Schema
from qdm.selectors import records, structure
from rbac import granted
from rbac.arms import Arms
from rbac.granted import Granted
from rbac.models import Token, User
from rbac.rules import Person

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
    meaning = _meaning(facts, schema, granted.person(user, facts), limit)
    if meaning is None:
        return Access(actor, schema, limit, via=via)
    access = replace(meaning.access, actor=actor, via=via)
    visible = meaning.visible
    if gone := {term_id for term_id in visible if not _has_its_rows(term_id, access)}:
        visible = tuple(term_id for term_id in visible if term_id not in gone)
        access = replace(access, schema=schema.pruned(visible, meaning.hidden))
    if not visible and not access.everywhere:
        raise WorkspaceNotFound
    return access


@dataclass(frozen=True, slots=True)
class _Meaning:
    """An Access of nobody yet, the tables it sees and the columns it does not."""

    access: Access
    visible: tuple[int, ...]
    hidden: frozenset[int]


@lru_cache(maxsize=512)
def _meaning(facts: Granted, schema: Schema, person: Person, limit: frozenset[Action]) -> _Meaning | None:
    """What the facts come to; None for whoever manages the workspace.

    It follows from the facts, which are read anew each time, and the version of the structure: whoever comes with the
    same ones again gets the same, and no right outlives the grant it is of.
    """
    arms = Arms(facts, schema, person, limit)
    if arms.manages_workspace:
        return None
    rules = {term_id: arms.rows(term_id) for term_id in schema.terms}
    fields = {
        requisite_id: rule for requisite_id in arms.ruled_fields if (rule := arms.field(requisite_id)) is not None
    }
    visible, hidden = arms.seen(rules, fields)
    access = Access(
        Actor(None, ""),
        schema.pruned(visible, hidden),
        arms.everywhere,
        arms.tables,
        rules={term_id: rule for term_id, rule in rules.items() if rule is not None},
        fields=fields,
        whole=schema,
    )
    return _Meaning(access, tuple(visible), hidden)


def _structure(slug: str, version: int | None) -> Schema:
    return structure.schema(slug) if version is None else structure.at(slug, version)


def _has_its_rows(term_id: int, access: Access) -> bool:
    """A table seen only for rows granted one by one is not seen for those in the trash: whether one of them is left."""
    if not isinstance(access.rows(term_id, Action.VIEW), RowIn | RowInQuery) or access.can(Action.ADD, term_id):
        return True
    return records.some(term_id, access=access)
