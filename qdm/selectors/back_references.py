"""Where a record is referred to: by which columns of which tables, and by how many records."""

from dataclasses import dataclass

from qdm.access import Access
from qdm.managers import statements
from qdm.query.compiler import Compiler
from qdm.record import Count, CountKind
from qdm.schema import Requisite

#: Referring records are counted up to here.
CAP = 1000


@dataclass(frozen=True, slots=True)
class BackReference:
    """A column that refers to the record, and by how many records that are seen (more than none)."""

    requisite: Requisite
    count: Count


def of_record(term_id: int, record_id: int, *, access: Access) -> list[BackReference]:
    """One statement, however many tables refer to the term; by the order of the tables' names.

    Raises TermNotFound. Of a record that may not be seen nothing is told: nothing is seen to refer to it.
    """
    access.term(term_id)
    referring = access.schema.referring_to(term_id)
    if not referring:
        return []
    counts: dict[int, int] = dict(statements.rows(*Compiler(access).reference_counts(referring, record_id, CAP)))
    found = [BackReference(one, _count(counts[one.id])) for one in referring if counts[one.id]]
    return sorted(found, key=lambda one: (access.schema.terms[one.requisite.term_id].title, one.requisite.ordinal))


def _count(value: int) -> Count:
    return Count(value) if value <= CAP else Count(CAP, CountKind.CAPPED)
