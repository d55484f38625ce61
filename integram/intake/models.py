"""Which forms take files by e-mail and from the web, and what came."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qdm.models import FormRun, UploadForm


class MailDoor(models.Model):
    """That a form takes files by e-mail. ``senders``: addresses, and domains as ``@plant.example``, one a line."""

    form = models.OneToOneField(UploadForm, models.CASCADE, related_name="mail_door", verbose_name=_("form"))
    senders = models.TextField(_("who may send"))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.form.slug


class Letter(models.Model):
    """A letter that came: none is taken in twice, none is answered twice.

    ``digest``: SHA-256 of its Message-ID. ``reply_to``: '' where it is not answered. ``problem``: why it brought
    nothing. ``answered_at``: when its answer was sent, or found to be needless.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    message_id = models.TextField()
    form = models.ForeignKey(UploadForm, models.SET_NULL, null=True, related_name="letters")
    runs = models.ManyToManyField(FormRun, related_name="letters")
    sender = models.CharField(max_length=320)
    subject = models.CharField(max_length=500)
    reply_to = models.CharField(max_length=320, default="")
    problem = models.TextField(default="")
    received_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    answer_after = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["answer_after"], name="intake_to_answer", condition=models.Q(answered_at=None))]

    def __str__(self) -> str:
        return self.subject


class WebSource(models.Model):
    """The address a form's file is fetched from, every so many ``minutes``.

    ``etag``, ``modified``: what the server said of its last file; ``digest``: SHA-256 of that file. ``problem``:
    why the last look brought nothing, '' where it did or where nothing was new.
    """

    form = models.OneToOneField(UploadForm, models.CASCADE, related_name="web_source", verbose_name=_("form"))
    url = models.CharField(_("address"), max_length=2000)
    minutes = models.PositiveIntegerField(_("how often"))
    etag = models.CharField(max_length=500, default="")
    modified = models.CharField(max_length=100, default="")
    digest = models.BinaryField(max_length=32, default=b"")
    problem = models.TextField(default="")
    looked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.url
