"""One thing done with many rows: a column set, rows deleted or duplicated. One transaction, one batch, however many.

Each run of rows goes the way of all writes (``records.write``): what may not be written to a row, or does not fit it,
is left out and told by name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Forbidden, HasDependents, InvalidRequest
from qdm.query.ast import NOTHING
from qdm.record import Bad, Link, Record, Value
from qdm.schema import Term
from qdm.selectors import chosen as choosing
from qdm.selectors import records as reading
from qdm.selectors.chosen import Chosen
from qdm.services import records
from qdm.services.cells import Parser
from qdm.services.transaction import batch
from qdm.services.writes import Create, Delete, Mode, Result, Update, Values, Write
from qdm.types.base import BaseType, Locale

T = TypeVar("T")

#: Rows written at once: what any number of them asks of the memory.
AT_ONCE = 1_000
CANONICAL = Locale("en")
#: Rows deleted at once: the more, the fewer links between them have to be looked at again.
DELETED_AT_ONCE = 10_000
#: Refusals that are told by name; of the others one hears how many they are.
NAMED = 200
#: Hears how many rows more are done; may raise to stop it all.
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """``value`` as a person or a program writes it into the column (requisite id, the term's for the main value)."""

    column: int
    value: object


@dataclass(frozen=True, slots=True)
class Deleting:
    """To the trash, with the rows below."""


@dataclass(frozen=True, slots=True)
class Duplicating:
    """``below``: with the rows of sub-tables."""

    below: bool = True


Change = Setting | Deleting | Duplicating


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row stayed as it was, or a cell of it: ``column`` is what the column is called, '' for the whole row."""

    term: int
    row: int
    label: str
    column: str
    problem: str


@dataclass(slots=True)
class Outcome:
    """``batch`` None: nothing was written. ``written`` and ``refused`` rows; the first of these by name."""

    batch: int | None = None
    written: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)


def check(term_id: int, change: Change, *, access: Access, locale: Locale) -> None:
    """Raises what would be refused in every row: TermNotFound, Forbidden, UnknownField, InvalidValue,
    InvalidReference."""
    term = access.term(term_id)
    match change:
        case Setting(column, value):
            access.require(Action.CHANGE, term_id)
            parser = Parser(term, access, locale)
            parser.prepare([{column: value}])
            for error in parser.parse({column: value}, creating=False).errors.values():
                raise error
            if column != term_id and access.field(column, Action.CHANGE) == NOTHING:
                raise Forbidden
        case Deleting():
            access.require(Action.DELETE, term_id)
        case Duplicating():
            access.require(Action.ADD, term_id)


def carry_out(
    term_id: int,
    chosen: Chosen,
    change: Change,
    *,
    access: Access,
    locale: Locale,
    expected: int | None = None,
    tell: Tell = lambda rows: None,
) -> Outcome:
    """Do it to the chosen rows. Raises as ``check`` and ``chosen.ids``; InvalidRequest where they are more than the
    ``expected``, which is how many the actor was told they are."""
    check(term_id, change, access=access, locale=locale)
    outcome = Outcome()
    try:
        with batch(access, "bulk") as outcome.batch:
            ids = choosing.ids(term_id, chosen, access=access)
            if expected is not None and len(ids) > expected:
                raise InvalidRequest(_("There are more rows now than you were told. Look again."))
            work = _Work(access.term(term_id), access, locale, outcome, tell)
            match change:
                case Setting(column, value):
                    work.set(sorted(ids), {column: value})
                case Deleting():
                    work.delete(sorted(ids))
                case Duplicating(below):
                    work.locale = CANONICAL  # what is copied is not typed
                    work.duplicate(ids, below=below)
            if not outcome.written:
                raise _NothingWritten
    except _NothingWritten:
        outcome.batch = None
    return outcome


class _NothingWritten(Exception):
    """Takes the batch back out of the history."""


class _Work:
    """Runs of rows, one after another, and what comes of them."""

    def __init__(self, term: Term, access: Access, locale: Locale, outcome: Outcome, tell: Tell) -> None:
        self._term = term
        self._access = access
        self.locale = locale
        self._outcome = outcome
        self._tell = tell

    def set(self, ids: Sequence[int], values: Values) -> None:
        """In id order, as all writes lock: overlapping ones take turns."""
        for run in _runs(ids, AT_ONCE):
            self._write(self._term, run, [Update(i, values) for i in run])

    def delete(self, ids: Sequence[int]) -> None:
        """What another run still referred to is tried again, as long as that frees some."""
        while ids:
            freed: list[int] = []
            last: list[tuple[int, Result]] = []
            for run in _runs(ids, DELETED_AT_ONCE):
                results = self._results(self._term, [Delete(i) for i in run])
                waiting = [(i, r) for i, r in zip(run, results, strict=True) if isinstance(r.error, HasDependents)]
                settled = [(i, r) for i, r in zip(run, results, strict=True) if not isinstance(r.error, HasDependents)]
                self._count(self._term, settled)
                last += waiting
                freed += [i for i, r in settled if r.ok]
            if not last or not freed or len(ids) <= DELETED_AT_ONCE:
                self._count(self._term, last)
                return
            ids = [i for i, _result in last]

    def duplicate(self, ids: Sequence[int], *, below: bool) -> None:
        for run in _runs(ids, AT_ONCE):
            found = reading.by_ids(self._term.id, run, access=self._access)
            self._copy(self._term, [(record, record.up) for record in found], below=below)
            self._tell(len(run))

    def _copy(self, term: Term, sources: Sequence[tuple[Record, int]], *, below: bool) -> None:
        """Records and the parents of their copies."""
        ids = [record.id for record, _up in sources]
        writes: list[Write] = [Create(_values(term, record, self._access), up) for record, up in sources]
        made = self._write(term, ids, writes, told=False)
        for subtable in (r for r in term.requisites if r.is_subtable) if below and made else ():
            sub = self._access.schema.terms[subtable.type_id]
            for parents in _runs(list(made), AT_ONCE):
                children = choosing.below(sub.id, parents, access=self._access)
                for run in _runs(children, AT_ONCE):
                    self._copy(sub, [(child, made[child.up]) for child in run], below=True)

    def _write(self, term: Term, ids: Sequence[int], writes: Sequence[Write], *, told: bool = True) -> dict[int, int]:
        """Id of each row that went well -> id of what was written."""
        results = self._results(term, writes)
        self._count(term, list(zip(ids, results, strict=True)), told=told)
        return {i: r.id for i, r in zip(ids, results, strict=True) if r.ok and r.id is not None}

    def _results(self, term: Term, writes: Sequence[Write]) -> Sequence[Result]:
        return records.write(term.id, writes, access=self._access, locale=self.locale, mode=Mode.GOOD)

    def _count(self, term: Term, results: Sequence[tuple[int, Result]], *, told: bool = True) -> None:
        bad = [(i, r) for i, r in results if not r.ok]
        self._outcome.written += len(results) - len(bad)
        self._outcome.refused += len(bad)
        if room := bad[: NAMED - len(self._outcome.problems)]:
            ids = [i for i, _result in room]
            labels = {r.id: r.val for r in reading.by_ids(term.id, ids, access=self._access, fields=())}
            self._outcome.problems += [_problem(i, labels.get(i, ""), r, term) for i, r in room]
        if told:
            self._tell(len(results))


def _problem(row: int, label: str, result: Result, term: Term) -> Problem:
    if result.error is not None:
        return Problem(term.id, row, label, "", str(result.error))
    column, error = next(iter(result.fields.items()))
    name = term.heading if column == term.id else term.by_id[column].name
    return Problem(term.id, row, label, name, str(error))


def _values(term: Term, record: Record, access: Access) -> Values:
    """What a copy of the record has, of what one sees and may write. Not passwords, nor what has to be unique; a main
    value that has to be is told apart by a word."""
    values: dict[int, object] = {term.id: record.val}
    if term.unique and term.base in (BaseType.CHARS, BaseType.MEMO):
        values[term.id] = _("%(name)s (copy)") % {"name": record.val}
    for requisite in term.cells:
        cell = record.cells.get(requisite.id)
        if cell is None or requisite.base is BaseType.PWD or (requisite.unique and not requisite.required):
            continue
        if access.field(requisite.id, Action.CHANGE) == NOTHING:
            continue
        items = [_written(item) for item in (cell if isinstance(cell, tuple) else (cell,)) if not _hidden(item)]
        if items:
            values[requisite.id] = items if requisite.multiple else items[0]
    return values


def _hidden(item: Value) -> bool:
    return isinstance(item, Link) and item.hidden


def _written(item: Value) -> object:
    match item:
        case Link(id=id_):
            return id_
        case Bad(text):
            return text
        case _:
            return item


def _runs(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while run := list(islice(rest, size)):
        yield run
