"""«Закрыть доступ»: everything a person who leaves could still come in by, ended at once."""

from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from rbac.audit import acting
from rbac.models import User


def connections_of(user_id: int) -> str:
    """Name of the channel group every socket of the user joins, to be closed by ``access.closed``."""
    return f"user.{user_id}"


def close_access(user: User, *, by: User | None) -> None:
    """Make the user inactive, end his sessions and tokens, close his sockets and streams. What he made stays.

    His password is made unusable, so that a session cookie would stay dead if he were made active again.
    """
    with acting(by.pk if by is not None else None):
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        user.tokens.all().delete()
        user.sessions.all().delete()
        transaction.on_commit(_closing(user.pk))


def _closing(user_id: int) -> Callable[[], None]:
    def close() -> None:
        layer = get_channel_layer()
        if layer is not None:
            async_to_sync(layer.group_send)(connections_of(user_id), {"type": "access.closed"})

    return close
