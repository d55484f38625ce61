"""Empty the trash: what has been in it long enough goes for good, views too. What it said stays in the history."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from qdm import events
from qdm.access import Access, Action
from qdm.managers import statements
from qdm.models import SavedView
from qdm.services.transaction import batch, lock_structure
from qdm.sql import statement


@dataclass(frozen=True, slots=True)
class Emptied:
    """Nodes erased, cells among them; things kept because the history does not reach back far enough to tell."""

    erased: int
    undated: int


def empty(before: datetime, *, access: Access) -> Emptied:
    """Erase what is known to have gone to the trash before that moment. Raises Forbidden.

    What the history has forgotten is only known to be older than its oldest act: it goes when that is old enough.
    """
    access.require(Action.MANAGE)
    with batch(access, "empty_trash"):
        lock_structure(access)
        erased = statements.rows(statement("empty_trash", ws=access.schema.pg_schema), {"before": before})
        gone = [row[0] for row in erased]
        if gone:
            events.records_erased.send(None, workspace=access.workspace, record_ids=gone)
        of_gone = Q(deleted_at__lt=before) | Q(term__in=gone)
        SavedView.objects.filter(of_gone, workspace__slug=access.workspace).delete()
        undated = statements.row(statement("trash_undated", ws=access.schema.pg_schema), {"before": before})
    assert undated is not None
    return Emptied(len(gone), undated[0])
