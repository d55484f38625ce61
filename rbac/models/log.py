"""What happened to rights. Written by database triggers (rbac/sql/access_log.sql), whoever changes the tables."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessLog(models.Model):
    """One changed row of a table of rights. ``before`` and ``after`` are the row as JSON, without secrets.

    ``actor_id`` is the user from ``SET LOCAL integram.actor``, None for plain SQL. No foreign keys: the log outlives
    what it tells about.
    """

    class Event(models.TextChoices):
        INSERT = "INSERT", _("given")
        UPDATE = "UPDATE", _("changed")
        DELETE = "DELETE", _("taken")
        VIEW_AS = "VIEW_AS", _("viewed as a user")

    at = models.DateTimeField(_("when"), db_index=True)
    actor_id = models.BigIntegerField(_("who"), null=True)
    event = models.CharField(_("event"), max_length=7, choices=Event.choices)
    subject = models.CharField(_("table"), max_length=63)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        default_permissions = ("view",)
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.event} {self.subject}"
