"""Binding: names and ids become fields of a schema, values canonical text. Nothing is looked up anywhere else.

Run on the pruned schema of an ``Access``, so that a hidden name and a typo are the same ``UnknownField``.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from qdm.errors import BadFilter, InvalidRequest, InvalidValue, UnknownField
from qdm.query import lookups
from qdm.query.ast import (
    ID,
    MAIN,
    MAX_ID,
    UP,
    And,
    Compare,
    FieldRef,
    Filter,
    Not,
    Op,
    Or,
    ParentIn,
    RowIn,
    RowInQuery,
    Search,
    Sort,
    Unrestricted,
)
from qdm.query.bound import (
    FALSE,
    TRUE,
    Bound,
    BoundSort,
    Field,
    Granted,
    Hop,
    Path,
    Special,
    Test,
    Way,
    all_of,
    any_of,
    inverse,
    linked,
)
from qdm.schema import Requisite, Schema, Term
from qdm.types import codec
from qdm.types.base import BaseType, Locale

_SPECIALS = {MAIN: Special.MAIN, ID: Special.ID, UP: Special.UP}
#: A filter nested deeper is nobody's question.
MAX_DEPTH = 32
#: Separates the parts of a path of names: ``Отдел.Бюджет``.
DOT = "."


class Binder:
    """Binds questions to one schema. ``locale`` decides how typed numbers and dates are read.

    ``rights``: the filters are those of an Access, which may say what no question can.
    """

    def __init__(self, schema: Schema, locale: Locale | None = None, *, rights: bool = False) -> None:
        self._schema = schema
        self._locale = locale or Locale()
        self._rights = rights

    # Names

    def path(self, ref: FieldRef, term: Term) -> Path:
        """The field a name, id or dotted path means in the term. Raises UnknownField."""
        path = self._path(ref, term)
        if path is None:
            raise UnknownField(fields={str(ref): UnknownField.default})
        return path

    def field(self, ref: FieldRef, term: Term) -> Field:
        """Like ``path``, for a field of the record itself."""
        field = self._field(ref, term)
        if field is None:
            raise UnknownField(fields={str(ref): UnknownField.default})
        return field

    def _field(self, ref: FieldRef, term: Term) -> Field | None:
        if isinstance(ref, bool):
            return None
        if isinstance(ref, int):
            if ref == term.id:
                return Field(term, Special.MAIN)
            return Field(term, term.by_id[ref]) if ref in term.by_id else None
        if ref in _SPECIALS:
            return Field(term, _SPECIALS[ref])
        name = ref.strip().casefold()
        if name in term.by_name:
            return Field(term, term.by_name[name])
        if name in term.names:
            return Field(term, Special.MAIN)
        return None

    def _path(self, ref: FieldRef, term: Term) -> Path | None:
        field = self._field(ref, term)
        if field is not None:
            return Path(field)
        if not isinstance(ref, str):
            return None
        # A name may have dots itself, so every dot is tried as the end of the first part.
        for position in (i for i, character in enumerate(ref) if character == DOT):
            first = self._field(ref[:position], term)
            hop = self._hop(first.requisite) if first is not None and first.requisite is not None else None
            rest = self._path(ref[position + 1 :], hop.term) if hop is not None else None
            if hop is not None and rest is not None:
                return Path(rest.field, (hop, *rest.hops))
        return None

    def _hop(self, requisite: Requisite) -> Hop | None:
        """The step to the records a reference or sub-table leads to; None where it leads nowhere one may see."""
        if requisite.is_subtable:
            term = self._schema.terms.get(requisite.type_id)
            return Hop(Way.CHILDREN, term, requisite) if term is not None else None
        term = self._schema.terms.get(requisite.target) if requisite.target is not None else None
        return Hop(Way.REFERENCE, term, requisite) if term is not None else None

    # Sorts

    def sorts(self, sorts: Iterable[Sort], term: Term) -> tuple[BoundSort, ...]:
        """The sorts, a reference replaced by the label it shows; the table's own order where there are none."""
        bound = tuple(BoundSort(self.shown(self.path(s.field, term)), s.descending) for s in sorts)
        return bound or self._own_order(term)

    def shown(self, path: Path) -> Path:
        """The path to what a field shows: for a reference the main value of its target."""
        requisite = path.field.requisite
        if requisite is None or not (requisite.is_reference or requisite.is_subtable):
            return path
        hop = self._hop(requisite)
        return Path(Field(hop.term, Special.MAIN), (*path.hops, hop)) if hop is not None else path

    def _own_order(self, term: Term) -> tuple[BoundSort, ...]:
        """ORDER modifier: names by comma, a leading ``-`` for descending. A name one may not see is left out whole."""
        names = [name.strip() for name in (term.modifier("ORDER") or "").split(",") if name.strip()]
        main = Sort(MAIN)
        try:
            return self.sorts([Sort(n.removeprefix("-"), n.startswith("-")) for n in names] or [main], term)
        except UnknownField:
            return self.sorts([main], term)

    # Filters

    def filter(self, item: Filter, term: Term, depth: int = 0) -> Bound:
        """The bound filter. Raises UnknownField, BadFilter."""
        if depth > MAX_DEPTH:
            raise BadFilter(_("The filter is nested too deep."))
        match item:
            case And(items):
                return all_of([self.filter(i, term, depth + 1) for i in items])
            case Or(items):
                return any_of([self.filter(i, term, depth + 1) for i in items])
            case Not(inner):
                return inverse(self.filter(inner, term, depth + 1))
            case Search(text):
                return self._search(text, term)
            case Compare(field, op, value):
                return self._compare(self.path(field, term), op, value)
            case _ if not self._rights:
                raise BadFilter
            case RowIn(ids):
                return Test(Field(term, Special.ID), Op.IN, tuple(map(str, sorted(ids)))) if ids else FALSE
            case RowInQuery(statement, parameters, there):
                return Granted(statement, parameters, there)
            case ParentIn(parent_id, inner):
                parent = self._schema.terms.get(parent_id)
                return linked([Hop(Way.PARENT, parent)], self.filter(inner, parent, depth + 1)) if parent else FALSE
            case Unrestricted(inner):
                try:
                    return self.filter(inner, term, depth + 1)
                except InvalidRequest:  # the rule names a column that is gone: it gives nothing
                    return FALSE

    def _search(self, text: str, term: Term) -> Bound:
        text = self.text(text)
        if not text:
            return TRUE
        arms: list[Bound] = [Test(Field(term, Special.MAIN), Op.CONTAINS, (text,))]
        for requisite in term.cells:
            if requisite.is_reference:
                hop = self._hop(requisite)
                if hop is not None:
                    arms.append(linked([hop], Test(Field(hop.term, Special.MAIN), Op.CONTAINS, (text,))))
            elif lookups.kind_of(requisite.base) is lookups.Kind.TEXT and requisite.base is not BaseType.PWD:
                arms.append(Test(Field(term, requisite), Op.CONTAINS, (text,)))
        return any_of(arms)

    def _compare(self, path: Path, op: Op, value: object) -> Bound:
        if op is Op.NE:
            return inverse(self._compare(path, Op.EQ, value))
        if op is Op.EMPTY:
            return inverse(self._compare(path, Op.NOT_EMPTY, None))
        requisite = path.field.requisite
        if requisite is not None and requisite.is_subtable and op is Op.BAD:
            raise self._unsupported(path.field, op)
        if requisite is not None and op is not Op.BAD and (requisite.is_reference or requisite.is_subtable):
            return linked(path.hops, self._link(path.field, requisite, op, value))
        return linked(path.hops, self._test(path.field, op, value))

    def _link(self, field: Field, requisite: Requisite, op: Op, value: object) -> Bound:
        """A comparison of a reference or sub-table: an int means the id of the record, text its main value."""
        hop = self._hop(requisite)
        if op is Op.NOT_EMPTY:
            return linked([hop], TRUE) if hop is not None else FALSE
        # Where the target may not be seen, what is asked is still checked: the answer is that of an empty cell.
        target = hop.term if hop is not None else Term(0, "", requisite.base)
        values = value if isinstance(value, tuple | list | set | frozenset) else (value,)
        ids = [v for v in values if isinstance(v, int) and not isinstance(v, bool)]
        arms: list[Bound] = []
        if ids:
            if op not in (Op.EQ, Op.IN):
                raise self._unsupported(field, op)
            arms.append(Test(Field(target, Special.ID), Op.IN, tuple(str(self._id(i)) for i in ids)))
        if op is Op.IN:
            value = tuple(v for v in values if v not in ids or isinstance(v, bool))
        if not ids or (op is Op.IN and value):
            arms.append(self._test(Field(target, Special.MAIN), op, value))
        item = any_of(arms)
        return linked([hop], item) if hop is not None else FALSE

    def _test(self, field: Field, op: Op, value: object) -> Bound:
        if op in (Op.BAD, Op.NOT_EMPTY):
            return Test(field, op)
        if op not in lookups.LOOKUPS[lookups.kind_of(field.base)]:
            raise self._unsupported(field, op)
        if op is Op.BETWEEN:
            return self._between(field, value)
        if op is Op.IN:
            if not isinstance(value, tuple | list | set | frozenset):
                raise BadFilter(_("“in” takes a list of values."))
            if self._by_day(field, value):
                return any_of([self._test(field, Op.EQ, v) for v in value])
            return self._one_of(field, value)
        if field.base is BaseType.DATETIME and op in (Op.EQ, Op.LE, Op.GT) and self._by_day(field, (value,)):
            return self._whole_day(field, op, value)
        canonical = self._canonical(field, op, value)
        return FALSE if canonical is None else Test(field, op, (canonical,))

    def _one_of(self, field: Field, values: Iterable[object]) -> Bound:
        found = [c for v in values if (c := self._canonical(field, Op.IN, v)) is not None]
        return Test(field, Op.IN, tuple(found)) if found else FALSE

    def _between(self, field: Field, value: object) -> Bound:
        """Both ends belong to it; an end that is None or '' is open."""
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise BadFilter(_("“between” takes two values."))
        ends = [(op, v) for op, v in zip((Op.GE, Op.LE), value, strict=True) if v is not None and v != ""]
        return all_of([self._test(field, op, v) for op, v in ends]) if ends else FALSE

    # Values

    def _canonical(self, field: Field, op: Op, value: object) -> str | None:
        """Canonical text of a value; None for an empty one, which nothing is equal to. Raises BadFilter."""
        base = field.base
        if base is None:
            return None if value is None or value == "" else str(self._id(value))
        if op in lookups.TEXT_OPERATORS:
            base = BaseType.CHARS
        try:
            return codec(base).parse(value, self._locale)
        except InvalidValue as error:
            raise BadFilter(error.message, fields={field.key: error.message}) from None

    def text(self, raw: str) -> str:
        """Text to be looked for. Raises BadFilter for characters that PostgreSQL cannot hold."""
        try:
            return codec(BaseType.CHARS).parse(raw, self._locale) or ""
        except InvalidValue as error:
            raise BadFilter(error.message) from None

    def _id(self, value: object) -> int:
        """An id that a bigint holds. Raises BadFilter."""
        if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) < 20:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_ID:
            raise BadFilter(_("This is not an id of a row."))
        return value

    def _by_day(self, field: Field, values: Iterable[object]) -> bool:
        """Whether a moment is compared with a bare date: then the whole day is meant."""
        return field.base is BaseType.DATETIME and any(
            (isinstance(v, str) and v.strip() and ":" not in v) or (isinstance(v, date) and not isinstance(v, datetime))
            for v in values
        )

    def _whole_day(self, field: Field, op: Op, value: object) -> Bound:
        canonical = self._canonical(field, op, value)
        if canonical is None:
            return FALSE
        start = datetime.fromisoformat(canonical)
        try:
            end = (start + timedelta(days=1)).isoformat()
        except OverflowError:  # the last day of the calendar has no next one
            return Test(field, op, (canonical,))
        if op is Op.LE:
            return Test(field, Op.LT, (end,))
        if op is Op.GT:
            return Test(field, Op.GE, (end,))
        return all_of([Test(field, Op.GE, (canonical,)), Test(field, Op.LT, (end,))])

    def _unsupported(self, field: Field, op: Op) -> BadFilter:
        text = _("“%(operator)s” cannot be asked of the column %(name)s.")
        return BadFilter(text % {"operator": op, "name": field.name})
