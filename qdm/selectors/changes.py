"""What a reader missed: records changed since a point he names, without a gap and whatever order commits came in."""

import re

from qdm.access import Access
from qdm.errors import InvalidRequest
from qdm.managers import statements
from qdm.sql import statement

_SNAPSHOT = re.compile(r"\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19}){0,999})?")


def point(*, access: Access) -> str:
    """Opaque text for "everything up to now", to be taken before reading."""
    row = statements.row(statement("snapshot"))
    assert row is not None
    return str(row[0])


def since(term_id: int, seen: str, *, access: Access, limit: int = 500) -> list[int] | None:
    """Ids of records of the term changed after the point; None where there are more than ``limit``, or where the
    history of that time is gone (qdm.services.retention).

    They say nothing about who may see them: read the records under the Access. Raises InvalidRequest for what is no
    point, TermNotFound.
    """
    term = access.term(term_id)
    if not _SNAPSHOT.fullmatch(seen):
        raise InvalidRequest
    found = statements.rows(
        statement("changed_after", ws=access.schema.pg_schema), {"seen": seen, "term": term.id, "limit": limit + 1}
    )
    ids = [row[0] for row in found]
    return None if len(ids) > limit or None in ids else ids


def author(batch_id: int, *, access: Access) -> str:
    """Name of who made a batch, '' when unknown."""
    row = statements.row(statement("batch_actor", ws=access.schema.pg_schema), {"id": batch_id})
    return str(row[0]) if row else ""
