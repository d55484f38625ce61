"""Find in the table: the next hit after a row in the sheet's own order, over every row the user may see."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from integram.grid import reading_locale, wire
from qdm.access import Access
from qdm.errors import InvalidValue, RecordNotFound
from qdm.query import lookups
from qdm.query.ast import MAIN, And, Compare, FieldRef, Filter, Op, Or, Query, Search
from qdm.record import Record
from qdm.schema import Term
from qdm.selectors import records
from qdm.types.base import BaseType
from qdm.types.registry import codec

#: Hits are counted up to here.
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that holds the text, its place among the rows of the sheet, and the columns where it is."""

    record_id: int
    place: int
    columns: tuple[int, ...]
    wrapped: bool


def hit(
    term: Term, shown: Query, text: str, *, start: int | None, here: bool, backward: bool, access: Access
) -> Hit | None:
    """The next hit after the row ``start`` (``here``: that row too), beginning anew at the other end after the last.

    ``shown``: the question of the sheet. None where nothing holds the text.
    """
    wanted = replace(shown, filter=And((shown.filter, meaning(term, text))), offset=0, after=None, before=None)
    found, wrapped = _beside(term, wanted, start, here, backward, access), False
    if found is None:
        found, wrapped = records.beside(None, term.id, wanted, access=access, backward=backward), start is not None
    if found is None:
        return None
    place = records.position(found.id, term.id, shown, access=access)
    return Hit(found.id, place, _columns(term, found, text), wrapped)


def _beside(term: Term, wanted: Query, start: int | None, here: bool, backward: bool, access: Access) -> Record | None:
    if start is None:
        return None
    if here:
        same = replace(wanted, filter=And((wanted.filter, Compare("id", Op.EQ, start))), limit=1)
        if found := records.page(term.id, same, access=access).records:
            return found[0]
    try:
        return records.beside(start, term.id, wanted, access=access, backward=backward)
    except RecordNotFound:  # deleted meanwhile
        return None


def count(term: Term, shown: Query, text: str, record_id: int | None, *, access: Access) -> dict[str, Any]:
    """``{"total", "kind", "place"}``: rows that hold the text, and how many of them stand before the row."""
    wanted = replace(shown, filter=And((shown.filter, meaning(term, text))), offset=0, after=None, before=None)
    found = records.count(term.id, wanted, access=access, cap=COUNTED)
    place = None
    if record_id is not None and found.value <= COUNTED:
        with suppress(RecordNotFound):
            place = records.position(record_id, term.id, wanted, access=access)
    return {"total": min(found.value, COUNTED), "more": found.value > COUNTED, "place": place}


def meaning(term: Term, text: str) -> Filter:
    """Text within text and labels; where it reads as a number or a date, cells that hold exactly that as well."""
    exact = [Compare(field, Op.EQ, value) for field, value in _exact(term, text).items()]
    return Or((Search(text), *exact)) if exact else Search(text)


def _exact(term: Term, text: str) -> Mapping[FieldRef, str]:
    bases: dict[FieldRef, BaseType] = {r.id: r.base for r in term.cells if not r.is_reference}
    bases[MAIN] = term.base
    found: dict[FieldRef, str] = {}
    for field, base in bases.items():
        if lookups.kind_of(base) is lookups.Kind.TEXT:
            continue
        try:
            canonical = codec(base).parse(text, reading_locale.current())
        except InvalidValue:
            continue
        if canonical:
            found[field] = canonical
    return found


def _columns(term: Term, record: Record, text: str) -> tuple[int, ...]:
    """Ids of the columns that hold it, in their order; the main one where none says so itself."""
    exact = _exact(term, text)
    _id, _version, values = wire.row(record, term)
    fields: list[tuple[int, FieldRef]] = [(term.id, MAIN), *((r.id, r.id) for r in term.cells)]
    found = tuple(
        column
        for (column, field), value in zip(fields, values, strict=True)
        if _holds(value, text.lower(), exact.get(field))
    )
    return found or (term.id,)


def _holds(value: Any, text: str, exact: str | None) -> bool:
    match value:
        case None:
            return False
        case str():
            return value == exact or text in value.lower()
        case list():
            return any(_holds(item, text, exact) for item in value)
        case {"label": label}:
            return text in str(label).lower()
        case {"bad": bad}:
            return text in str(bad).lower()
    return False
