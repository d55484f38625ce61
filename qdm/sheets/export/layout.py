"""What the columns of an exported table are, and what stands in them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.query.ast import UP, FieldRef, Query
from qdm.record import Bad, CellValue, Link, Record, Value
from qdm.schema import ROOT_ID, Requisite, Term
from qdm.selectors import records
from qdm.sheets.headers import distinct_names
from qdm.types import codec, presentation
from qdm.types.base import BaseType, Locale
from qdm.types.files import HOLDERS

#: What a row of a file is made of: one item a column, None for empty.
Row = Sequence[CellValue | None]
#: Heading of the column that holds the id of each row.
ID_HEADING = "ID"

_QUOTE = '"'
_UNSAFE = re.compile(r'[;"]|^\s|\s$')
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^;]*?))\s*(?:;|$)')


@dataclass(frozen=True, slots=True)
class Column:
    """``take``: the cell of a record; ``base``: the type its values are of, CHARS for a link; ``format``: code of its
    numbers or dates (``qdm.types.presentation``)."""

    name: str
    base: BaseType
    take: Callable[[Record], CellValue | None]
    multiple: bool = False
    format: str | None = None


class Layout:
    """The columns of one export: the id if wanted, the row's owner in a sub-table, the main value, the cells."""

    def __init__(self, term: Term, query: Query, *, access: Access, with_ids: bool = False) -> None:
        self._access = access
        self._owners: dict[int, Link] = {}
        self._parents = access.schema.parents_of(term.id) if query.up is None else ()
        found: list[Column] = []
        if with_ids:
            found.append(Column(ID_HEADING, BaseType.NUMBER, lambda record: str(record.id)))
        if self._parents:
            owner = access.schema.terms[self._parents[0].term_id]
            found.append(Column(owner.title, BaseType.CHARS, lambda record: self._owners.get(record.up)))
        found.append(Column(term.heading, term.base, _main))
        chosen = _fields(term, query.fields)
        for requisite in term.cells:
            if chosen is None or requisite.id in chosen:
                # With ids the file may come back: then a cell is told whole, so that it keeps its file.
                is_whole = requisite.is_reference or (with_ids and requisite.base in HOLDERS)
                base = BaseType.CHARS if is_whole else requisite.base
                found.append(Column(requisite.name, base, _cell(requisite.id), requisite.multiple, _format(requisite)))
        names = distinct_names([column.name for column in found])
        self.columns = tuple(replace(column, name=name) for name, column in zip(names, found, strict=True))

    def rows(self, run: Sequence[Record]) -> list[list[CellValue | None]]:
        """The records as rows of the file."""
        if self._parents:
            self._find_owners({record.up for record in run} - {ROOT_ID} - self._owners.keys())
        takes = [column.take for column in self.columns]
        return [[take(record) for take in takes] for record in run]

    def _find_owners(self, ids: set[int]) -> None:
        for parent in self._parents:
            for record in records.by_ids(parent.term_id, sorted(ids), access=self._access, fields=()):
                self._owners[record.id] = Link(record.id, record.val)


def _fields(term: Term, fields: Sequence[FieldRef] | None) -> frozenset[int] | None:
    """Ids of the columns named, None for all of them."""
    if fields is None:
        return None
    named: set[int] = set()
    for field in fields:
        requisite = term.by_id.get(field) if isinstance(field, int) else term.by_name.get(field.casefold())
        if requisite is not None and field != UP:
            named.add(requisite.id)
    return frozenset(named)


def _format(requisite: Requisite) -> str | None:
    code = requisite.modifier("FORMAT")
    return code if code and presentation.fits(code, requisite.base) else None


def _main(record: Record) -> CellValue | None:
    return Bad(record.val) if record.bad_val else record.val or None


def _cell(requisite: int) -> Callable[[Record], CellValue | None]:
    return lambda record: record.cells.get(requisite)


def text_of(value: Value, base: BaseType, locale: Locale | None) -> str:
    """A value as text: as a person of the locale reads it, None: in canonical form. '' for a link not to be seen."""
    if isinstance(value, Link):
        return value.label or ""
    if isinstance(value, Bad):
        return value.text
    if locale is None and base is not BaseType.PWD and base not in HOLDERS:
        return value
    return codec(base).display(value, locale or Locale())


def joined(texts: Iterable[str]) -> str:
    """Several values in one cell: ``Москва; Казань``, in quotes where one has the separator or a quote in it."""
    return "; ".join(f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if _UNSAFE.search(text) else text for text in texts)


def parted(text: str) -> list[str]:
    """The values that ``joined`` made one cell of."""
    found = ((quoted.replace(_QUOTE * 2, _QUOTE), plain) for quoted, plain in _PART.findall(text))
    return [quoted or plain for quoted, plain in found if quoted or plain]


def file_name(term: Term, ending: str) -> str:
    """A name to save the file by, without what a file system refuses."""
    forbidden: Mapping[int, None] = dict.fromkeys(map(ord, '\\/:*?"<>|\r\n\t'))
    name = term.title.translate(forbidden).strip(" .")[:80]
    return f"{name or _('table')}.{ending}"
