"""What a sheet shows, as a sentence: which rows, in which order, grouped by what. In the reader's language and with his
names of columns: what he may not see cannot stand in it."""

from collections.abc import Mapping

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from integram.grid import filter_words, first_rows
from integram.grid.question import Question
from qdm.access import Access
from qdm.query.ast import EVERYTHING, And, Compare, FieldRef, Filter, Not, Op, Or
from qdm.query.binder import Binder
from qdm.query.parser import Variable, render
from qdm.record import CountKind
from qdm.schema import Requisite, Term
from qdm.selectors import records
from qdm.types.base import BaseType

Counted = Mapping[str, object]
#: What stands before a number that is an estimate, or that was counted no further.
_NOT_EXACT: Mapping[str, str] = {CountKind.ESTIMATED: "≈ ", CountKind.CAPPED: "> "}


def of(asked: Question, term: Term, access: Access, counted: Counted, everything: Counted | None) -> str:
    """'' where all rows are shown in the table's own order. ``counted``: total and kind of the rows shown;
    ``everything``: of those without the filter, None where they were not counted."""
    parts = []
    restricted = asked.filter != EVERYTHING or bool(asked.search)
    if restricted:
        parts.append(f"{_shown(counted, everything)}: {_conditions(asked, term, access)}")
    if asked.groups:
        names = ", ".join(_name(column, term) for column in asked.groups)
        parts.append(_("grouped by: %(columns)s") % {"columns": names})
    if asked.sorts:
        names = ", ".join(f"{_name(column, term)} {'↓' if down else '↑'}" for column, down in asked.sorts)
        parts.append(_("sorted by: %(columns)s") % {"columns": names})
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def number(counted: Counted) -> str:
    """How many rows; what is not exact says so."""
    return f"{_NOT_EXACT.get(str(counted['kind']), '')}{intcomma(str(counted['total']))}"


def _shown(counted: Counted, everything: Counted | None) -> str:
    if everything is None:
        return _("Shown %(rows)s") % {"rows": number(counted)}
    return _("Shown %(rows)s of %(all)s") % {"rows": number(counted), "all": number(everything)}


def _conditions(asked: Question, term: Term, access: Access) -> str:
    parts = [] if asked.filter == EVERYTHING else [text(asked.filter, term, access)]
    if asked.search:
        parts.append(_("text “%(text)s”") % {"text": asked.search})
    return _(" and ").join(parts)


def text(item: Filter, term: Term, access: Access, variables: Mapping[str, str] | None = None) -> str:
    """A filter in words, columns by name, links by what they show. ``variables``: other words than usual for some."""
    return _Telling(term, access, variables or {}).whole(item)


def as_typed(item: Filter, term: Term) -> str:
    """A filter in the language of filters, columns by name."""
    return "" if item == EVERYTHING else render(item, lambda ref: _name(ref, term))


class _Telling:
    def __init__(self, term: Term, access: Access, variables: Mapping[str, str]) -> None:
        self.term = term
        self.access = access
        self.variables = variables
        self.binder = Binder(access.schema)

    def whole(self, item: Filter) -> str:
        match item:
            case And(items):
                return _(" and ").join(self._part(one) for one in items)
            case Or(items):
                return _(" or ").join(self._part(one) for one in items)
            case Not(inner):
                return _("not (%(condition)s)") % {"condition": self.whole(inner)}
            case Compare():
                return self._compare(item)
        return ""

    def _part(self, item: Filter) -> str:
        return f"({self.whole(item)})" if isinstance(item, And | Or) and len(item.items) > 1 else self.whole(item)

    def _compare(self, item: Compare) -> str:
        field = self.binder.path(item.field, self.term).field
        name = _name(item.field, self.term)
        base = BaseType.CHARS if field.base is None or item.op in (Op.CONTAINS, Op.STARTS, Op.ENDS) else field.base
        if item.op in (Op.EMPTY, Op.NOT_EMPTY, Op.BAD):
            return f"{name} {filter_words.operator(item.op)}"
        values = item.value if isinstance(item.value, tuple) else (item.value,)
        shown = [self._value(value, base, field.requisite) for value in values]
        if item.op is Op.BETWEEN:
            return _("%(column)s from %(low)s to %(high)s") % {"column": name, "low": shown[0], "high": shown[1]}
        if item.op is Op.IN:
            return f"{name} = {_(' or ').join(shown)}" if len(shown) == 1 else f"{name}: {', '.join(shown)}"
        if isinstance(item.value, Variable) and item.op is Op.EQ:
            return f"{name}: {shown[0]}"
        return f"{name} {filter_words.operator(item.op)} {shown[0]}"

    def _value(self, value: object, base: BaseType, column: Requisite | None) -> str:
        match value:
            case Variable(name):
                return self.variables.get(name) or filter_words.variable(name)
            case int() if column is not None and column.target is not None:
                return label(column.target, value, self.access)
            case None | "":
                return "…"
        if base is BaseType.DATETIME and ":" not in str(value):
            base = BaseType.DATE
        return first_rows.text(str(value), base)


def label(term_id: int, record_id: int, access: Access) -> str:
    """What a row is called, for whoever may see it."""
    if term_id in access.schema.terms:
        for record in records.by_ids(term_id, [record_id], access=access, fields=()):
            return first_rows.text(record.val, access.schema.terms[term_id].base)
    return _("no access")


def _name(ref: FieldRef, term: Term) -> str:
    if ref == term.id:
        return term.heading
    requisite = term.by_id.get(ref) if isinstance(ref, int) else None
    return requisite.name if requisite is not None else str(ref)
