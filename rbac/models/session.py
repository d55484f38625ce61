"""Browser sessions with their user, so that they can be listed and ended."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Session(AbstractBaseSession):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions", verbose_name=_("user")
    )
    started_at = models.DateTimeField(_("started"))
    agent = models.CharField(_("browser"), max_length=200, blank=True, default="")

    class Meta(AbstractBaseSession.Meta):
        abstract = False
