"""Which records an action is allowed on, and which records labels mean: what services ask before they write."""

from collections.abc import Collection

from qdm.access import Access, Action
from qdm.managers import statements
from qdm.query import writing
from qdm.query.ast import EVERYTHING
from qdm.schema import Requisite, Term


def permitted(term: Term, ids: Collection[int], action: Action, *, access: Access) -> frozenset[int]:
    """Those of these records of the term, as they stand now, on which the action is allowed."""
    if not ids:
        return frozenset()
    return frozenset(row[0] for row in statements.rows(*writing.permitted(access, term, ids, action)))


def unrestricted(term: Term, action: Action, *, access: Access) -> bool:
    """Whether the action is allowed on every row there is and every row there could be."""
    return access.rows(term.id, action) == EVERYTHING and not access.schema.parents_of(term.id)


def labelled(term: Term, labels: Collection[str], *, access: Access) -> dict[str, list[int]]:
    """Case-folded label -> ids of the records seen that bear it."""
    found: dict[str, list[int]] = {}
    if labels:
        for label, record_id in statements.rows(*writing.labelled(access, term, labels)):
            found.setdefault(label.casefold(), []).append(record_id)
    return found


def writable(term: Term, requisite: Requisite, ids: Collection[int], *, access: Access) -> frozenset[int]:
    """Those of these records, as they stand now, in which this cell may be written."""
    if not ids:
        return frozenset()
    statement = writing.writable(access, term, requisite, ids)
    return frozenset(ids) if statement is None else frozenset(row[0] for row in statements.rows(*statement))
