"""The address of a sheet as a question: ``sort=-12,7&q=text&up=5&offset=400&limit=200`` or ``after=…``."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from qdm.errors import InvalidRequest
from qdm.query.ast import EVERYTHING, MAIN, Filter, Query, Search, Sort
from qdm.schema import Term

MAX_ROWS = 1000
MAX_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Question:
    """``query`` for the selectors; ``sorts`` and ``search`` as they stand in the address."""

    query: Query
    sorts: tuple[tuple[int, bool], ...]
    search: str


def read(term: Term, address: QueryDict, *, limit: int, up: int | None = None) -> Question:
    """Raises InvalidRequest for a number that is none; unknown columns are the binder's to refuse."""
    search = address.get("q", "").strip()[:MAX_SEARCH]
    sorts = tuple(_sort(part) for part in address.get("sort", "").split(",") if part)
    only: Filter = Search(search) if search else EVERYTHING
    query = Query(
        filter=only,
        sorts=tuple(Sort(MAIN if column == term.id else column, descending) for column, descending in sorts),
        up=up if up is not None else _optional(address, "up"),
        limit=min(_number(address, "limit", limit), MAX_ROWS),
        offset=_number(address, "offset", 0),
        after=address.get("after"),
        before=address.get("before"),
    )
    return Question(query, sorts, search)


def _sort(text: str) -> tuple[int, bool]:
    name = text.removeprefix("-")
    if not _is_id(name):
        raise InvalidRequest(_("The sort order “%(text)s” is not understood.") % {"text": text})
    return int(name), text.startswith("-")


def _number(address: QueryDict, name: str, default: int) -> int:
    text = address.get(name)
    if text is None:
        return default
    if not _is_id(text):
        raise InvalidRequest(_("“%(text)s” is not a number of rows.") % {"text": text})
    return int(text)


def _optional(address: QueryDict, name: str) -> int | None:
    return _number(address, name, 0) if name in address else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
