"""The history is kept for a time: what is older goes by whole parts (qdm/sql/schema/07_history.sql), not row by row."""

from datetime import datetime, timedelta

from django.db import transaction

from qdm.access import Access, Action
from qdm.managers import statements
from qdm.models import Workspace
from qdm.sql import statement

#: A part holds a twelfth of the time that is kept, so that little is kept for longer than asked; a day at least.
PARTS = 12
SHORTEST = timedelta(days=1)


def keep(days: int | None, *, access: Access) -> None:
    """For how long the history is kept: days, 0 for ever, None as the site has it. Raises Forbidden."""
    access.require(Action.MANAGE)
    Workspace.objects.filter(slug=access.workspace).update(history_days=days)


def trim(days: int, now: datetime, *, access: Access) -> int:
    """Drop the parts of the history with nothing in them that is younger than so many days; how many there were.

    An act that is gone cannot be undone any more. Raises Forbidden, QueryTimeout where writes under way do
    not let it in within five seconds.
    """
    access.require(Action.MANAGE)
    kept = timedelta(days=days)
    with transaction.atomic():
        statements.run(statement("lock_timeout"))
        row = statements.row(
            statement("trim_history"),
            {"ws": access.schema.pg_schema, "before": now - kept, "span": max(kept / PARTS, SHORTEST)},
        )
    assert row is not None
    return int(row[0])
