"""Empty the trash: what has been in it long enough goes for good, views too. What it said stays in the history."""

from datetime import datetime

from django.db.models import Q

from qdm import events
from qdm.access import Access, Action
from qdm.managers import statements
from qdm.models import SavedView
from qdm.services.transaction import batch, lock_structure
from qdm.sql import statement


def empty(before: datetime, *, access: Access) -> int:
    """Erase what went to the trash before that moment; the number of nodes, cells among them. Raises Forbidden."""
    access.require(Action.MANAGE)
    with batch(access, "empty_trash"):
        lock_structure(access)
        erased = statements.rows(statement("empty_trash", ws=access.schema.pg_schema), {"before": before})
        gone = [row[0] for row in erased]
        if gone:
            events.records_erased.send(None, workspace=access.workspace, record_ids=gone)
        of_gone = Q(deleted_at__lt=before) | Q(term__in=gone)
        SavedView.objects.filter(of_gone, workspace__slug=access.workspace).delete()
    return len(gone)
