"""Where a user is signed in, as he sees it himself and ends it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from qdm.errors import NotFound
from rbac.audit import acting
from rbac.browsers import named
from rbac.models import AccessLog, Session, User


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One browser. ``name`` stands for the session in a page: its key is a secret, not even shown to its owner.
    ``agent``: the browser as people know it."""

    name: str
    agent: str
    since: datetime
    until: datetime
    here: bool


def sessions_of(user: User, here: str | None) -> list[SignedIn]:
    """The user's sessions, the newest first. ``here``: the key of the one that asks."""
    return [
        SignedIn(_name(s.session_key), named(s.agent), s.started_at, s.expire_date, s.session_key == here)
        for s in _alive(user).order_by("-started_at")
    ]


def end(user: User, name: str) -> None:
    """End one session of the user. Raises NotFound."""
    keys = [key for key in _alive(user).values_list("session_key", flat=True) if _name(key) == name]
    if not keys:
        raise NotFound
    _end(user, Session.objects.filter(user=user, session_key__in=keys))


def end_others(user: User, here: str | None) -> None:
    """End all sessions of the user but the one that asks."""
    _end(user, Session.objects.filter(user=user).exclude(session_key=here or ""))


def _end(user: User, sessions: QuerySet[Session]) -> None:
    """With a line in the log of rights, which open sockets and streams follow: they close at once."""
    with acting(user.pk):
        ended = [{"user_id": user.pk, "agent": s.agent} for s in sessions]
        sessions.delete()
        AccessLog.objects.bulk_create(
            AccessLog(
                at=timezone.now(), actor_id=user.pk, event=AccessLog.Event.DELETE, subject="rbac_session", before=one
            )
            for one in ended
        )


def _alive(user: User) -> QuerySet[Session]:
    return Session.objects.filter(user=user, expire_date__gt=timezone.now())


def _name(session_key: str) -> str:
    return salted_hmac("rbac.signed_in", session_key).hexdigest()
