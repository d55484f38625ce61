"""Bearer tokens: made, shown once, recognised by their SHA-256."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from qdm.models import Workspace
from rbac.errors import TokenInvalid, TokenMalformed, TokenMissing
from rbac.models import Token, User

PREFIX = "itg_"
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
) -> str:
    """Make a token with 256 random bits and return its text, which is stored nowhere."""
    return issue(Token(user=user, workspace=workspace, read_only=read_only, expires_at=expires_at, label=label))


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
    token = (
        Token.objects.select_related("user", "workspace")
        .filter(Q(expires_at=None) | Q(expires_at__gt=now), digest=_digest(header[7:].strip()), user__is_active=True)
        .first()
    )
    if token is None:
        raise TokenInvalid
    if token.last_used is None or now - token.last_used > LAST_USED_STEP:
        Token.objects.filter(pk=token.pk).update(last_used=now)
    return token.user, token
