"""What stands in a column against a constraint that it is to have, as far as the actor sees it."""

from collections import Counter

from qdm.access import Access
from qdm.query.ast import And, Compare, Not, Op, Query
from qdm.record import Link
from qdm.schema import Requisite
from qdm.selectors import records
from qdm.types import codec
from qdm.types.base import Locale
from qdm.types.registry import TEXTUAL

#: Rows or values named of all there are.
SHOWN = 5
#: Rows of one value that are looked at for its exact spelling.
_SPELT = 500


def unfilled(requisite_id: int, *, access: Access, locale: Locale) -> tuple[int, list[str]]:
    """How many rows have nothing in the column, and the names of the first of them. Raises RequisiteNotFound."""
    column = access.requisite(requisite_id)
    empty = And((Compare(column.id, Op.EMPTY), Not(Compare(column.id, Op.BAD))))
    query = Query(filter=empty, fields=(), limit=SHOWN)
    number = records.count(column.term_id, query, access=access, cap=None).value
    if not number:
        return 0, []
    main = codec(access.term(column.term_id).base)
    found = records.page(column.term_id, query, access=access).records
    return number, [main.display(record.val, locale) for record in found]


def repeated(requisite_id: int, *, access: Access, locale: Locale) -> list[str]:
    """Values that stand in more than one row, the most frequent first, as a person reads them. Raises
    RequisiteNotFound."""
    column = access.requisite(requisite_id)
    groups = records.groups(column.term_id, Query(limit=4 * SHOWN), [column.id], access=access, by_count=True)
    found: list[str] = []
    for group in groups:
        (value,) = group.values
        if group.count < 2 or value is None:
            continue
        if isinstance(value, Link):
            found += [value.label] if value.label else []
        elif column.base in TEXTUAL:
            found += _spelt_alike(column, str(value), access)
        else:
            found.append(codec(column.base).display(str(value), locale))
    return found[:SHOWN]


def _spelt_alike(column: Requisite, text: str, access: Access) -> list[str]:
    """Groups are of texts without case, what is unique is the text as it is spelt."""
    query = Query(filter=Compare(column.id, Op.EQ, text), fields=(column.id,), limit=_SPELT)
    page = records.page(column.term_id, query, access=access)
    counts = Counter(str(record.cells.get(column.id)) for record in page.records)
    return [spelt for spelt, count in counts.most_common() if count > 1]
