"""The bulk loader: rows of the spool become node rows by COPY, all of an import in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path
from typing import NamedTuple, Protocol

from django.db import transaction

from qdm.access import Access
from qdm.managers import bulk
from qdm.managers.bulk import Ids, copy_lines, copy_nodes, value_slot
from qdm.schema import ROOT_ID
from qdm.selectors import structure
from qdm.services import defaults
from qdm.services.transaction import batch
from qdm.sheets.ahead import Ahead
from qdm.sheets.build import Built, Table, build
from qdm.sheets.known import Known, rows_of
from qdm.sheets.problems import Problems
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal
from qdm.sheets.uncollected import uncollected
from qdm.sheets.writers import Fixed, Found, Links, Log, Mains, Rows, TableReport, Values

#: Records of one COPY: the triggers project them at its end, so this is also the step of the progress bar.
CHUNK = 10_000
#: Records of the first one: PostgreSQL waits for it.
FIRST = 2_000


#: Turns some rows into lines of COPY, one a row.
Writer = Values | Links | Fixed


class Pulse(Protocol):
    """Whom the loader tells how far it is; raises Cancelled when the user wants no more."""

    def beat(self, rows: int) -> None: ...


@dataclass(slots=True)
class Report:
    """What an import wrote. ``entries``: term id -> records made because a cell named them; ``spellings``: entry ->
    other spellings taken for it."""

    batch: int
    tables: list[TableReport]
    problems: Problems
    entries: dict[int, int] = field(default_factory=dict)
    spellings: dict[str, list[str]] = field(default_factory=dict)


class _Chunk(NamedTuple):
    """What one COPY takes. ``sure``: column (the term, its main value) -> the base its texts are all canonical for."""

    records: int
    lines: str
    sure: dict[int, int]


def load(plan: Proposal, folder: Path, access: Access, pulse: Pulse) -> Report:
    """Carry out a checked mapping: one transaction, one batch of the history.

    Raises the errors of the services, NotUnique and InvalidValue that name the row; then nothing was written.
    """
    ws = access.schema.pg_schema
    with transaction.atomic():
        bulk.begin_load(ws)
        with batch(access, f"import {plan.file}") as batch_id:
            built = build(plan, access)
            bulk.load_into(ws, built.new_terms)
            with uncollected():
                loader = _Loader(built, folder, pulse)
                loader.run()
            bulk.end_load(ws, built.new_terms)
    targets = loader.known.targets.values()
    return Report(
        batch_id,
        loader.reports,
        loader.problems,
        {target.term: len(target.grown) for target in targets if target.grown},
        {entry: sorted(others) for target in targets for entry, others in target.spellings.items()},
    )


class _Loader:
    def __init__(self, built: Built, folder: Path, pulse: Pulse) -> None:
        self.problems = Problems()
        self.reports: list[TableReport] = []
        self._built = built
        self._folder = folder
        self._pulse = pulse
        self._ws = built.access.schema.pg_schema
        self._ahead = Ahead()
        self._ids = Ids(self._ws, self._ahead.here)
        self._written: set[int] = set()
        self.known = Known(built, folder, self._ids)

    def run(self) -> None:
        for table in _owners_first(self._built.tables):
            self._load(table)

    def _load(self, table: Table) -> None:
        report = TableReport(table.term.id, table.term.title)
        self.reports.append(report)
        log = Log(table, report, self.problems)
        owner = table.plan.owner
        mains = Mains(table, self._found(owner, log) if owner else None, log)
        writers: list[Writer] = [
            Links(column, self._found(column.plan, log), log) if column.plan.target else Values(column, log)
            for column in table.columns
        ]
        named = len(writers) + (table.plan.main != ROW_NUMBER) + (owner is not None)
        writers += self._defaults(table)
        given = self.known.records.get(table.plan.key)
        ids = self._ids.draw(table.plan.rows * (len(writers) + (given is None)))
        for chunk in self._ahead.of(lambda: self._chunks(table, mains, writers, given, ids)):
            with copy_nodes(self._ws, chunk.sure) as write:
                write(chunk.lines)
                self._ahead.go_on()
            report.rows += chunk.records
            self._pulse.beat(chunk.records)
        report.cells = report.rows * named

    def _defaults(self, table: Table) -> list[Writer]:
        """Those of an existing table's columns that the file does not have."""
        if table.plan.into is None:
            return []
        term = structure.schema(self._built.access.workspace).terms[table.term.id]
        there = {column.requisite.id for column in table.columns}
        found = defaults.of(term, access=self._built.access)
        return [Fixed(term.by_id[i], stored[0]) for i, stored in found.items() if i not in there]

    def _chunks(
        self, table: Table, mains: Mains, writers: Sequence[Writer], given: list[int] | None, ids: Iterator[int]
    ) -> Iterator[_Chunk]:
        """What each COPY takes; runs ahead of it.

        ``given``: the records' ids where links needed them before; ``ids``: those of the cells, and else the records'.
        """
        rest = rows_of(table, self._folder)
        step = len(writers) + (given is None)
        done = 0
        while chunk := list(islice(rest, CHUNK if done else FIRST)):
            # each record and its cells have neighbouring ids and stand side by side, as they will be read
            drawn = list(islice(ids, len(chunk) * step))
            some = Rows(
                [number for number, _row in chunk],
                list(zip_longest(*(row for _number, row in chunk))),
                drawn[::step] if given is None else given[done : done + len(chunk)],
            )
            slots = [mains.slot(some)]
            for position, writer in enumerate(writers, start=step - len(writers)):
                slots.append(writer.slot(some, drawn[position::step]))
            sure = {column: base for writer in (mains, *writers) for column, base in writer.sure.items()}
            yield _Chunk(len(chunk), self._made() + copy_lines(slots), sure)
            done += len(chunk)

    def _found(self, plan: ColumnPlan, log: Log) -> Found:
        return Found(plan, self.known.targets[plan.target, plan.match], self._ids.next, log)

    def _made(self) -> str:
        """The records that cells have named since the last chunk."""
        lines = []
        for target in self.known.targets.values():
            new = {record: text for record, text in target.grown.items() if record not in self._written}
            self._written.update(new)
            lines.append(copy_lines([value_slot(list(new), [ROOT_ID] * len(new), target.term, list(new.values()))]))
        return "".join(lines)


def _owners_first(tables: Iterable[Table]) -> list[Table]:
    """A record is told from structure by the one above it, which therefore has to be there first."""
    rest, ordered = list(tables), list[Table]()
    while rest:
        waiting = {table.plan.key for table in rest}
        ready = [t for t in rest if t.plan.owner is None or t.plan.owner.target not in waiting]
        ordered += ready
        rest = [t for t in rest if t not in ready]
    return ordered
