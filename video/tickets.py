"""Signed tickets: they open one stream once, within a minute, where neither a header nor a cookie can be sent."""

import secrets
from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.utils import timezone

from rbac.errors import TokenInvalid
from video.callers import Caller
from video.limits import current
from video.models import Source, Ticket

_SALT = "video.ticket"
#: The separator is one that a WebSocket subprotocol may contain.
_signer = TimestampSigner(salt=_SALT, sep=".")


def issue(source: Source, caller: Caller) -> str:
    """A ticket with the rights of the caller; it ends with his token or session."""
    now = timezone.now()
    Ticket.objects.filter(expires_at__lt=now).delete()
    ticket = Ticket.objects.create(
        nonce=secrets.token_urlsafe(32),
        source=source,
        user=caller.user,
        token=caller.token,
        session_key=caller.session_key,
        expires_at=now + timedelta(seconds=current().ticket_age),
    )
    return _signer.sign(ticket.nonce)


def redeem(text: str, name: str) -> Caller:
    """Who the ticket was given to. Raises TokenInvalid when it is forged, late, used, or for another stream."""
    try:
        nonce = _signer.unsign(text, max_age=current().ticket_age)
    except BadSignature:
        raise TokenInvalid from None
    with transaction.atomic():
        ticket = (
            Ticket.objects.select_for_update(of=("self",))
            .select_related("source", "user", "token__workspace")
            .filter(nonce=nonce, expires_at__gte=timezone.now())
            .first()
        )
        if ticket is None:
            raise TokenInvalid
        ticket.delete()
    if ticket.source.name != name:
        raise TokenInvalid
    return Caller(ticket.user, ticket.token, ticket.session_key).renewed()
