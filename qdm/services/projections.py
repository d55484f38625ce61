"""Proof and repair of projections: they can be dropped and made from ``node`` at any time."""

from collections.abc import Sequence

from django.db import transaction

from qdm.managers import statements
from qdm.selectors import structure
from qdm.sql import statement


def rebuild(workspace: str) -> int:
    """Drop and make every projection; how many there are. One transaction. Raises WorkspaceNotFound."""
    schema = structure.schema(workspace)
    with transaction.atomic():
        row = statements.row(statement("rebuild"), {"ws": schema.pg_schema})
    return int(row[0]) if row else 0


def check(workspace: str, limit: int = 100) -> Sequence[tuple[int, int | None, str]]:
    """Term id, record id and what is wrong, for each difference from a rebuild. Raises WorkspaceNotFound."""
    schema = structure.schema(workspace)
    found = statements.rows(statement("check"), {"ws": schema.pg_schema, "limit": limit})
    return [(row[0], row[1], row[2]) for row in found]
