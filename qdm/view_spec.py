"""What a saved view shows: rows, order, groups, and how the columns stand. A value; kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from qdm.errors import InvalidRequest
from qdm.query.ast import EVERYTHING, Compare, Filter, Function
from qdm.query.parser import parse, render
from qdm.query.within import known
from qdm.schema import Schema, Term

#: Characters of a filter that is kept, columns of a layout, pixels of a column.
MOST_FILTER, MOST_COLUMNS = 6000, 1001
NARROWEST, WIDEST = 48, 1200

Json = dict[str, Any]


#: Colours cells may have; what they look like is the pages' to say.
PALETTE = frozenset({"red", "orange", "yellow", "green", "blue", "violet"})
MOST_COLOURS = 30
#: In the place of a column: all of them.
WHOLE_ROW = 0


@dataclass(frozen=True, slots=True)
class Colour:
    """Where a condition on one column holds, this column (or WHOLE_ROW) has a colour of the PALETTE."""

    column: int
    where: Compare
    colour: str

    def as_plain(self) -> Json:
        return {"column": self.column, "where": render(self.where), "colour": self.colour}


def _colour(value: Mapping[str, Any]) -> Colour:
    where = parse(value["where"], limit=MOST_FILTER)
    if not isinstance(where, Compare) or not isinstance(where.field, int) or value["colour"] not in PALETTE:
        raise ValueError
    return Colour(int(value["column"]), where, value["colour"])


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns stand, by id (the main one has that of the term).

    ``order``: the columns whose place was chosen; others follow the one before them in the table. ``frozen``: how many
    of the shown ones stay when the rest is scrolled. ``widths``: pixels. ``colours``: the first that holds paints.
    ``totals``: what is told of all rows shown below a column.
    """

    order: tuple[int, ...] = ()
    hidden: frozenset[int] = frozenset()
    frozen: int = 0
    widths: Mapping[int, int] = field(default_factory=dict)
    colours: tuple[Colour, ...] = ()
    totals: Mapping[int, Function] = field(default_factory=dict)

    def arranged(self, columns: list[int]) -> list[int]:
        """The columns, in the order of the table, as they stand here; hidden ones too."""
        placed = [column for column in self.order if column in columns]
        for at, column in enumerate(columns):
            if column not in placed:
                placed.insert(placed.index(columns[at - 1]) + 1 if at else 0, column)
        return placed

    def within(self, columns: frozenset[int]) -> "Layout":
        """The part of it that concerns these columns."""
        return Layout(
            tuple(column for column in self.order if column in columns),
            self.hidden & columns,
            self.frozen,
            {column: width for column, width in self.widths.items() if column in columns},
            tuple(c for c in self.colours if c.where.field in columns and c.column in (WHOLE_ROW, *columns)),
            {column: function for column, function in self.totals.items() if column in columns},
        )

    def as_plain(self) -> Json:
        return {
            "order": list(self.order),
            "hidden": sorted(self.hidden),
            "frozen": self.frozen,
            "widths": {str(column): width for column, width in sorted(self.widths.items())},
            "colours": [colour.as_plain() for colour in self.colours],
            "totals": {str(column): str(function) for column, function in sorted(self.totals.items())},
        }


def layout_from_plain(value: Any) -> Layout:
    """Raises InvalidRequest for what is no layout; widths that no column can have are left out."""
    try:
        order, hidden, frozen = value.get("order", []), value.get("hidden", []), value.get("frozen", 0)
        widths, colours, totals = value.get("widths", {}), value.get("colours", []), value.get("totals", {})
        if max(len(order), len(hidden), len(widths), len(totals)) > MOST_COLUMNS or len(colours) > MOST_COLOURS:
            raise ValueError
        return Layout(
            tuple(dict.fromkeys(map(int, order))),
            frozenset(map(int, hidden)),
            min(max(int(frozen), 0), MOST_COLUMNS),
            {
                int(column): int(width)
                for column, width in widths.items()
                if isinstance(width, int | float) and NARROWEST <= width <= WIDEST
            },
            tuple(map(_colour, colours)),
            {int(column): Function(function) for column, function in totals.items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidRequest(_("The columns are not understood.")) from error


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """``filter``: columns by id, what depends on the day and on who looks kept as variables. ``sorts``: column id and
    whether descending."""

    filter: Filter = EVERYTHING
    search: str = ""
    sorts: tuple[tuple[int, bool], ...] = ()
    groups: tuple[int, ...] = ()
    layout: Layout = Layout()

    def within(self, term: Term, schema: Schema) -> "ViewSpec":
        """As a reader sees it whose pruned schema this is: columns he does not see are not named in it anywhere."""
        columns = frozenset({term.id, *term.by_id})
        return replace(
            self,
            filter=known(self.filter, term, schema),
            sorts=tuple(sort for sort in self.sorts if sort[0] in columns),
            groups=tuple(column for column in self.groups if column in columns),
            layout=self.layout.within(columns),
        )

    def as_plain(self) -> Json:
        return {
            "filter": "" if self.filter == EVERYTHING else render(self.filter),
            "search": self.search,
            "sorts": [list(sort) for sort in self.sorts],
            "groups": list(self.groups),
            "layout": self.layout.as_plain(),
        }


def from_plain(value: Mapping[str, Any]) -> ViewSpec:
    """Raises InvalidRequest for anything that is not what ``as_plain`` gives."""
    try:
        text = value["filter"]
        return ViewSpec(
            filter=parse(text, limit=MOST_FILTER) if text else EVERYTHING,
            search=str(value["search"]),
            sorts=tuple((int(column), bool(down)) for column, down in value["sorts"]),
            groups=tuple(map(int, value["groups"])),
            layout=layout_from_plain(value["layout"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidRequest(_("The view is not understood.")) from error
