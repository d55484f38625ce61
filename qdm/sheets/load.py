"""The bulk loader: rows of the spool become node rows by COPY, all of an import in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Protocol

from qdm.access import Access
from qdm.managers.bulk import Ids, copy_nodes, value_lines
from qdm.schema import ROOT_ID
from qdm.services.transaction import batch
from qdm.sheets.build import Built, Table, build
from qdm.sheets.known import Known, rows_of
from qdm.sheets.problems import Problems
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal
from qdm.sheets.writers import Found, Links, Log, Mains, Rows, TableReport, Values

#: Records of one COPY: the triggers project them at its end, so this is also the step of the progress bar.
CHUNK = 10_000


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


def load(plan: Proposal, folder: Path, access: Access, pulse: Pulse) -> Report:
    """Carry out a checked mapping: one transaction, one batch of the history.

    Raises the errors of the services, NotUnique and InvalidValue that name the row; then nothing was written.
    """
    with batch(access, f"import {plan.file}") as batch_id:
        loader = _Loader(build(plan, access), folder, pulse)
        loader.run()
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
        self._ids = Ids(self._ws)
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
        writers = [
            Links(column, self._found(column.plan, log), log) if column.plan.target else Values(column, log)
            for column in table.columns
        ]
        given = self.known.records.get(table.plan.key)
        lines = rows_of(table, self._folder)
        while chunk := list(islice(lines, CHUNK)):
            records = None if given is None else given[report.rows : report.rows + len(chunk)]
            # each record and its cells have neighbouring ids and stand side by side, as they will be read
            step = len(writers) + (records is None)
            ids = self._ids.draw(len(chunk) * step)
            rows = Rows(
                [number for number, _row in chunk],
                list(zip_longest(*(row for _number, row in chunk))),
                ids[::step] if records is None else records,
            )
            columns = [mains.lines(rows)]
            for position, writer in enumerate(writers, start=step - len(writers)):
                columns.append(writer.lines(rows, ids[position::step]))
            made = self._made()
            with copy_nodes(self._ws) as write:
                write(made)
                write("".join(chain.from_iterable(zip(*columns, strict=True))))
            report.rows += len(chunk)
            self._pulse.beat(len(chunk))
        named = (table.plan.main != ROW_NUMBER) + (owner is not None)
        report.cells = report.rows * (len(writers) + named)

    def _found(self, plan: ColumnPlan, log: Log) -> Found:
        return Found(plan, self.known.targets[plan.target, plan.match], self._ids.next, log)

    def _made(self) -> str:
        """The records that cells have named since the last chunk."""
        lines = []
        for target in self.known.targets.values():
            new = {record: text for record, text in target.grown.items() if record not in self._written}
            self._written.update(new)
            lines += value_lines(list(new), [ROOT_ID] * len(new), target.term, list(new.values()))
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
