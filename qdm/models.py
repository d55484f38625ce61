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
