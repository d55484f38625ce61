"""What the answers should be, worked out row by row in plain Python: no SQL, no binder."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qdm.query.ast import EVERYTHING, And, Compare, Filter, Not, Op, Or, Search, Sort
from qdm.schema import Requisite, Schema
from qdm.types.base import BaseType

READ: Mapping[BaseType, Callable[[str], Any]] = {
    BaseType.NUMBER: Decimal,
    BaseType.FLOAT: float,
    BaseType.DATE: date.fromisoformat,
    BaseType.DATETIME: datetime.fromisoformat,
    BaseType.BOOLEAN: lambda text: text == "1",
    BaseType.UUID: str,
}


def key(text: str) -> str:
    return text[:127].lower()


@dataclass(frozen=True)
class Row:
    id: int
    term: int
    val: str
    up: int = 1
    cells: Mapping[int, list[Any]] = field(default_factory=dict)  #: requisite -> texts, or ids for a reference


@dataclass(frozen=True)
class Misfit:
    text: str


class Evaluator:
    """``row_rules`` and ``field_rules`` restrict what is seen; they are themselves evaluated without restrictions."""

    def __init__(
        self,
        schema: Schema,
        rows: Iterable[Row],
        row_rules: Mapping[int, Filter] = {},
        field_rules: Mapping[int, Filter] = {},
    ) -> None:
        self.schema = schema
        self.rows = {row.id: row for row in rows}
        self.row_rules, self.field_rules = row_rules, field_rules
        self.plain = self if not row_rules and not field_rules else Evaluator(schema, self.rows.values())

    def visible(self, row: Row) -> bool:
        if not self.plain.holds(self.row_rules.get(row.term, EVERYTHING), row):
            return False
        if row.up == 1:
            return True
        parent = self.rows[row.up]
        (subtable,) = (r for r in self.schema.terms[parent.term].requisites if r.is_subtable and r.type_id == row.term)
        return self.visible(parent) and self.plain.holds(self.field_rules.get(subtable.id, EVERYTHING), parent)

    def values(self, row: Row, requisite: Requisite) -> list[Any]:
        """Typed values, Misfit for a text that does not fit, rows for references and sub-tables."""
        if not self.plain.holds(self.field_rules.get(requisite.id, EVERYTHING), row):
            return []
        if requisite.is_subtable:
            return [r for r in self.rows.values() if r.up == row.id and r.term == requisite.type_id and self.visible(r)]
        texts = row.cells.get(requisite.id, [])
        if requisite.is_reference:
            return [self.rows[i] for i in texts if self.visible(self.rows[i])]
        return [typed(requisite.base, text) for text in texts]

    def answer(self, term: int, item: Filter, sorts: Sequence[Sort]) -> list[int]:
        found = [r for r in self.rows.values() if r.term == term and self.visible(r) and self.holds(item, r)]
        found.sort(key=lambda r: r.id, reverse=sorts[-1].descending)
        for sort in reversed(sorts):
            keys = {r.id: self.sort_key(r, sort.field) for r in found}
            filled = [r for r in found if keys[r.id] is not None]
            filled.sort(key=lambda r: keys[r.id], reverse=sort.descending)  # keeps ties in place either way
            found = filled + [r for r in found if keys[r.id] is None]
        return [r.id for r in found]

    def groups(self, term: int, item: Filter, ref: int | str, summed: int) -> dict[Any, tuple[int, Decimal | None]]:
        """What is grouped by (folded text, id of a row, typed value, None) -> number of rows, sum of a field."""
        found: dict[Any, list[Row]] = {}
        for row in self.rows.values():
            if row.term == term and self.visible(row) and self.holds(item, row):
                for value in self.group_keys(row, ref):
                    found.setdefault(value, []).append(row)
        total = self.schema.requisites[summed]
        return {
            value: (len(rows), sum(filled) if (filled := [v for r in rows for v in self.numbers(r, total)]) else None)
            for value, rows in found.items()
        }

    def numbers(self, row: Row, requisite: Requisite) -> list[Decimal]:
        return [v for v in self.values(row, requisite) if not isinstance(v, Misfit)]

    def group_keys(self, row: Row, ref: int | str) -> set[Any]:
        if ref == "val":
            return {row.val.lower()}
        if isinstance(ref, str):
            first, _, rest = ref.partition(".")
            targets = self.values(row, self.requisite(row.term, first))
            return self.group_keys(targets[0], self.requisite(targets[0].term, rest).id) if targets else {None}
        requisite = self.schema.requisites[ref]
        values = [v for v in self.values(row, requisite) if not isinstance(v, Misfit)]
        if requisite.is_reference:
            return {v.id for v in values} or {None}
        return {v.lower() if requisite.base not in READ else v for v in values} or {None}

    def sort_key(self, row: Row, ref: int | str) -> Any:
        if ref == "val":
            return self._main_key(row)
        if isinstance(ref, str):
            first, _, rest = ref.partition(".")
            requisite = self.requisite(row.term, first)
            if not rest:
                return self.sort_key(row, requisite.id)
            targets = self.values(row, requisite)
            return self.sort_key(targets[0], rest) if targets else None
        requisite = self.schema.requisites[ref]
        if requisite.is_reference:
            # Of many references the first, whether it is seen or not.
            targets = [self.rows[i] for i in row.cells.get(ref, [])[:1]]
            if not self.plain.holds(self.field_rules.get(ref, EVERYTHING), row):
                return None
            return self._main_key(targets[0]) if targets and self.visible(targets[0]) else None
        fitting = [v for v in self.values(row, requisite) if not isinstance(v, Misfit)]
        if not fitting:
            return None
        return key(fitting[0]) if requisite.base not in READ else fitting[0]

    def _main_key(self, row: Row) -> Any:
        base = self.schema.terms[row.term].base
        value = typed(base, row.val)
        if isinstance(value, Misfit):
            return None
        return key(value) if base not in READ else value

    def requisite(self, term: int, ref: int | str) -> Requisite:
        known = self.schema.terms[term]
        return known.by_id[ref] if isinstance(ref, int) else known.by_name[ref.casefold()]

    def holds(self, item: Filter, row: Row) -> bool:
        match item:
            case And(items):
                return all(self.holds(i, row) for i in items)
            case Or(items):
                return any(self.holds(i, row) for i in items)
            case Not(inner):
                return not self.holds(inner, row)
            case Search(text):
                return self.search(text, row)
            case Compare(ref, op, value):
                if op is Op.NE:
                    return not self.holds(Compare(ref, Op.EQ, value), row)
                if op is Op.EMPTY:
                    return not self.holds(Compare(ref, Op.NOT_EMPTY), row)
                return self.compare(ref, op, value, row)
        raise AssertionError(item)

    def search(self, text: str, row: Row) -> bool:
        found = [row.val]
        for requisite in self.schema.terms[row.term].cells:
            if requisite.is_reference:
                found += [target.val for target in self.values(row, requisite)]
            elif requisite.base not in READ:
                found += self.values(row, requisite)
        return any(text.lower() in value.lower() for value in found)

    def compare(self, ref: int | str, op: Op, value: Any, row: Row) -> bool:
        if ref == "val":
            return test(self.schema.terms[row.term].base, typed(self.schema.terms[row.term].base, row.val), op, value)
        if isinstance(ref, str):
            first, _, rest = ref.partition(".")
            requisite = self.requisite(row.term, first)
            if not rest:
                return self.compare(requisite.id, op, value, row)
            return any(self.compare(rest, op, value, target) for target in self.values(row, requisite))
        requisite = self.schema.requisites[ref]
        values = self.values(row, requisite)
        if requisite.is_reference or requisite.is_subtable:
            if op is Op.NOT_EMPTY:
                return bool(values)
            if isinstance(value, int):
                return any(target.id == value for target in values)
            return any(self.compare("val", op, value, target) for target in values)
        return any(test(requisite.base, v, op, value) for v in values)


def typed(base: BaseType, text: str) -> Any:
    try:
        return READ.get(base, str)(text)
    except (ValueError, ArithmeticError):
        return Misfit(text)


def test(base: BaseType, value: Any, op: Op, wanted: Any) -> bool:
    """One value against a canonical text (a tuple of them)."""
    if op is Op.BAD:
        return isinstance(value, Misfit)
    if op is Op.NOT_EMPTY:
        return value != ""
    if isinstance(value, Misfit):
        return False
    if op in (Op.CONTAINS, Op.STARTS, Op.ENDS):
        text = text_of(base, value).lower()
        found = {Op.CONTAINS: text.__contains__, Op.STARTS: text.startswith, Op.ENDS: text.endswith}[op]
        return bool(found(wanted.lower()))
    if op is Op.IN:
        return any(test(base, value, Op.EQ, w) for w in wanted)
    if op is Op.BETWEEN:
        return test(base, value, Op.GE, wanted[0]) and test(base, value, Op.LE, wanted[1])
    other = typed(base, wanted)
    if base not in READ:
        if op is Op.EQ:
            return bool(value.lower() == other.lower())
        value, other = key(value), key(other)
    return bool(
        {
            Op.EQ: value == other,
            Op.LT: value < other,
            Op.LE: value <= other,
            Op.GT: value > other,
            Op.GE: value >= other,
        }[op]
    )


test.__test__ = False  # type: ignore[attr-defined]


def text_of(base: BaseType, value: Any) -> str:
    if base is BaseType.BOOLEAN:
        return "1" if value else "0"
    if base is BaseType.FLOAT:
        return repr(value).removesuffix(".0")
    return value.isoformat() if isinstance(value, date) else str(value)
