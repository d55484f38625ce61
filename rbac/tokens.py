"""Bearer tokens: made, shown once, recognised by their SHA-256."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from qdm.errors import NotFound
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
    if not header:
        raise TokenMissing
    if not header.startswith("Bearer ") or not header[7:].strip():
        raise TokenMalformed
    now = timezone.now()
    token = _find(_digest(header[7:].strip()), now)
    if token.last_used is None or now - token.last_used > LAST_USED_STEP:
        Token.objects.filter(pk=token.pk).update(last_used=now)
    return token.user, token


def _find(digest: bytes, now: datetime) -> Token:
    """By one static statement: it is asked at every call, and the ORM would take longer to write it than to run it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.text("token"), [digest, now])
        row = cursor.fetchone()
    if row is None:
        raise TokenInvalid
    columns = iter(row)
    token = _instance(Token, {name: next(columns) for name in TOKEN_FIELDS})
    workspace = _instance(Workspace, {name: next(columns) for name in WORKSPACE_FIELDS})
    token.workspace = workspace if workspace.pk is not None else None
    token.user = _instance(User, {name: next(columns) for name in USER_FIELDS})
    return token


def _instance(model: type[M], values: dict[str, object]) -> M:
    """An object as it stands in the database, its other fields deferred."""
    known = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db("default", known, [values[name] for name in known])
