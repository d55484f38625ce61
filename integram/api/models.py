"""Tables of the interface for programs: webhooks and what was sent to them."""

from django.conf import settings
from django.db import models


class Webhook(models.Model):
    """An address that is told of the changes of one table, with the rights of ``owner`` at that time.

    ``seen`` is the point up to which changes were told (qdm.selectors.changes). ``nonce``: what its secret is made from
    together with SECRET_KEY, so that a copy of the database alone signs nothing. ``trouble``: why it is not active.
    """

    workspace = models.ForeignKey("qdm.Workspace", models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    term_id = models.BigIntegerField()
    url = models.CharField(max_length=2000)
    nonce = models.CharField(max_length=64)
    active = models.BooleanField(default=True)
    trouble = models.CharField(max_length=500, blank=True, default="")
    seen = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["workspace", "active"], name="api_webhook_workspace")]

    def __str__(self) -> str:
        return f"{self.term_id} -> {self.url}"


class Delivery(models.Model):
    """One message to a webhook and what came of it: the log, and what is sent again until it is taken."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    content = models.JSONField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    response_status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
