"""The trash and the old history of every workspace go, by schedule (``integram.tasks``) or by hand (``manage.py
empty_trash``, ``trim_history``)."""

import logging
from datetime import timedelta

from django.utils import timezone

from qdm.access import Access
from qdm.errors import QueryTimeout
from qdm.models import Workspace
from qdm.selectors import structure
from qdm.services import retention, trash
from qdm.services.trash import Emptied

logger = logging.getLogger("integram")


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
