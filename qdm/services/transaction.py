"""What every service shares: one transaction, one batch in the history."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from qdm.access import Access
from qdm.events import records_written
from qdm.managers import statements
from qdm.sql import statement


@contextmanager
def batch(access: Access, note: str = "", *, going_on: int | None = None) -> Iterator[int]:
    """One transaction whose writes to the workspace are one batch of the history; yields the batch id.

    Inside an outer ``batch`` of the same workspace the writes join it. ``going_on``: the batch that an earlier
    transaction has begun, of a job done in pieces.
    """
    outermost = not transaction.get_connection().in_atomic_block
    with transaction.atomic():
        if going_on is not None:
            ws = access.schema.pg_schema
            statements.row(statement("resume_batch", ws=ws), {"ws": ws, "batch": going_on})
        row = statements.row(
            statement("begin_batch"),
            {
                "ws": access.schema.pg_schema,
                "actor": access.actor.id,
                "actor_name": access.actor.name,
                "via": access.via,
                "note": note or None,
            },
        )
        assert row is not None
        yield row[0]
        if row[1]:
            if not outermost:  # else it ends with the transaction
                statements.run(statement("end_batch"))
            records_written.send(None, workspace=access.workspace, batch_id=row[0])


def lock_structure(access: Access) -> None:
    """Wait for, and keep out until the end of the transaction, other structural changes of the workspace."""
    statements.row(statement("lock_structure"), {"ws": access.schema.pg_schema})
