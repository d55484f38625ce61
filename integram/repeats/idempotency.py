"""``Idempotency-Key``: a write sent twice is carried out once, and answered twice with the same.

The key is stored in the transaction of the write. A second call of the same key waits for the first to end; where that
one failed, nothing was stored and the second is the first.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integram.repeats.models import StoredAnswer
from qdm.errors import Conflict, InvalidRequest
from rbac.models import User

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT = timedelta(hours=24)
LONGEST = 255


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    default = _("This Idempotency-Key was used for another call.")


def is_key(text: str) -> bool:
    return 0 < len(text) <= LONGEST and text.isprintable()


def answered(user: User, request: HttpRequest, body: bytes, serve: Callable[[], HttpResponse]) -> HttpResponse:
    """What ``serve`` answers, or has answered to the same call before; without a key what it answers now.

    Raises InvalidRequest for what is no key, and KeyReused.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return serve()
    if not is_key(key):
        raise InvalidRequest
    digest = hashlib.sha256(b"\n".join([(request.method or "").encode(), request.get_full_path().encode(), body]))
    with transaction.atomic():
        stored, is_new = StoredAnswer.objects.get_or_create(user=user, key=key, defaults={"request": digest.digest()})
        if not is_new:
            if bytes(stored.request) != digest.digest():
                raise KeyReused
            content = bytes(stored.content)
            return HttpResponse(content, "application/json", stored.status, headers={REPLAYED: "true"})
        answer = serve()
        if answer.status_code >= 400:
            transaction.set_rollback(True)
            return answer
        stored.status, stored.content = answer.status_code, answer.content
        stored.save(update_fields=["status", "content"])
        return answer


def forget() -> int:
    """Delete what is older than ``KEPT``; how many."""
    number, _each = StoredAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return number
