"""Answers that are kept for calls that may be sent again."""

from django.conf import settings
from django.db import models


class StoredAnswer(models.Model):
    """The answer to a write that came with an Idempotency-Key. ``request``: SHA-256 of what was asked."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    content = models.BinaryField(default=b"")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="repeats_answer_key")]

    def __str__(self) -> str:
        return self.key
