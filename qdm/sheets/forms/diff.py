"""What a file changes in its table: its rows beside those that are there, matched by the keys of the form.

The database has told which rows say something new (``laying``). Here it is found out what exactly, or what is wrong.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.record import Bad, CellValue, Link, Record, Value
from qdm.schema import Term
from qdm.selectors import records as reading
from qdm.sheets.forms.laying import compared
from qdm.sheets.forms.lines import Line, Problem, Sheet
from qdm.sheets.forms.links import RUN, Links, texts_of
from qdm.sheets.forms.plan import FormPlan, field_of, name_of, parent_of
from qdm.types.base import BaseType

#: What names a row: a value for each key, ids for links.
Key = tuple[object, ...]
Values = Mapping[int, object]
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
    """``lines``: those that say something new or wrong, links resolved; ``same``: how many rows are as the file has
    them; ``missing``: records of the scope the file does not have; ``unknown``: names that will become rows of linked
    tables, by the number that stands for them."""

    lines: list[Line] = field(default_factory=list)
    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    missing: list[Record] = field(default_factory=list)
    bad: list[Line] = field(default_factory=list)
    unknown: Unknown = field(default_factory=dict)


def compare(plan: FormPlan, term: Term, sheet: Sheet, *, access: Access) -> Diff:
    """What the sheet says that the table does not say yet, and what is wrong with it."""
    links = Links(plan, term, access)
    found = compared(plan, term, sheet, links, access=access)
    lines = list(sheet.lines(found.lines))
    diff = Diff(lines, same=found.rows - len(lines))
    _resolve(term, lines, diff, links)
    known = _records(term, (record for ids in found.lines.values() for record in ids), access)
    seen: dict[Key, int] = {}
    for line in lines:
        records = [known[record] for record in found.lines[line.number] if record in known]
        key = tuple(_comparable(line.values.get(column), term, column) for column in plan.keys)
        _check_key(plan, term, line, key, seen, records)
        if line.problems:
            diff.bad.append(line)
            continue
        seen[key] = line.number
        if not records:
            diff.new.append(Change(line, {c: v for c, v in line.values.items() if v not in (None, [])}))
            continue
        values = {c: v for c, v in line.values.items() if _differs(records[0], c, v, term)}
        if values:
            diff.changed.append(Change(line, values, records[0]))
        else:
            diff.same += 1
    diff.missing = list(_records(term, found.missing, access).values())
    return diff


def _check_key(
    plan: FormPlan, term: Term, line: Line, key: Key, seen: Mapping[Key, int], records: Sequence[Record]
) -> None:
    if line.problems:
        return
    for column, part in zip(plan.keys, key, strict=True):
        if part is None:
            _complain(line, term, column, _("This names the row and must be filled in."))
    if not line.problems and key in seen:
        _complain(line, term, plan.keys[0], _("The same row is in line %(row)d already.") % {"row": seen[key]})
    if len(records) > 1:
        _complain(line, term, plan.keys[0], _("Several rows of the table are named so."))


def _resolve(term: Term, lines: list[Line], diff: Diff, links: Links) -> None:
    """Texts of links become ids of the records they mean; unknown ones problems, or rows to be made."""
    for column, source in links.sources.items():
        made: dict[str, int] = {}
        for line in lines:
            if column not in line.values:
                continue
            ids: list[object] = []
            for text in texts_of(line.values[column]):
                bearers = links.bearers(column, text)
                if len(bearers) == 1:
                    ids.append(bearers[0])
                elif not bearers and source.create:
                    number = made.setdefault(text.casefold(), -len(diff.unknown) - 1)
                    diff.unknown.setdefault(number, (links.targets[column], text))
                    ids.append(number)
                else:
                    problem = _("several rows are called so") if bearers else _("no row is called so")
                    _complain(line, term, column, problem, text)
            many = field_of(term, column).multiple
            line.values[column] = ids if many else (ids[0] if ids else None)  # type: ignore[assignment]


def _records(term: Term, ids: Iterable[int], access: Access) -> dict[int, Record]:
    found: dict[int, Record] = {}
    rest = iter(dict.fromkeys(ids))
    while some := list(islice(rest, RUN)):
        found.update((record.id, record) for record in reading.by_ids(term.id, some, access=access))
    return found


def _complain(line: Line, term: Term, column: int, problem: str, value: str = "") -> None:
    line.problems.append(Problem(line.number, line.cells.get(column, ""), name_of(term, column), value[:100], problem))


def _shown(record: Record, column: int, term: Term) -> CellValue | None:
    if column == term.id:
        return Bad(record.val) if record.bad_val else record.val or None
    if column == parent_of(term):
        return Link(record.up, "")
    return record.cells.get(column)


def _differs(record: Record, column: int, value: object, term: Term) -> bool:
    return _comparable(_shown(record, column, term), term, column) != _comparable(value, term, column)


def _comparable(value: object, term: Term, column: int) -> object:
    """What two values have in common that mean the same: numbers by their value, texts as they are, links by id."""
    if isinstance(value, tuple | list):
        return tuple(_comparable(one, term, column) for one in value) or None
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
