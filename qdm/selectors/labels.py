"""Labels and ids of records that may be linked to, many at once."""

from collections.abc import Collection

from qdm.access import Access
from qdm.managers import statements
from qdm.query.compiler import Compiler
from qdm.query.labels import labelled
from qdm.schema import Term


def ids_of(term: Term, labels: Collection[str], *, access: Access) -> dict[str, list[int]]:
    """Case-folded label -> ids of the records seen that bear it."""
    found: dict[str, list[int]] = {}
    if labels:
        for label, record_id in statements.rows(*labelled(Compiler(access), term, labels)):
            found.setdefault(label.casefold(), []).append(record_id)
    return found


def seen(term: Term, ids: Collection[int], *, access: Access) -> frozenset[int]:
    """Those of the ids that are records of the term which the actor sees."""
    inside = [i for i in ids if 0 < i < 2**63]
    if not inside:
        return frozenset()
    return frozenset(row[0] for row in statements.rows(*Compiler(access).labels({term.id: inside})))
