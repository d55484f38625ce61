"""The trash, the old history and the files nothing names any more of every workspace go, by schedule
(``integram.tasks``) or by hand (``manage.py empty_trash``)."""

import logging
from datetime import timedelta

from django.utils import timezone

from qdm.access import Access
from qdm.errors import QueryTimeout
from qdm.models import Workspace
from qdm.selectors import structure
from qdm.services import retention, trash, unnamed_files
from qdm.services.trash import Emptied

logger = logging.getLogger("integram")

#: A file may be kept for so long before its text is written into a cell.
UNWRITTEN = timedelta(days=7)


def empty_all(days: int, slug: str | None = None) -> dict[str, Emptied]:
    """Erase what has been in the trash so many days, of one workspace or of all; short name -> what came of it."""
    before = timezone.now() - timedelta(days=days)
    workspaces = Workspace.objects.all() if slug is None else Workspace.objects.filter(slug=slug)
    erased = {}
    for workspace in workspaces.order_by("slug"):
        access = Access.system(structure.schema(workspace.slug), "empty_trash", via="command")
        erased[workspace.slug] = trash.empty(before, access=access)
    return erased


def trim_all(days: int, at_least: int, slug: str | None = None) -> dict[str, int]:
    """Drop the parts of the history that are older than each workspace keeps it; short name -> parts dropped.

    ``days``: for workspaces without a figure of their own; 0: for ever. ``at_least``: what is in the trash knows by the
    history since when, so it is kept for as long as the trash. A workspace in which writes go on and on is left for
    the next time.
    """
    workspaces = Workspace.objects.all() if slug is None else Workspace.objects.filter(slug=slug)
    dropped = {}
    for workspace in workspaces.order_by("slug"):
        keep = days if workspace.history_days is None else workspace.history_days
        if not keep:
            continue
        access = Access.system(structure.schema(workspace.slug), "trim_history", via="command")
        try:
            dropped[workspace.slug] = retention.trim(max(keep, at_least), timezone.now(), access=access)
        except QueryTimeout:
            logger.warning("the history of %s is in use and was not trimmed", workspace.slug)
    return dropped


def sweep_all(slug: str | None = None) -> dict[str, int]:
    """Delete the files of cells that neither cells nor trash nor history name; short name -> files deleted."""
    before = timezone.now() - UNWRITTEN
    workspaces = Workspace.objects.all() if slug is None else Workspace.objects.filter(slug=slug)
    gone = {}
    for workspace in workspaces.order_by("slug"):
        access = Access.system(structure.schema(workspace.slug), "sweep_files", via="command")
        try:
            gone[workspace.slug] = unnamed_files.sweep(before, access=access)
        except QueryTimeout:
            logger.warning("the files of %s were not looked through in time", workspace.slug)
    return gone
