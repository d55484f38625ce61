"""The registry of sources, and the tickets that open a stream without a header or cookie."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from video.sealing import seal, unseal

NAME_PATTERN = r"^(?!\.{1,2}$)[^/\\?#%\x00-\x1f\x7f]{1,100}$"


class Source(models.Model):
    """One camera, drone or file. ``name`` is the ``drone_id`` of the wire contract, unique in its workspace.

    Without a workspace it is a superuser's own. ``record_id``: whoever may see that record may see the stream.
    ``telemetry_term_id``: the table that telemetry messages become rows of.
    """

    workspace = models.ForeignKey(
        "qdm.Workspace",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="video_sources",
        verbose_name=_("workspace"),
    )
    name = models.CharField(
        _("name"),
        max_length=100,
        validators=[RegexValidator(NAME_PATTERN, _("1 to 100 characters, without / \\ ? # %."))],
    )
    sealed_url = models.TextField(_("address, encrypted"), editable=False)
    always = models.BooleanField(
        _("captured without viewers too"), default=False, help_text=_("Otherwise only while somebody watches.")
    )
    recording = models.BooleanField(_("recorded"), default=False)
    record_id = models.BigIntegerField(_("row"), null=True, blank=True)
    telemetry_term_id = models.BigIntegerField(_("table of telemetry"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("connected by")
    )
    created_at = models.DateTimeField(_("connected"), auto_now_add=True)

    class Meta:
        verbose_name = _("video source")
        verbose_name_plural = _("video sources")
        default_permissions = ()
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="video_source_name", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The address with its credentials. Raises SourceRefused when SECRET_KEY has changed."""
        return unseal(self.sealed_url)

    @url.setter
    def url(self, text: str) -> None:
        self.sealed_url = seal(text)


class Ticket(models.Model):
    """Opens one stream once, soon: the nonce of a signed text (video.tickets). Used by deleting the row."""

    nonce = models.CharField(max_length=43, unique=True)
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    token = models.ForeignKey("rbac.Token", models.CASCADE, null=True, related_name="+")
    session_key = models.CharField(max_length=40, blank=True, default="")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.source_id} {self.expires_at:%H:%M:%S}"
