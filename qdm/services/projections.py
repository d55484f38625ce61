"""Proof and repair of projections: they can be made again from ``node`` at any time, while everybody goes on."""

from collections.abc import Callable, Sequence

from django.db import transaction

from qdm.managers import shadows, statements
from qdm.selectors import structure
from qdm.sql import statement

#: How often a table is begun again whose structure changes while it is made.
ATTEMPTS = 3


def rebuild(workspace: str, tell: Callable[[int, int], None] = lambda term, rows: None) -> int:
    """Make the catalogue and every projection anew; how many there are. Outside of a transaction only.

    ``tell(term id, rows more)`` is called as it goes on. Who was cut short goes on where he was. Nobody is kept waiting
    for longer than a moment. Raises WorkspaceNotFound, NotUnique where rows disagree with UNIQUE.
    """
    ws = structure.schema(workspace).pg_schema
    row = statements.row(statement("redescribe"), {"ws": ws})
    terms: list[int] = row[0] if row and row[0] else []
    for term in terms:
        _remake(ws, term, tell)
    return len(terms)


def _remake(ws: str, term: int, tell: Callable[[int, int], None]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            shadows.make(ws, term, {}, lambda rows: tell(term, rows))
            with transaction.atomic():
                shadows.swap(ws, term, {})
        except shadows.ShadowGone:
            if attempt == ATTEMPTS:
                raise
        else:
            return


def check(workspace: str, limit: int = 100) -> Sequence[tuple[int, int | None, str]]:
    """Term id, record id and what is wrong, for each difference from a rebuild. Raises WorkspaceNotFound."""
    schema = structure.schema(workspace)
    found = statements.rows(statement("check"), {"ws": schema.pg_schema, "limit": limit})
    return [(row[0], row[1], row[2]) for row in found]
