"""What is sent to whom and when, and what became of each letter."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Delivery(models.Model):
    """A table as it is shown, sent as a workbook again and again.

    ``asked``: parameters of the sheet's address (``view``, ``filter``, ``sort``, ``q``), read anew for each recipient,
    so that "today" and ``@me`` mean his. ``weekday``: 0 is Monday; ``monthday``: in a shorter month its last day.
    """

    class Frequency(models.TextChoices):
        DAILY = "daily", _("every day")
        WEEKLY = "weekly", _("every week")
        MONTHLY = "monthly", _("every month")

    workspace = models.ForeignKey("qdm.Workspace", models.CASCADE, related_name="deliveries")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="deliveries")
    title = models.CharField(_("title"), max_length=200)
    term = models.BigIntegerField()
    asked = models.JSONField(default=dict)
    frequency = models.CharField(_("how often"), max_length=7, choices=Frequency)
    weekday = models.PositiveSmallIntegerField(_("day of the week"), default=0)
    monthday = models.PositiveSmallIntegerField(_("day of the month"), default=1)
    hour = models.PositiveSmallIntegerField(_("hour"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    language = models.CharField(max_length=10, default="ru")
    is_active = models.BooleanField(_("is sent"), default=True)
    next_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ("title", "pk")

    def __str__(self) -> str:
        return self.title


class Recipient(models.Model):
    """A person with an account. ``unsubscribed_at``: since when he wants no more; only he can take it back."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="recipients")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    unsubscribed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["delivery", "user"], name="deliveries_recipient_once")]

    def __str__(self) -> str:
        return self.user.email


class Sending(models.Model):
    """One letter: the log, and what is tried again until it is sent. ``retry_at``: not to be tried before."""

    class State(models.TextChoices):
        PENDING = "pending", _("to be sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="sendings")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField()
    rows = models.BigIntegerField(null=True)
    error = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ("-due_at", "-pk")
        constraints = [models.UniqueConstraint(fields=["recipient", "due_at"], name="deliveries_once")]
        indexes = [models.Index(fields=["retry_at"], name="deliveries_pending", condition=models.Q(state="pending"))]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.due_at:%Y-%m-%d %H:%M}"
