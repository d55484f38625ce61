"""What a webhook is to be told: the records of its table that changed since it was told last."""

from typing import Any

from django.db import transaction

from integram.api.models import Delivery, Webhook
from integram.api.query.nesting import Nesting
from integram.api.query.selection import Selection
from qdm.access import Access, Action
from qdm.errors import QdmError
from qdm.selectors import changes, records
from rbac.access import access_for

#: More changed records than this are not listed: ``overflow`` says that the table is to be read anew.
MOST = 1000


def owned(webhook: Webhook) -> Access:
    """The rights its owner has now. Raises WorkspaceNotFound, TermNotFound, Forbidden where they no longer do."""
    access = access_for(webhook.owner, webhook.workspace.slug, via="api")
    access.term(webhook.term_id)
    access.require(Action.MANAGE, webhook.term_id)
    return access


def collect(webhook_id: int) -> Delivery | None:
    """A message with all changes up to now, None where there are none. One webhook is collected once at a time."""
    with transaction.atomic():
        webhook = Webhook.objects.select_for_update().select_related("workspace").filter(pk=webhook_id).first()
        if webhook is None or not webhook.active:
            return None
        try:
            access = owned(webhook)
        except QdmError as error:
            webhook.active, webhook.trouble = False, str(error)
            webhook.save(update_fields=["active", "trouble"])
            return None
        point = changes.point(access=access)
        ids = changes.since(webhook.term_id, webhook.seen, access=access, limit=MOST)
        webhook.seen = point
        webhook.save(update_fields=["seen"])
        if ids is not None and not ids:
            return None
        return Delivery.objects.create(webhook=webhook, content=_content(webhook, ids, access))


def _content(webhook: Webhook, ids: list[int] | None, access: Access) -> dict[str, Any]:
    content: dict[str, Any] = {"webhook": webhook.pk, "workspace": webhook.workspace.slug, "t": webhook.term_id}
    if ids is None:
        return content | {"overflow": True, "changed": [], "deleted": []}
    term = access.term(webhook.term_id)
    found = records.by_ids(term.id, ids, access=access)
    columns = {requisite.id: requisite for requisite in term.requisites}
    return content | {
        "overflow": False,
        "changed": Nesting(access).shown(found, Selection(term, columns)),
        # Whoever manages the table sees all of its rows, so what he does not see is not there.
        "deleted": sorted(set(ids) - {record.id for record in found}),
    }
