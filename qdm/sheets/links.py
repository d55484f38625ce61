"""Which columns refer to rows of another sheet, and which repeat so much that they want a directory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qdm.sheets.body import body, downward
from qdm.sheets.kinds import Kind
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, DirectoryPlan, TablePlan
from qdm.sheets.reading.spool import spool_path
from qdm.sheets.study import MAX_DISTINCT, NAMING, Study, key_of
from qdm.types.base import BaseType

#: A directory pays from this many values on; IO.md 1.6.
_MIN_ROWS = 50
_MAX_SHARE = 0.1
#: Characters of an entry, on average.
_MAX_AVERAGE = 25
#: Share of a column's values that must be found among another sheet's main values.
_COVERED = 0.95
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class _Key:
    table: str
    column: int
    is_main: bool
    words: str
    kind: Kind
    values: frozenset[str]


def link_tables(tables: Sequence[TablePlan], studies: Sequence[Sequence[Study]], folder: Path) -> tuple[TablePlan, ...]:
    """The tables with ``target`` and ``match`` set where a column's values are another sheet's keys."""
    if sum(not table.skip for table in tables) < 2:
        return tuple(tables)
    keys = [key for table, columns in zip(tables, studies, strict=True) for key in _keys(table, columns)]
    return tuple(
        _linked(table, columns, [key for key in keys if key.table != table.key], folder)
        for table, columns in zip(tables, studies, strict=True)
    )


def _keys(table: TablePlan, columns: Sequence[Study]) -> list[_Key]:
    """Columns of a table that name its rows, the main value first."""
    if table.skip:
        return []
    found = [
        _Key(
            table.key,
            plan.index,
            plan.index == table.main,
            f"{table.name} {plan.name}" if plan.index == table.main else plan.name,
            study.verdict.kind,
            frozenset(map(key_of, study.values)),
        )
        for plan, study in zip(table.columns, columns, strict=True)
        if study.is_key and study.values and study.verdict.kind in NAMING and len(study.values) > 1
    ]
    return sorted(found, key=lambda key: not key.is_main)


def _linked(table: TablePlan, columns: Sequence[Study], keys: Sequence[_Key], folder: Path) -> TablePlan:
    candidates = {
        plan.index: [key for key in keys if _comparable(plan, study, key)]
        for plan, study in zip(table.columns, columns, strict=True)
        if plan.index != table.main and study.filled and not table.skip
    }
    candidates = {index: found for index, found in candidates.items() if found}
    if not candidates:
        return table
    hits = _hits(table, candidates, folder)
    plans = []
    for plan, study in zip(table.columns, columns, strict=True):
        best = None
        for key in candidates.get(plan.index, ()):
            share = hits[plan.index, key.table, key.column] / (study.filled - study.errors or 1)
            # a missing main value becomes a new row; a row of which only a code is known cannot be made
            if share >= (_COVERED if key.is_main else 1.0):
                best = key
                break
        plans.append(
            replace(plan, target=best.table, match=None if best.is_main else best.column, unique=False, fit=1.0)
            if best
            else plan
        )
    return replace(table, columns=tuple(plans))


def _comparable(plan: ColumnPlan, study: Study, key: _Key) -> bool:
    """Whether it is worth looking: names of one sort; for bare numbers, headers that speak of the other table."""
    kind = study.verdict.kind
    if kind not in NAMING or (kind is Kind.INT) != (key.kind is Kind.INT):
        return False
    return kind is not Kind.INT or _related(plan.name, key.words)


def _related(one: str, other: str) -> bool:
    """Whether a word of one begins like a word of the other: ``client_id`` and ``Clients``."""
    return any(
        a[: max(4, len(a) - 2)] == b[: max(4, len(a) - 2)]
        for a in _WORD.findall(one.casefold())
        for b in _WORD.findall(other.casefold())
        if min(len(a), len(b)) >= 4
    )


def _hits(table: TablePlan, candidates: dict[int, list[_Key]], folder: Path) -> dict[tuple[int, str, int], int]:
    """How many cells of each candidate column are among the values of each key."""
    hits = {(index, key.table, key.column): 0 for index, keys in candidates.items() for key in keys}
    path = spool_path(folder, table.number)
    for _number, row in body(path, table.first_row, downward(table.merged, table.first_row)):
        for index, keys in candidates.items():
            cell = row[index] if index < len(row) else None
            if cell is None:
                continue
            value = key_of(cell)
            for key in keys:
                hits[index, key.table, key.column] += value in key.values
    return hits


def with_directories(
    tables: Sequence[TablePlan], studies: Sequence[Sequence[Study]]
) -> tuple[tuple[TablePlan, ...], tuple[DirectoryPlan, ...]]:
    """Text columns that repeat few values become links to a directory.

    Columns of one name share it where they share values: a status of orders is no status of shops.
    """
    found: list[tuple[str, set[str], DirectoryPlan]] = []
    taken = {table.name.casefold() for table in tables if not table.skip}
    result = []
    for table, columns in zip(tables, studies, strict=True):
        plans = []
        for plan, study in zip(table.columns, columns, strict=True):
            if table.skip or plan.target or plan.index == table.main or not _repeats(plan, study):
                plans.append(plan)
                continue
            values = set(study.spellings or ())
            directory = next((d for name, known, d in found if name == plan.name and _alike(known, values)), None)
            if directory is None:
                name = _free_name(plan.name, table.name, taken)
                taken.add(name.casefold())
                directory = DirectoryPlan(f"directory:{len(found)}", name)
                found.append((plan.name, values, directory))
            plans.append(replace(plan, target=directory.key, unique=False, fit=1.0))
        result.append(replace(table, columns=tuple(plans)))
    return tuple(result), tuple(directory for _name, _values, directory in found)


def _alike(one: set[str], other: set[str]) -> bool:
    """Whether half of the smaller set is in the larger one."""
    return len(one & other) * 2 >= min(len(one), len(other))


def _free_name(column: str, table: str, taken: set[str]) -> str:
    """The column's name, else with its table's, else with a number."""
    name, number = column, 1
    while name.casefold() in taken:
        name = f"{column} ({table})" if number == 1 else f"{column} ({table} {number})"
        number += 1
    return name


def _repeats(plan: ColumnPlan, study: Study) -> bool:
    if plan.base is not BaseType.CHARS or study.verdict.kind is not Kind.TEXT or study.spellings is None:
        return False
    if sum(map(len, study.spellings.values())) > _MAX_AVERAGE * len(study.spellings):
        return False  # sentences, not names
    values = study.filled - study.errors
    distinct = len(study.spellings)
    allowed = max(20, min(MAX_DISTINCT, values * 0.02))
    return values >= _MIN_ROWS and 1 < distinct <= allowed and distinct < _MAX_SHARE * values


def main_column(plans: Sequence[ColumnPlan], studies: Sequence[Study]) -> int:
    """Index of the first column if it is filled and unique, else of the first such column, else ROW_NUMBER.

    Behind the first column only what names things counts: a price without a twin is chance, a remark no name.
    """
    for position, (plan, study) in enumerate(zip(plans, studies, strict=True)):
        naming = study.verdict.kind in NAMING or study.verdict.kind is Kind.DATE
        usable = naming or position == 0
        if usable and study.is_key and study.verdict.kind is not Kind.LONG:
            return plan.index
    return ROW_NUMBER
