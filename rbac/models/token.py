"""Bearer tokens of users. The text of a token is shown once and stored nowhere; the table has its SHA-256."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Token(models.Model):
    """An API token: its user's rights, narrowed to one workspace or to reading where so marked."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens", verbose_name=_("user"))
    digest = models.BinaryField(_("SHA-256 of the token"), max_length=32, unique=True, editable=False)
    label = models.CharField(_("what it is for"), max_length=127, blank=True, default="")
    workspace = models.ForeignKey(
        "qdm.Workspace", models.CASCADE, null=True, blank=True, related_name="tokens", verbose_name=_("only workspace")
    )
    read_only = models.BooleanField(_("read only"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.label or f"{self.user} {self.created_at:%Y-%m-%d}"
