"""Who asks for a stream: by token, by session, or by ticket. Kept as ids, and asked again while a stream runs."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from rbac import sessions, tokens
from rbac.errors import TokenInvalid, TokenMissing
from rbac.models import Token, User


@dataclass(frozen=True, slots=True)
class Caller:
    """A user and the way he came: exactly one of token and session. Fresh when made; ``renewed`` makes it so again."""

    user: User
    token: Token | None = None
    session_key: str = ""

    def renewed(self) -> "Caller":
        """The same caller as he is now. Raises TokenInvalid when the user, his token or his session has ended."""
        if self.token is not None:
            alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
            token = (
                Token.objects.select_related("user", "workspace")
                .filter(alive, pk=self.token.pk, user__is_active=True)
                .first()
            )
            if token is None:
                raise TokenInvalid
            return Caller(token.user, token)
        user = sessions.user_of(self.session_key)
        if user is None or user.pk != self.user.pk:
            raise TokenInvalid
        return Caller(user, None, self.session_key)


def of_request(request: HttpRequest) -> Caller:
    """Raises TokenMissing, TokenMalformed, TokenInvalid."""
    return _caller(request.headers.get("Authorization"), request.user, request.session)


def of_scope(scope: dict[str, Any]) -> Caller:
    """Of a WebSocket, whose cookies count only where the origin was checked (integram.origin)."""
    header = dict(scope["headers"]).get(b"authorization")
    return _caller(header.decode("latin-1") if header else None, scope["user"], scope["session"])


def _caller(header: str | None, user: Any, session: Any) -> Caller:
    if header is not None:
        return Caller(*tokens.authenticate(header))
    if user.is_authenticated and session.session_key:
        return Caller(User.objects.get(pk=user.pk), None, session.session_key)
    raise TokenMissing
