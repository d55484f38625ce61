"""Webhooks of a workspace, for who manages their tables."""

from typing import Any

from integram.api.answer import Answer
from integram.api.body import Form
from integram.api.door import Call
from integram.api.models import Delivery, Webhook
from integram.api.tasks import send
from integram.api.webhooks import kick, sending, signature
from qdm.access import Action
from qdm.errors import NotFound
from qdm.models import Workspace
from qdm.selectors import changes
from rbac.models import User

LONGEST_URL = 2000
LOG = 50  #: deliveries shown


def listed(call: Call) -> list[dict[str, Any]]:
    return [_shown(webhook) for webhook in _mine(call)]


def one(call: Call, webhook_id: int) -> dict[str, Any]:
    return _shown(_find(call, webhook_id))


def create(call: Call) -> Answer:
    """The secret is in this answer only."""
    form = Form(call.json())
    term_id, url = form.integer("term_id"), form.text("url")
    if len(url) > LONGEST_URL:
        form.fail("url", f"{LONGEST_URL} characters at most.")
    form.check()
    call.access.term(term_id)
    call.access.require(Action.MANAGE, term_id)
    sending.check(url)
    webhook = Webhook.objects.create(
        workspace=Workspace.objects.get(slug=call.access.workspace),
        owner=User.objects.get(pk=call.access.actor.id or 0),
        term_id=term_id,
        url=url,
        nonce=signature.nonce(),
        seen=changes.point(access=call.access),
    )
    kick.forget()
    return Answer({**_shown(webhook), "secret": signature.secret(webhook.nonce)})


def update(call: Call, webhook_id: int) -> dict[str, Any]:
    """Stop it, start it again, point it elsewhere. What happens while it is stopped is told when it is started."""
    form = Form(call.json())
    webhook = _find(call, webhook_id)
    if form.given("active"):
        if not isinstance(form.content["active"], bool):
            form.fail("active", "true or false is expected.", "bool_type")
        webhook.active, webhook.trouble = form.content["active"] is True, ""
    if form.given("url"):
        webhook.url = form.text("url")[:LONGEST_URL]
    form.check()
    sending.check(webhook.url)
    webhook.save(update_fields=["active", "trouble", "url"])
    kick.forget()
    return _shown(webhook)


def delete(call: Call, webhook_id: int) -> dict[str, Any]:
    _find(call, webhook_id).delete()
    kick.forget()
    return {"id": webhook_id}


def ping(call: Call, webhook_id: int) -> dict[str, Any]:
    """Send a message without changes, to see whether it arrives."""
    webhook = _find(call, webhook_id)
    content = {"webhook": webhook.pk, "workspace": call.access.workspace, "t": webhook.term_id, "ping": True}
    delivery = Delivery.objects.create(webhook=webhook, content=content)
    send.defer(delivery_id=delivery.pk)
    return {"id": delivery.pk}


def deliveries(call: Call, webhook_id: int) -> list[dict[str, Any]]:
    """The last messages and what came of them, newest first."""
    return [
        {
            "id": delivery.pk,
            "state": delivery.state,
            "attempts": delivery.attempts,
            "response_status": delivery.response_status,
            "error": delivery.error,
            "created_at": delivery.created_at,
            "ended_at": delivery.ended_at,
            "content": delivery.content,
        }
        for delivery in _find(call, webhook_id).deliveries.order_by("-pk")[:LOG]
    ]


def _mine(call: Call) -> list[Webhook]:
    """Those of the tables the caller manages."""
    found = Webhook.objects.filter(workspace__slug=call.access.workspace).order_by("pk")
    schema = call.access.schema
    return [w for w in found if w.term_id in schema.terms and call.access.can(Action.MANAGE, w.term_id)]


def _find(call: Call, webhook_id: int) -> Webhook:
    webhook = next((w for w in _mine(call) if w.pk == webhook_id), None)
    if webhook is None:
        raise NotFound(f"Webhook {webhook_id} not found")
    return webhook


def _shown(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.pk,
        "term_id": webhook.term_id,
        "url": webhook.url,
        "active": webhook.active,
        "trouble": webhook.trouble,
    }
