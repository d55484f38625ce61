"""The trash of every workspace, emptied by schedule (``integram.tasks``) or by hand (``manage.py empty_trash``)."""

from datetime import timedelta

from django.utils import timezone

from qdm.access import Access
from qdm.models import Workspace
from qdm.selectors import structure
from qdm.services import trash


def empty_all(days: int, slug: str | None = None) -> dict[str, int]:
    """Erase what has been in the trash so many days, of one workspace or of all; short name -> nodes erased."""
    before = timezone.now() - timedelta(days=days)
    workspaces = Workspace.objects.all() if slug is None else Workspace.objects.filter(slug=slug)
    erased = {}
    for workspace in workspaces.order_by("slug"):
        access = Access.system(structure.schema(workspace.slug), "empty_trash", via="command")
        erased[workspace.slug] = trash.empty(before, access=access)
    return erased
