"""What a file changes in its table: its rows beside those that are there, matched by the keys of the form."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.query.ast import MAIN, And, Compare, FieldRef, Filter, Op, Query
from qdm.record import Bad, CellValue, Link, Record, Value
from qdm.schema import Requisite, Term
from qdm.selectors import labels, records
from qdm.sheets.forms.lines import Line, Problem
from qdm.sheets.forms.plan import FormPlan, Source, name_of
from qdm.types.base import BaseType

#: What names a row: a value for each key, ids for links.
Key = tuple[object, ...]
Values = Mapping[int, object]
#: Records looked at in one statement.
RUN = 5_000
#: Values of one column that are asked for: a statement takes 65,535. With more all records are looked at.
MOST_VALUES = 20_000
#: Unknown names of linked tables are negative numbers until they are rows.
Unknown = dict[int, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """A line and what it does. ``record``: the one it changes, None for a new one; ``values``: the cells that are
    written, by column."""

    line: Line
    values: Values
    record: Record | None = None


@dataclass(slots=True)
class Diff:
    """``lines``: all of them, links resolved; ``same``: rows that are as the file has them; ``missing``: records of the
    scope the file does not have; ``unknown``: names that will become rows of linked tables, by the number that stands
    for them."""

    lines: list[Line] = field(default_factory=list)
    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    missing: list[Record] = field(default_factory=list)
    bad: list[Line] = field(default_factory=list)
    unknown: Unknown = field(default_factory=dict)


def compare(plan: FormPlan, term: Term, lines: Iterable[Line], *, access: Access) -> Diff:
    """The diff of the lines, which stay as they are: copies have ids for links, and what else is wrong with them."""
    lines = [replace(line, values=dict(line.values), problems=list(line.problems)) for line in lines]
    diff = Diff(lines)
    _resolve(plan, term, lines, diff, access)
    known = {_key_of(record, plan, term): record for record in _existing(plan, term, lines, access)}
    seen: dict[Key, int] = {}
    for line in lines:
        key = tuple(_comparable(line.values.get(column), term, column) for column in plan.keys)
        for column, part in zip(plan.keys, key, strict=True):
            if part in (None, ()) and not line.problems:
                _complain(line, term, column, _("This names the row and must be filled in."))
        if not line.problems and key in seen:
            _complain(line, term, plan.keys[0], _("The same row is in line %(row)d already.") % {"row": seen[key]})
        if line.problems:
            diff.bad.append(line)
            continue
        seen[key] = line.number
        record = known.get(key)
        if record is None:
            diff.new.append(Change(line, {c: v for c, v in line.values.items() if v not in (None, [])}))
            continue
        values = {c: v for c, v in line.values.items() if _differs(record, c, v, term)}
        if values:
            diff.changed.append(Change(line, values, record))
        else:
            diff.same += 1
    diff.missing = list(_missing(plan, term, lines, known, seen))
    return diff


# Links


def _resolve(plan: FormPlan, term: Term, lines: list[Line], diff: Diff, access: Access) -> None:
    """Texts of links become ids of the records they mean; unknown ones problems, or rows to be made."""
    for source in plan.sources:
        requisite = term.by_id.get(source.column)
        if requisite is None or requisite.target is None:
            continue
        texts = {text for line in lines for text in _texts(line.values.get(source.column))}
        found = _records(requisite, source, texts, access)
        made: dict[str, int] = {}
        for line in lines:
            if source.column in line.values:
                ids: list[object] = []
                for text in _texts(line.values[source.column]):
                    bearers = found.get(text.casefold(), [])
                    if len(bearers) == 1:
                        ids.append(bearers[0])
                    elif not bearers and source.create:
                        number = made.setdefault(text.casefold(), -len(diff.unknown) - 1)
                        diff.unknown.setdefault(number, (requisite.target, text))
                        ids.append(number)
                    else:
                        problem = _("several rows are called so") if bearers else _("no row is called so")
                        _complain(line, term, source.column, problem, text)
                line.values[source.column] = ids if requisite.multiple else (ids[0] if ids else None)  # type: ignore[assignment]


def _records(requisite: Requisite, source: Source, texts: set[str], access: Access) -> Mapping[str, list[int]]:
    """Case-folded text -> ids of the records of the linked table that it means."""
    target = access.schema.terms.get(requisite.target or 0)
    if target is None or not texts:
        return {}
    if source.match is None:
        return labels.ids_of(target, texts, access=access)
    found: dict[str, list[int]] = {}
    query = Query(Compare(source.match, Op.IN, tuple(sorted(texts))), fields=(source.match,))
    for run in records.walk(target.id, query, access=access, size=RUN):
        for record in run:
            value = record.cells.get(source.match)
            if isinstance(value, str):
                found.setdefault(value.casefold(), []).append(record.id)
    return found


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [text for text in value if isinstance(text, str)]
    return [value] if isinstance(value, str) else []


def _complain(line: Line, term: Term, column: int, problem: str, value: str = "") -> None:
    line.problems.append(Problem(line.number, line.cells.get(column, ""), name_of(term, column), value[:100], problem))


# Records that are there


def _existing(plan: FormPlan, term: Term, lines: list[Line], access: Access) -> Iterator[Record]:
    """Those that may be meant: of the keys' values in the file, and of the file's scope."""
    filters = [_among(plan.keys, term, lines)]
    if plan.scope:
        filters.append(_among(plan.scope, term, lines))
    seen: set[int] = set()
    for item in filters:
        if item is None:
            continue
        for run in records.walk(term.id, Query(item), access=access, size=RUN):
            for record in run:
                if record.id not in seen:
                    seen.add(record.id)
                    yield record


def _among(columns: tuple[int, ...], term: Term, lines: list[Line]) -> Filter | None:
    """Records whose columns have values that stand in the file; None where it says nothing."""
    parts: list[Filter] = []
    for column in columns:
        values = {line.values[column] for line in lines if isinstance(line.values.get(column), str | int)}
        wanted = tuple(sorted(value for value in values if not isinstance(value, int) or value > 0))  # type: ignore[type-var]
        if not wanted:
            return None
        if len(wanted) > MOST_VALUES:
            continue
        field: FieldRef = MAIN if column == term.id else column
        parts.append(Compare(field, Op.IN, wanted))
    return And(tuple(parts))


def _missing(
    plan: FormPlan, term: Term, lines: list[Line], known: Mapping[Key, Record], seen: Mapping[Key, int]
) -> Iterator[Record]:
    """A row of a bad line is not missing: it is there, and wrong."""
    if not plan.scope:
        return
    scopes = {tuple(_comparable(line.values.get(c), term, c) for c in plan.scope) for line in lines}
    bad = {tuple(_comparable(line.values.get(c), term, c) for c in plan.keys) for line in lines if line.problems}
    for key, record in known.items():
        scope = tuple(_comparable(_shown(record, c, term), term, c) for c in plan.scope)
        if scope in scopes and key not in seen and key not in bad:
            yield record


def _key_of(record: Record, plan: FormPlan, term: Term) -> Key:
    return tuple(_comparable(_shown(record, column, term), term, column) for column in plan.keys)


def _shown(record: Record, column: int, term: Term) -> CellValue | None:
    if column == term.id:
        return Bad(record.val) if record.bad_val else record.val or None
    return record.cells.get(column)


def _differs(record: Record, column: int, value: object, term: Term) -> bool:
    return _comparable(_shown(record, column, term), term, column) != _comparable(value, term, column)


def _comparable(value: object, term: Term, column: int) -> object:
    """What two values have in common that mean the same: numbers by their value, texts as they are, links by id."""
    if isinstance(value, tuple | list):
        return tuple(_comparable(one, term, column) for one in value)
    requisite = term.by_id.get(column)
    match value:
        case Link():
            return value.id
        case Bad():
            return ("bad", value.text)
        case str() if (term.base if requisite is None else requisite.base) in (BaseType.NUMBER, BaseType.FLOAT):
            return _number(value)
        case "":
            return None
    return value


def _number(text: str) -> object:
    try:
        return Decimal(text)
    except InvalidOperation:
        return ("bad", text)


def before(record: Record, column: int, term: Term) -> str:
    """A cell as it is, for the preview."""
    value = _shown(record, column, term)
    values: Iterable[Value] = value if isinstance(value, tuple) else () if value is None else (value,)
    return "; ".join((v.label or "") if isinstance(v, Link) else v.text if isinstance(v, Bad) else v for v in values)
