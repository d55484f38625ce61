"""Colours by condition: the rules of a view, as the live grid reads them and as they paint the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integram.grid import filter_tree, question, sentence
from qdm.access import Access
from qdm.errors import BadFilter
from qdm.query.ast import And, Compare, Filter, Op, Query
from qdm.query.parser import Variable
from qdm.query.within import known
from qdm.schema import Term
from qdm.selectors import records
from qdm.view_spec import WHOLE_ROW, Colour

#: Colours as people call them; static/css/columns.css has a pair of each for light and dark.
NAMES: Mapping[str, Any] = {
    "red": gettext_lazy("red"),
    "orange": gettext_lazy("orange"),
    "yellow": gettext_lazy("yellow"),
    "green": gettext_lazy("green"),
    "blue": gettext_lazy("blue"),
    "violet": gettext_lazy("violet"),
}
#: Between the values of "is one of".
SEPARATOR = ";"

Json = dict[str, Any]
#: Record id, column id -> colour; the first rule that holds paints.
Painted = Mapping[tuple[int, int], str]


def condition(column: int, op: Op, value: str, value_to: str, term: Term, access: Access) -> Compare:
    """What a person says of a column, in his language. Raises BadFilter, UnknownField."""
    if op in (Op.EMPTY, Op.NOT_EMPTY, Op.BAD):
        item = Compare(column, op)
    elif op is Op.BETWEEN:
        item = Compare(column, op, (_said(value), _said(value_to)))
    elif op is Op.IN:
        item = Compare(column, op, tuple(_said(part) for part in value.split(SEPARATOR)))
    else:
        item = Compare(column, op, _said(value))
    said = question.filter_of(question.text_of(item), term, access)
    if not isinstance(said, Compare):
        raise BadFilter
    return said


def _said(text: str) -> object:
    text = text.strip()
    if not text:
        raise BadFilter(_("Every condition needs a value."))
    return Variable(text[1:]) if text.startswith("@") else text


def told(rule: Colour, term: Term) -> str:
    """A rule in words."""
    colour = f"{sentence.as_typed(rule.where, term)} — {NAMES[rule.colour]}"
    return f"{colour}, {_('the whole row')}" if rule.column == WHOLE_ROW else colour


def as_wire(rules: Sequence[Colour], term: Term, access: Access) -> list[Json]:
    """Each rule as it is kept, and as ``test``: the tree of its condition, resolved for the day and the reader."""
    return [
        rule.as_plain() | {"test": filter_tree.of(_meant(rule, access), term, access)}
        for rule in rules
        if _asked(rule, term, access)
    ]


def paint(rules: Sequence[Colour], columns: Sequence[int], ids: Sequence[int], term: Term, access: Access) -> Painted:
    """The cells of these records, of these columns, that have a colour: one statement a rule."""
    found: dict[tuple[int, int], str] = {}
    for rule in rules if ids else ():
        if not _asked(rule, term, access):
            continue
        where = And((Compare("id", Op.IN, tuple(ids)), _meant(rule, access)))
        query = Query(filter=where, fields=(), limit=len(ids))
        for record in records.page(term.id, query, access=access).records:
            for column in columns if rule.column == WHOLE_ROW else (rule.column,):
                found.setdefault((record.id, column), rule.colour)
    return found


def _asked(rule: Colour, term: Term, access: Access) -> bool:
    """Whether the condition can be asked: its column may have another type by now."""
    return known(rule.where, term, access.schema) == rule.where


def _meant(rule: Colour, access: Access) -> Filter:
    return question.meant(rule.where, "", access)
