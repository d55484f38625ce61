"""Where a new column goes: beside another, in the table's own order and in the order its maker sees."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.contrib.sessions.backends.base import SessionBase

from integram.grid import layouts
from integram.grid.presenting import Presented
from qdm.access import Access
from qdm.errors import InvalidRequest, RequisiteNotFound
from qdm.schema import Term


@dataclass(frozen=True, slots=True)
class Place:
    """After ``column`` (the term's id: the main one), or ``before`` it; of no column: behind all."""

    column: int | None = None
    before: bool = False


def read(address: Mapping[str, str], term: Term) -> Place:
    """``?left=<column>`` or ``?right=<column>``. Raises InvalidRequest, RequisiteNotFound for a column not seen."""
    for name, before in (("left", True), ("right", False)):
        if (text := address.get(name)) is not None:
            if not (text.isascii() and text.isdigit() and len(text) <= 18):
                raise InvalidRequest
            if int(text) not in {term.id, *term.by_id}:
                raise RequisiteNotFound
            return Place(int(text), before)
    return Place()


def remember(session: SessionBase, shown: Presented, term: Term, made: int, place: Place, *, access: Access) -> None:
    """Whoever has moved columns sees the new one beside the one he chose, wherever that stands."""
    if place.column is None or (not shown.layout.order and place.column != term.id):
        return
    order = shown.layout.arranged([term.id, *(r.id for r in term.cells)])
    order.insert(order.index(place.column) + (not place.before), made)
    layout = replace(shown.layout, order=tuple(order))
    layouts.remember(session, access.workspace, term.id, shown.view, layout.as_plain())
