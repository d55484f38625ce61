"""What the worker does for programs: webhooks, and forgetting stored answers."""

import time
from datetime import timedelta

import orjson
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from integram.api.models import Delivery, Webhook
from integram.api.webhooks import collecting, kick, signature
from integram.api.webhooks.sending import AddressRefused, NotTaken, post
from integram.job_connections import fresh_connections
from integram.repeats import idempotency

QUEUE = "webhooks"
#: Again after 4, 16, 64, … seconds: the last time after 18 hours.
ATTEMPTS, WAIT = 9, 4
LOG_KEPT = timedelta(days=14)


@app.task(name="integram.api.collect_changes", queue=QUEUE)
@fresh_connections()
def collect_changes(webhook_id: int) -> None:
    delivery = collecting.collect(webhook_id)
    if delivery is not None:
        send.defer(delivery_id=delivery.pk)


@app.task(
    name="integram.api.send",
    queue=QUEUE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=WAIT, retry_exceptions=[NotTaken, AddressRefused]),
)
@fresh_connections()
def send(context: JobContext, delivery_id: int) -> None:
    """Raises NotTaken to be tried again."""
    delivery = Delivery.objects.select_related("webhook").filter(pk=delivery_id).first()
    if delivery is None or not delivery.webhook.active:
        return
    body = orjson.dumps({"delivery": delivery.pk, **delivery.content})
    at = int(time.time())
    secret = signature.secret(delivery.webhook.nonce)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Integram",
        signature.HEADER: signature.signature(secret, body, at),
    }
    delivery.attempts += 1
    try:
        delivery.response_status = post(delivery.webhook.url, body, headers)
    except (NotTaken, AddressRefused) as error:
        delivery.error = str(error)[:500]
        delivery.response_status = error.status if isinstance(error, NotTaken) else None
        if delivery.attempts >= ATTEMPTS:
            delivery.state, delivery.ended_at = Delivery.State.FAILED, timezone.now()
        delivery.save()
        raise
    delivery.state, delivery.error, delivery.ended_at = Delivery.State.DELIVERED, "", timezone.now()
    delivery.save()


@app.periodic(cron="* * * * *")
@app.task(name="integram.api.collect_missed", queue=QUEUE)
@fresh_connections()
def collect_missed(timestamp: int) -> None:
    """Changes that left no job behind: written by plain SQL, or just before a webhook was known everywhere."""
    for webhook_id in Webhook.objects.filter(active=True).values_list("pk", flat=True):
        kick.later(webhook_id)


@app.periodic(cron="23 * * * *")
@app.task(name="integram.api.tidy", queue=QUEUE)
@fresh_connections()
def tidy(timestamp: int) -> None:
    idempotency.forget()
    Delivery.objects.filter(created_at__lt=timezone.now() - LOG_KEPT).delete()
