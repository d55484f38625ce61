"""Django's view of what lies in the ``public`` schema; nodes are reached through selectors and services only."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from qdm.types import files

SLUG_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"


class Workspace(models.Model):
    """One workspace: a PostgreSQL schema ``ws_<slug>``. Made and dropped by ``qdm.services.workspaces`` only."""

    slug = models.CharField(
        _("short name"), max_length=40, unique=True, editable=False, validators=[RegexValidator(SLUG_PATTERN)]
    )
    title = models.CharField(_("title"), max_length=200)
    #: None: as long as the site's setting HISTORY_DAYS says; 0: for ever.
    history_days = models.PositiveIntegerField(_("days the history is kept"), null=True, blank=True)
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


class BulkJob(models.Model):
    """One change to many rows, or the undoing of one. Moved on by ``qdm.sheets.bulk`` and its task only.

    ``owner`` is the actor's; nobody else sees it. ``chosen``: which rows (``qdm.selectors.chosen``); ``change``: what
    is done with them: ``{"column", "value"}``, ``{"below"}``, ``{"batch", "force", "seen"}`` or, for a
    column, ``{"column", "base", "flags"}`` with how far it is. ``problems``: the first rows that stayed as they were,
    each ``{"term", "row", "label", "column", "problem"}``; ``refused`` all of them.
    ``batch``: the history's id of what was written. ``begun_again``: its worker died once.
    """

    class Kind(models.TextChoices):
        SET = "set", _("value set")
        DELETE = "delete", _("rows deleted")
        DUPLICATE = "duplicate", _("rows duplicated")
        UNDO = "undo", _("undone")
        COLUMN = "column", _("column changed")

    class Phase(models.TextChoices):
        WAITING = "waiting", _("waiting to be begun")
        WRITING = "writing", _("being carried out")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="bulk", verbose_name=_("workspace"))
    owner = models.BigIntegerField(_("owner"))
    language = models.CharField(_("language"), max_length=10, default="ru")
    kind = models.CharField(_("what is done"), max_length=10, choices=Kind)
    term = models.BigIntegerField(_("table"), null=True)
    chosen = models.JSONField(_("rows"), default=dict)
    change = models.JSONField(_("change"), default=dict)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase, default=Phase.WAITING)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    rows_total = models.BigIntegerField(_("rows in all"), null=True)
    written = models.BigIntegerField(_("rows written"), default=0)
    refused = models.BigIntegerField(_("rows refused"), default=0)
    problems = models.JSONField(_("problems"), default=list)
    message = models.TextField(_("message"), default="")
    batch = models.BigIntegerField(_("batch"), null=True)
    cancel_asked = models.BooleanField(_("cancelled by the user"), default=False)
    heartbeat = models.DateTimeField(_("last sign of life"), null=True)
    begun_again = models.BooleanField(_("begun again"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("change of many rows")
        verbose_name_plural = _("changes of many rows")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.get_kind_display()


class StoredFile(models.Model):
    """A file of a cell, whose text names it by ``key`` (``qdm.types.files``). It never changes: another file is another
    key. Made by ``qdm.services.files`` only; its bytes lie under VAR_DIR/cells.

    ``kind``: the type of a picture that may be shown, by its first bytes; '' for anything else. ``size``: bytes.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="files", verbose_name=_("workspace"))
    key = models.CharField(_("key"), max_length=16)
    name = models.CharField(_("file"), max_length=150)
    size = models.BigIntegerField(_("bytes"))
    kind = models.CharField(_("type of picture"), max_length=20)
    owner = models.BigIntegerField(_("owner"), null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("file of a cell")
        verbose_name_plural = _("files of cells")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["workspace", "key"], name="qdm_storedfile_key"),)

    def __str__(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        """What the cell of the file holds."""
        return files.text_of(self.name, self.key)


class UploadForm(models.Model):
    """An import that is done again and again: how files of one kind become rows of one table (``plan``).

    ``owner`` is who made it: files that come in without a user of their own (the link, the folder) are taken in under
    his rights. ``digest``: SHA-256 of the text in the link for outsiders, NULL without one. ``automatic``: percentage
    of bad rows up to which a run is applied by itself; NULL: a person looks at each.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="forms", verbose_name=_("workspace"))
    owner = models.BigIntegerField(_("owner"))
    slug = models.SlugField(_("short name"), max_length=60, help_text=_("Name of its folder under var/inbox."))
    title = models.CharField(_("title"), max_length=200)
    term = models.BigIntegerField(_("table"))
    plan = models.JSONField(_("how files become rows"))
    automatic = models.FloatField(_("applied by itself up to this percentage of bad rows"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, default="ru")
    digest = models.BinaryField(_("SHA-256 of the link"), max_length=32, null=True, unique=True, editable=False)
    link_until = models.DateTimeField(_("link valid until"), null=True, blank=True)
    is_open = models.BooleanField(_("takes files"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("upload form")
        verbose_name_plural = _("upload forms")
        ordering = ("title",)
        constraints = [models.UniqueConstraint(fields=["slug"], name="qdm_uploadform_slug")]

    def __str__(self) -> str:
        return self.title


class FormRun(models.Model):
    """One file sent to a form. Moved on by ``qdm.sheets.forms`` and its task only.

    ``owner``: whose rights it is taken in under. ``counts``: rows that are new, changed, same, missing, bad, skipped.
    ``preview``: the first changes, cell by cell. ``problems``: the first bad cells, each ``{"row", "cell", "column",
    "value", "problem"}``. ``batch``: the history's id of what was written. ``begun_again``: its worker died once.
    """

    class Phase(models.TextChoices):
        QUEUED = "queued", _("waiting to be read")
        CHECKING = "checking", _("being checked")
        PREVIEW = "preview", _("waiting for you")
        ACCEPTED = "accepted", _("waiting to be written")
        APPLYING = "applying", _("being written")
        APPLIED = "applied", _("applied")
        REJECTED = "rejected", _("rejected")
        FAILED = "failed", _("failed")
        UNDONE = "undone", _("taken back")

    class Door(models.TextChoices):
        PAGE = "page", _("page")
        LINK = "link", _("link")
        REST = "rest", _("program")
        FOLDER = "folder", _("folder")
        MAIL = "mail", _("e-mail")
        WEB = "web", _("address on the web")

    form = models.ForeignKey(UploadForm, models.CASCADE, related_name="runs", verbose_name=_("form"))
    owner = models.BigIntegerField(_("owner"))
    sender = models.CharField(_("sender"), max_length=200)
    door = models.CharField(_("came by"), max_length=10, choices=Door)
    language = models.CharField(_("language"), max_length=10, default="ru")
    file_name = models.CharField(_("file"), max_length=150)
    folder = models.CharField(_("folder"), max_length=40, unique=True)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase, default=Phase.QUEUED)
    counts = models.JSONField(_("rows"), default=dict)
    preview = models.JSONField(_("changes"), default=list)
    problems = models.JSONField(_("problems"), default=list)
    message = models.TextField(_("message"), default="")
    batch = models.BigIntegerField(_("batch"), null=True)
    heartbeat = models.DateTimeField(_("last sign of life"), null=True)
    begun_again = models.BooleanField(_("begun again"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("sent file")
        verbose_name_plural = _("sent files")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.file_name


class SavedView(models.Model):
    """A way to look at a table, kept under a name. Made and changed by ``qdm.services.views`` only.

    ``owner`` is the actor's who made it; ``shared``: everybody who sees the table sees it, else the owner alone.
    ``is_default``: what the table opens with, for everybody where it is shared, else for its owner. ``spec``: a
    ``qdm.view_spec.ViewSpec`` as JSON. ``deleted_at``: when it went to the trash.
    """

    class Kind(models.TextChoices):
        GRID = "grid", _("spreadsheet")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="views", verbose_name=_("workspace"))
    term = models.BigIntegerField(_("table"))
    kind = models.CharField(_("kind"), max_length=20, default=Kind.GRID)
    title = models.CharField(_("title"), max_length=100)
    owner = models.BigIntegerField(_("owner"), null=True)
    shared = models.BooleanField(_("for everybody"), default=False)
    is_default = models.BooleanField(_("shown first"), default=False)
    spec = models.JSONField(_("what is shown"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True)

    class Meta:
        verbose_name = _("view")
        verbose_name_plural = _("views")
        ordering = ("-shared", "title", "pk")
        indexes = (models.Index(fields=["workspace", "term"], name="qdm_savedview_table"),)

    def __str__(self) -> str:
        return self.title
