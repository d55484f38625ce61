"""The address of a sheet as a question: ``sort=-12,7&filter=#12 > 5&group=7&q=text&up=5&offset=400&limit=200``."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from integram.grid import reading_locale
from qdm.access import Access
from qdm.errors import BadFilter, InvalidRequest
from qdm.query.ast import EVERYTHING, MAIN, And, Filter, Query, Search, Sort
from qdm.query.binder import Binder
from qdm.query.parser import parse, render
from qdm.query.periods import resolved
from qdm.query.within import by_id
from qdm.schema import Term
from qdm.types.base import BaseType
from rbac.asking import for_reader

MAX_ROWS = 1000
MAX_SEARCH = 200
#: Characters of a filter in an address.
MAX_FILTER = 6000
MAX_GROUPS = 3
#: Rows between two rungs of a ladder.
MIN_STEP, MAX_STEP = 1000, 100_000

Sorts = tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """``query`` for the selectors; the rest as it stands in the address.

    ``sorts``: column id (the main one has that of the term) and whether descending. ``filter``: as it was said, columns
    by id, what depends on the day and the reader not yet resolved. ``groups``: ids of the columns grouped by.
    """

    query: Query
    sorts: Sorts = ()
    search: str = ""
    filter: Filter = EVERYTHING
    groups: tuple[int, ...] = ()

    @property
    def address(self) -> dict[str, str]:
        """The question as parameters of an address, without a place in it and without what is empty."""
        found = {
            "filter": text_of(self.filter),
            "sort": sorts_text(self.sorts),
            "group": ",".join(map(str, self.groups)),
            "q": self.search,
        }
        return {name: value for name, value in found.items() if value}


def text_of(item: Filter) -> str:
    return "" if item == EVERYTHING else render(item)


def sorts_text(sorts: Sorts) -> str:
    return ",".join(f"{'-' if down else ''}{column}" for column, down in sorts)


def read(term: Term, address: Mapping[str, str], *, limit: int, up: int | None = None, access: Access) -> Question:
    """Raises InvalidRequest for a number that is none, BadFilter, UnknownField for columns not seen in a filter or a
    group; those of a sort are the binder's to refuse."""
    search = address.get("q", "").strip()[:MAX_SEARCH]
    sorts = tuple(_sort(part) for part in address.get("sort", "").split(",") if part)
    said = filter_of(address.get("filter", ""), term, access)
    groups = tuple(dict.fromkeys(_column(part, term, access) for part in address.get("group", "").split(",") if part))
    query = Query(
        filter=meant(said, search, access),
        sorts=tuple(Sort(MAIN if column == term.id else column, descending) for column, descending in sorts),
        up=up if up is not None else _optional(address, "up"),
        limit=min(_number(address, "limit", limit), MAX_ROWS),
        offset=_number(address, "offset", 0),
        after=address.get("after"),
        before=address.get("before"),
    )
    return Question(query, sorts, search, said, groups[:MAX_GROUPS])


def filter_of(text: str, term: Term, access: Access) -> Filter:
    """The filter a text says, columns by id. Raises BadFilter, UnknownField."""
    if not text.strip():
        return EVERYTHING
    said = by_id(parse(text, limit=MAX_FILTER), term, access.schema, reading_locale.current())
    Binder(access.schema).filter(meant(said, "", access), term)
    return said


def meant(said: Filter, search: str, access: Access) -> Filter:
    """The filter with its variables as they are today and for the reader, and the quick filter beside it."""
    parts: list[Filter] = [Search(search)] if search else []
    if said != EVERYTHING:
        parts.insert(0, for_reader(resolved(said, timezone.localdate()), access))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def check_group(column: int, term: Term, access: Access) -> None:
    """Raises UnknownField for a column not seen, BadFilter for one whose values are not shown."""
    if Binder(access.schema).field(column, term).base is BaseType.PWD:
        raise BadFilter(_("Passwords cannot be grouped."))


def _column(text: str, term: Term, access: Access) -> int:
    if not _is_id(text):
        raise InvalidRequest(_("The grouping “%(text)s” is not understood.") % {"text": text})
    check_group(int(text), term, access)
    return int(text)


def ids(text: str) -> list[int]:
    """Row ids by comma. Raises InvalidRequest."""
    parts = text.split(",")
    if len(parts) > MAX_ROWS or not all(map(_is_id, parts)):
        raise InvalidRequest
    return [int(part) for part in parts]


def step(address: Mapping[str, str]) -> int:
    """How many rows lie between two rungs of a ladder. Raises InvalidRequest."""
    return min(max(_number(address, "step", MIN_STEP), MIN_STEP), MAX_STEP)


def _sort(text: str) -> tuple[int, bool]:
    name = text.removeprefix("-")
    if not _is_id(name):
        raise InvalidRequest(_("The sort order “%(text)s” is not understood.") % {"text": text})
    return int(name), text.startswith("-")


def _number(address: Mapping[str, str], name: str, default: int) -> int:
    text = address.get(name)
    if text is None:
        return default
    if not _is_id(text):
        raise InvalidRequest(_("“%(text)s” is not a number of rows.") % {"text": text})
    return int(text)


def _optional(address: Mapping[str, str], name: str) -> int | None:
    return _number(address, name, 0) if name in address else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
