"""Webhooks of a workspace as rows of an archive, and back.

Addresses are sealed with SECRET_KEY, because many carry a key of their receiver. What was sent stays behind. A nonce
gives a secret only together with SECRET_KEY: on the same installation receivers go on verifying what they get.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from integram.api.models import Webhook
from qdm.models import Workspace
from qdm.services.dump import point_of_restore
from rbac.dump import ids_of
from video.errors import SourceRefused
from video.sealing import seal, unseal

Row = dict[str, Any]
_FIELDS = ("term_id", "nonce", "active", "trouble")


def rows(workspace: Workspace) -> Iterator[Row]:
    for webhook in Webhook.objects.filter(workspace=workspace).select_related("owner").order_by("pk"):
        yield {name: getattr(webhook, name) for name in _FIELDS} | {
            "owner": webhook.owner.get_username(),
            "url": seal(webhook.url),
        }


def load(workspace: Workspace, archived: Iterable[Row]) -> list[str]:
    """Make the webhooks whose owners are here and whose addresses can be opened; how many could not.

    They are told of what changes from now on, not of what the archive brought.
    """
    left_out, point = 0, point_of_restore()
    for row in archived:
        owner = ids_of([row["owner"]]).get(row["owner"])
        try:
            url = unseal(row["url"])
        except SourceRefused:
            owner = None
        if owner is None:
            left_out += 1
            continue
        values = {name: row[name] for name in _FIELDS}
        Webhook.objects.create(workspace=workspace, owner_id=owner, url=url, seen=point, **values)
    if not left_out:
        return []
    return [_("Webhooks of people who are not here, or sealed with another SECRET_KEY, left out: %(count)d.")
            % {"count": left_out}]  # fmt: skip


def pause(workspace: Workspace) -> int:
    """Switch them off: no receiver is to hear a copy beside the original. How many were on."""
    return Webhook.objects.filter(workspace=workspace, active=True).update(active=False)
