"""Django's view of what lies in the ``public`` schema; nodes are reached through selectors and services only."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

SLUG_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"


class Workspace(models.Model):
    """One workspace: a PostgreSQL schema ``ws_<slug>``. Made and dropped by ``qdm.services.workspaces`` only."""

    slug = models.CharField(
        _("short name"), max_length=40, unique=True, editable=False, validators=[RegexValidator(SLUG_PATTERN)]
    )
    title = models.CharField(_("title"), max_length=200)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    @property
    def pg_schema(self) -> str:
        return f"ws_{self.slug}"


class ImportJob(models.Model):
    """One import of a file, from upload to undo. Moved on by ``qdm.sheets.imports`` and its tasks only.

    ``owner`` and ``owner_name`` are the actor's (qdm knows no users). ``folder`` lies under VAR_DIR/uploads and holds
    the file and its spool. ``errors``: the first problems, each ``{"sheet", "row", "column", "value", "problem"}``,
    rows from 1 as in the file; ``error_count`` all of them. ``batch``: the history's id of what was written.
    """

    class Phase(models.TextChoices):
        WAITING = "waiting", _("waiting to be read")
        READING = "reading", _("being read")
        PROPOSED = "proposed", _("waiting for you")
        ACCEPTED = "accepted", _("waiting to be written")
        LOADING = "loading", _("being written")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        UNDONE = "undone", _("undone")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="imports", verbose_name=_("workspace"))
    owner = models.BigIntegerField(_("owner"), null=True)
    owner_name = models.CharField(_("owner"), max_length=200)
    language = models.CharField(_("language"), max_length=10, default="ru")
    file_name = models.CharField(_("file"), max_length=150)
    folder = models.CharField(_("folder"), max_length=40, unique=True)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase, default=Phase.WAITING)
    into = models.BigIntegerField(_("into the table"), null=True)
    options = models.JSONField(_("how to read it"), default=dict)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    rows_total = models.BigIntegerField(_("rows in all"), null=True)
    proposal = models.JSONField(_("proposal"), null=True)
    mapping = models.JSONField(_("mapping"), null=True)
    report = models.JSONField(_("report"), null=True)
    errors = models.JSONField(_("problems"), default=list)
    error_count = models.BigIntegerField(_("number of problems"), default=0)
    message = models.TextField(_("message"), default="")
    batch = models.BigIntegerField(_("batch"), null=True)
    cancel_asked = models.BooleanField(_("cancelled by the user"), default=False)
    heartbeat = models.DateTimeField(_("last sign of life"), null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.file_name


class ExportJob(models.Model):
    """One export that was too large to be answered at once. Moved on by ``qdm.sheets.export.jobs`` and its task only.

    ``owner`` is the actor's; nobody else sees it. ``folder`` lies under VAR_DIR/exports and holds the file for a day.
    ``rights`` is a stamp of the rights it was made with: with others the file is not handed out.
    """

    class Phase(models.TextChoices):
        WAITING = "waiting", _("waiting to be written")
        WRITING = "writing", _("being written")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="exports", verbose_name=_("workspace"))
    owner = models.BigIntegerField(_("owner"))
    language = models.CharField(_("language"), max_length=10, default="ru")
    term = models.BigIntegerField(_("table"))
    format = models.CharField(_("format"), max_length=10)
    question = models.JSONField(_("rows and order"))
    with_ids = models.BooleanField(_("with ids"), default=False)
    file_name = models.CharField(_("file"), max_length=150)
    folder = models.CharField(_("folder"), max_length=40, unique=True)
    rights = models.CharField(_("stamp of the rights"), max_length=64, default="")
    phase = models.CharField(_("phase"), max_length=10, choices=Phase, default=Phase.WAITING)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    rows_total = models.BigIntegerField(_("rows in all"), null=True)
    cut = models.BigIntegerField(_("cells cut"), default=0)
    message = models.TextField(_("message"), default="")
    cancel_asked = models.BooleanField(_("cancelled by the user"), default=False)
    heartbeat = models.DateTimeField(_("last sign of life"), null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.file_name
