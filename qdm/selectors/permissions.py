"""What may be done with given records: asked by every service before it writes, and after."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from qdm.access import Access, Action
from qdm.managers import statements
from qdm.query.permitted import permitted, unconditional
from qdm.schema import Requisite


@dataclass(frozen=True, slots=True)
class Permission:
    """Of one record: whether it is seen, whether the action is allowed on it, and the requisites whose cells the
    action may not touch."""

    seen: bool
    allowed: bool
    denied: frozenset[int] = frozenset()


YES = Permission(seen=True, allowed=True)


def of_records(
    term_id: int, ids: Collection[int], action: Action, requisites: Sequence[Requisite] = (), *, access: Access
) -> Mapping[int, Permission]:
    """Permission of each of the records of the term for the action, and for its cells of the requisites.

    Missing records are absent; an unseen one is in it with ``seen`` false, to be treated as missing. Where everything
    is allowed on every record nothing is asked, and all ids are taken for records. Raises TermNotFound.

    To add: ask after the record is written, in the same transaction. To change: before and after.
    """
    term = access.term(term_id)
    if unconditional(access, term, action, requisites):
        return dict.fromkeys(ids, YES)
    found = {}
    for record_id, seen, allowed, *cells in statements.rows(*permitted(access, term, ids, action, requisites)):
        denied = frozenset(r.id for r, writable in zip(requisites, cells, strict=True) if not writable)
        found[record_id] = Permission(seen, allowed, denied)
    return found
