"""A diff carried out: one transaction, one batch of the history, by the services every other door writes through."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from qdm.access import Access
from qdm.errors import QdmError
from qdm.managers import statements
from qdm.query.ast import MAIN, Aggregate, Function, Query
from qdm.record import Record
from qdm.schema import ROOT_ID, Term
from qdm.selectors import records as reading
from qdm.services import records
from qdm.services.transaction import batch
from qdm.services.writes import Create, Delete, Mode, Results, Update, Write
from qdm.sheets.forms.diff import Change, Diff, before, compare
from qdm.sheets.forms.lines import Line, Problem, Sheet
from qdm.sheets.forms.plan import FormPlan, Missing, name_of, parent_of
from qdm.sql import statement
from qdm.types.base import BaseType, Locale

#: Changes and problems kept of a run; the rest is counted.
KEPT = 500
#: Values are canonical by now: written as programs write them.
_CANONICAL = Locale("en")


@dataclass(slots=True)
class Outcome:
    """``counts``: rows that are new, changed, same, missing, bad, skipped; entries: rows made in linked tables.
    ``preview``: ``{"row", "kind", "name", "cells": [[column, before, after]]}``."""

    counts: dict[str, int]
    preview: list[dict[str, Any]]
    problems: list[Problem]
    bad: set[int] = field(default_factory=set)
    batch: int | None = None

    @property
    def rows(self) -> int:
        """Data rows of the file."""
        return sum(self.counts[name] for name in ("new", "changed", "same", "bad"))

    @property
    def share_of_bad(self) -> float:
        """Percentage of the data rows that are bad."""
        return 100 * self.counts["bad"] / self.rows if self.rows else 0.0


def carry_out(plan: FormPlan, term: Term, sheet: Sheet, *, access: Access, note: str = "") -> Outcome:
    """Write the good rows; the bad ones are told. Raises what deleting missing rows raises, and Forbidden."""
    with transaction.atomic():
        statements.row(statement("lock_term"), {"ws": access.schema.pg_schema, "term": term.id})
        diff = compare(plan, term, sheet, access=access)
        with batch(access, note) as batch_id:
            return _Run(plan, term, sheet.skipped, diff, access).run(batch_id)


class _Run:
    def __init__(self, plan: FormPlan, term: Term, skipped: int, diff: Diff, access: Access) -> None:
        self._plan = plan
        self._term = term
        self._skipped = skipped
        self._diff = diff
        self._access = access
        self._made: dict[int, int] = {}
        self._known: dict[int, str] | None = None

    def run(self, batch_id: int) -> Outcome:
        diff = self._diff
        new = self._numbered(diff.new)
        self._make_entries([*new, *diff.changed])
        refused = self._write(new, self._create)
        refused |= self._write(diff.changed, lambda change: Update(_id(change), self._final(change)))
        self._handle_missing()
        kept_new = [change for change in new if change.line.number not in refused]
        kept_changed = [change for change in diff.changed if change.line.number not in refused]
        bad = {line.number for line in self._diff.lines if line.problems}
        return Outcome(
            {
                "new": len(kept_new),
                "changed": len(kept_changed),
                "same": diff.same,
                "missing": len(diff.missing),
                "bad": len(bad),
                "skipped": self._skipped,
                "entries": len(self._made),
            },
            self._preview(kept_new, kept_changed),
            [problem for line in self._diff.lines for problem in line.problems],
            bad,
            batch_id,
        )

    def _numbered(self, new: Sequence[Change]) -> list[Change]:
        """Rows of a table that numbers its rows go on from the last number."""
        has_source = any(source.column == self._term.id for source in self._plan.sources)
        if has_source or self._term.base is not BaseType.NUMBER or not new:
            return list(new)
        top = reading.totals(self._term.id, Query(), [Aggregate(Function.MAX, MAIN)], access=self._access).totals[0]
        first = int(float(top or 0)) + 1
        return [Change(c.line, {self._term.id: str(n), **c.values}) for n, c in enumerate(new, start=first)]

    def _make_entries(self, changes: Iterable[Change]) -> None:
        """Rows of linked tables that only names stood for, those that are used."""
        used = {value for change in changes for one in change.values.values() for value in _items(one)}
        for number, (target, text) in self._diff.unknown.items():
            if number in used:
                made = records.create(target, 1, {target: text}, access=self._access, locale=_CANONICAL)
                assert made.id is not None
                self._made[number] = made.id

    def _final(self, change: Change) -> dict[int, object]:
        def one(value: object) -> object:
            return self._made.get(value, value) if isinstance(value, int) else value

        return {
            column: [one(item) for item in value] if isinstance(value, list) else one(value)
            for column, value in change.values.items()
        }

    def _create(self, change: Change) -> Create:
        values = self._final(change)
        parent = parent_of(self._term)
        up = values.pop(parent, None) if parent is not None else None
        return Create(values, up if isinstance(up, int) else ROOT_ID)

    def _write(self, changes: Sequence[Change], as_write: Any) -> set[int]:
        """Lines that were refused; why is added to them."""
        refused: set[int] = set()
        for part in _parts(changes):
            writes: list[Write] = [as_write(change) for change in part]
            results = records.write(self._term.id, writes, access=self._access, locale=_CANONICAL, mode=Mode.GOOD)
            refused |= self._refused(part, results)
        return refused

    def _refused(self, part: Sequence[Change], results: Results) -> set[int]:
        refused = set()
        for change, result in zip(part, results, strict=True):
            line = change.line
            if result.ok:
                continue
            refused.add(line.number)
            for column, error in result.fields.items():
                self._complain(line, column, error)
            if result.error is not None:
                self._complain(line, None, result.error)
        return refused

    def _complain(self, line: Line, column: int | None, error: QdmError) -> None:
        cell = line.cells.get(column, "") if column is not None else ""
        name = name_of(self._term, column) if column is not None else ""
        value = line.values.get(column) if column is not None else None
        line.problems.append(Problem(line.number, cell, name, str(value or "")[:100], str(error)))

    def _handle_missing(self) -> None:
        if self._plan.missing is Missing.KEEP:
            return
        writes: list[Write]
        if self._plan.missing is Missing.DELETE:
            writes = [Delete(record.id) for record in self._diff.missing]
        else:
            assert self._plan.mark is not None
            writes = [Update(record.id, {self._plan.mark: self._plan.mark_as}) for record in self._diff.missing]
        for part in _parts(writes):
            records.write(self._term.id, part, access=self._access, locale=Locale(), mode=Mode.ALL)

    # For people

    def _preview(self, new: Sequence[Change], changed: Sequence[Change]) -> list[dict[str, Any]]:
        shown = [self._shown(change) for change in [*changed, *new][:KEPT]]
        for record in self._diff.missing[: KEPT - len(shown)]:
            shown.append({"row": None, "kind": "missing", "name": self._named(record), "cells": []})
        return shown

    def _shown(self, change: Change) -> dict[str, Any]:
        record = change.record
        cells = [
            [
                name_of(self._term, column),
                before(record, column, self._term) if record is not None else "",
                self._text(column, value),
            ]
            for column, value in change.values.items()
        ]
        kind = "new" if record is None else "changed"
        name = "" if record is None else self._named(record)
        return {"row": change.line.number, "kind": kind, "name": name, "cells": cells}

    def _named(self, record: Record) -> str:
        return ", ".join(filter(None, (before(record, key, self._term) for key in self._plan.keys)))

    def _text(self, column: int, value: object) -> str:
        return "; ".join(self._labels.get(v, str(v)) if isinstance(v, int) else str(v) for v in _items(value))

    @property
    def _labels(self) -> dict[int, str]:
        """Of the records that the shown changes link to."""
        if self._known is None:
            self._known = self._find_labels()
        return self._known

    def _find_labels(self) -> dict[int, str]:
        found = {number: text for number, (_target, text) in self._diff.unknown.items()}
        wanted: dict[int, set[int]] = {}
        for change in [*self._diff.changed, *self._diff.new][: 2 * KEPT]:
            for column, value in change.values.items():
                requisite = self._term.by_id.get(column)
                if requisite is not None and requisite.target is not None:
                    ids = {item for item in _items(value) if isinstance(item, int) and item > 0}
                    wanted.setdefault(requisite.target, set()).update(ids)
        for target, ids in wanted.items():
            for record in reading.by_ids(target, sorted(ids), access=self._access, fields=()):
                found[record.id] = record.val
        return found


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _id(change: Change) -> int:
    assert change.record is not None
    return change.record.id


def _parts(items: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while part := list(islice(rest, records.LIMIT)):
        yield part
