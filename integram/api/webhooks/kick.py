"""A write leaves a job behind for the webhooks of its workspace.

After it has committed, so that writers do not wait for each other; what is lost where a process dies in between, the
periodic job finds.
"""

import time
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from integram.api.models import Webhook
from qdm.events import records_written

#: Seconds a process believes what it knows of which workspaces have webhooks; a periodic job finds what it missed.
BELIEVED = 5.0
_known: dict[str, tuple[float, list[int]]] = {}


def connect() -> None:
    records_written.connect(_written, dispatch_uid="integram.api.webhooks")


def forget() -> None:
    """A webhook was made or changed: look again."""
    _known.clear()


def _written(workspace: str, **_more: Any) -> None:
    for webhook_id in _webhooks(workspace):
        transaction.on_commit(partial(later, webhook_id))


def _webhooks(workspace: str) -> list[int]:
    until, ids = _known.get(workspace, (0.0, []))
    if until < time.monotonic():
        ids = list(Webhook.objects.filter(workspace__slug=workspace, active=True).values_list("pk", flat=True))
        _known[workspace] = time.monotonic() + BELIEVED, ids
    return ids


def later(webhook_id: int) -> None:
    """Have the worker collect; once, however many writes ask for it before it comes to it."""
    from integram.api.tasks import collect_changes

    with suppress(AlreadyEnqueued):
        collect_changes.configure(queueing_lock=f"webhook {webhook_id}").defer(webhook_id=webhook_id)
