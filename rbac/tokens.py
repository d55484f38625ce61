"""Bearer tokens: made, shown once, recognised by their SHA-256."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, TypeVar

from django.db.models import Model
from django.utils import timezone

from qdm.errors import NotFound
from qdm.managers import statements
from qdm.models import Workspace
from rbac import sql
from rbac.audit import acting
from rbac.errors import TokenInvalid, TokenMalformed, TokenMissing
from rbac.models import Token, User

PREFIX = "itg_"
#: What token.sql reads, in its order; other fields are read when they are asked for.
TOKEN_FIELDS = ("id", "label", "read_only", "created_at", "expires_at", "last_used")
WORKSPACE_FIELDS = ("id", "slug")
USER_FIELDS = ("id", "username", "is_active", "is_staff", "is_superuser", "known_as", "language")
M = TypeVar("M", bound=Model)
#: ``last_used`` is exact to this, so that a busy client does not write on every request.
LAST_USED_STEP = timedelta(minutes=1)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def create(
    user: User,
    *,
    workspace: Workspace | None = None,
    read_only: bool = False,
    expires_at: datetime | None = None,
    label: str = "",
    by: User | None = None,
) -> str:
    """Make a token with 256 random bits and return its text, which is stored nowhere. ``by``: who made it, for the
    log; None for the system."""
    with acting(by.pk if by is not None else None):
        return issue(Token(user=user, workspace=workspace, read_only=read_only, expires_at=expires_at, label=label))


def revoke(user: User, token_id: int) -> None:
    """The user ends a token of his. Raises NotFound, also for that of another."""
    with acting(user.pk):
        deleted, _of = Token.objects.filter(user=user, pk=token_id).delete()
    if not deleted:
        raise NotFound


def issue(token: Token) -> str:
    """Save a new token with a fresh text, which is returned and stored nowhere."""
    text = PREFIX + secrets.token_urlsafe(32)
    token.digest = _digest(text)
    token.save()
    return text


def authenticate(header: str | None) -> tuple[User, Token]:
    """User and token of an ``Authorization`` header, ``Bearer <token>`` (the scheme with a capital B).

    Raises TokenMissing (401) without a header, TokenMalformed (401) for another scheme, TokenInvalid (403) for a token
    that is unknown, expired, or whose user is inactive.
    """
    caller = arrived(header, None)
    return caller.user, caller.token


class Caller(NamedTuple):
    """``version``: of the structure of the workspace asked for; None where there is none."""

    user: User
    token: Token
    version: int | None


def arrived(header: str | None, slug: str | None) -> Caller:
    """Who comes with the header to the workspace, in one statement. Raises as ``authenticate``."""
    if not header:
        raise TokenMissing
    if not header.startswith("Bearer ") or not header[7:].strip():
        raise TokenMalformed
    now = timezone.now()
    caller = _find(_digest(header[7:].strip()), now, slug)
    last_used = caller.token.last_used
    if last_used is None or now - last_used > LAST_USED_STEP:
        Token.objects.filter(pk=caller.token.pk).update(last_used=now)
    return caller


def _find(digest: bytes, now: datetime, slug: str | None) -> Caller:
    """Asked at every call: the ORM would take longer to write the statement than it takes to run."""
    row = statements.row(sql.text("token"), [digest, now, slug])
    if row is None:
        raise TokenInvalid
    ends = len(TOKEN_FIELDS), len(TOKEN_FIELDS) + len(WORKSPACE_FIELDS)
    token = _instance(Token, TOKEN_FIELDS, row[: ends[0]])
    workspace = row[ends[0] : ends[1]]
    token.workspace = _instance(Workspace, WORKSPACE_FIELDS, workspace) if workspace[0] is not None else None
    user = token.user = _instance(User, USER_FIELDS, row[ends[1] : -1])
    return Caller(user, token, row[-1])


def _instance(model: type[M], names: tuple[str, ...], values: Sequence[object]) -> M:
    """An object as it stands in the database, its other fields deferred."""
    order = _order(model, names)
    return model.from_db("default", [names[at] for at in order], [values[at] for at in order])


@cache
def _order(model: type[Model], names: tuple[str, ...]) -> list[int]:
    """Where the values of the model's fields stand, in the order the model has them."""
    return [names.index(field.attname) for field in model._meta.concrete_fields if field.attname in names]
