"""What every service shares: one transaction, one batch in the history."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from qdm.access import Access
from qdm.events import records_written
from qdm.managers import statements
from qdm.sql import statement


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch that is open; ``version``: of the structure, as the transaction found it."""

    id: int
    version: int | None


@contextmanager
def batch(access: Access, note: str = "", *, going_on: int | None = None) -> Iterator[int]:
    """As ``begun``, but yields the id of the batch alone."""
    with begun(access, note, going_on=going_on) as opened:
        yield opened.id


@contextmanager
def begun(access: Access, note: str = "", *, going_on: int | None = None) -> Iterator[Begun]:
    """One transaction whose writes to the workspace are one batch of the history.

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
        yield Begun(row[0], row[2])
        if row[1]:
            if not outermost:  # else it ends with the transaction
                statements.run(statement("end_batch"))
            records_written.send(None, workspace=access.workspace, batch_id=row[0])


def lock_structure(access: Access) -> None:
    """Wait for, and keep out until the end of the transaction, other structural changes of the workspace."""
    statements.row(statement("lock_structure"), {"ws": access.schema.pg_schema})
