"""What would become of a column's values under another type: counted and shown before it is done."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.errors import InvalidType, InvalidValue
from qdm.query.ast import Compare, Op, Query
from qdm.record import Bad
from qdm.schema import Requisite
from qdm.selectors import records
from qdm.types import codec
from qdm.types.base import BaseType, Locale
from qdm.types.registry import TEXTUAL

#: Different values looked at; cells whose text fits not even now.
MOST = 200_000
#: Values shown of each sort.
SHOWN = 12
RUN = 1000


@dataclass(frozen=True, slots=True)
class Fitting:
    """``filled``: cells with a value; ``misfits``: those whose text would not fit. ``left``: such texts and in how many
    cells, the most frequent first; ``read``: texts that would be read as something that looks else, with how;
    ``whole``: whether all cells were looked at, not only those with the MOST most frequent values."""

    filled: int
    misfits: int
    left: tuple[tuple[str, int], ...]
    read: tuple[tuple[str, str, int], ...]
    whole: bool = True


def under(requisite_id: int, base: BaseType, *, access: Access, locale: Locale) -> Fitting:
    """The values the actor sees, read as ``base`` in his locale.

    Raises RequisiteNotFound, InvalidType for a column of links or passwords.
    """
    column = access.requisite(requisite_id)
    if column.is_reference or column.is_subtable:
        raise InvalidType(_("A column of links cannot become a column of values, nor the other way round."))
    if column.base is BaseType.PWD:
        raise InvalidType(_("Passwords are not shown, so their column keeps its type."))
    counts, whole = _counts(column, access)
    left: list[tuple[str, int]] = []
    read: list[tuple[str, str, int]] = []
    for text, count in counts.most_common():
        converted = reading(text, column.base, base, locale)
        if converted is None:
            left.append((text, count))
        elif len(read) < SHOWN and (shown := codec(base).display(converted, locale)) != _shown(text, column, locale):
            read.append((text, shown, count))
    misfits = sum(count for _text, count in left)
    return Fitting(counts.total(), misfits, tuple(left[:SHOWN]), tuple(read), whole)


def reading(text: str, before: BaseType, base: BaseType, locale: Locale) -> str | None:
    """Canonical text of a cell's text under another type, None where it does not fit. What a person saw of a number or
    date is the text he finds in its place."""
    if base in TEXTUAL:
        return codec(before).display(text, locale)
    try:
        return codec(base).parse(text, locale)
    except InvalidValue:
        return None


def _counts(column: Requisite, access: Access) -> tuple[Counter[str], bool]:
    """The texts of the cells the actor sees, those that do not fit now among them; whether these are all."""
    groups = records.groups(column.term_id, Query(limit=MOST + 1), [column.id], access=access, by_count=True)
    counts: Counter[str] = Counter()
    for group in groups[:MOST]:
        if (value := group.values[0]) is not None:
            counts[str(value)] += group.count
    for text in _misfits(column, access):
        counts[text] += 1
    return counts, len(groups) <= MOST


def _misfits(column: Requisite, access: Access) -> Iterable[str]:
    if column.base in TEXTUAL:
        return
    query = Query(filter=Compare(column.id, Op.BAD), fields=(column.id,))
    for run in records.walk(column.term_id, query, access=access, size=RUN):
        for record in run:
            value = record.cells.get(column.id)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Bad):
                    yield item.text


def _shown(text: str, column: Requisite, locale: Locale) -> str:
    return codec(column.base).display(text, locale)
