"""Which columns to return, and what of the records they lead to.

``["email", "Должность.Оклад", {"Интервью": ["Дата", {"Кто": ["*"]}]}]``: a name is a column, a dot or a nested list
leads on, ``*`` is every column. A sub-table named without more is its number of rows.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integram.api import names
from integram.api.errors import Malformed, problem
from qdm.errors import TooLarge
from qdm.schema import Requisite, Schema, Term

DEPTH = 5
LINKS = 50
ALL = "*"


@dataclass
class Selection:
    """``columns`` to show of a record of ``term``, and for each of the ``links`` what to show of where it leads."""

    term: Term
    columns: dict[int, Requisite] = field(default_factory=dict)
    links: dict[int, "Selection"] = field(default_factory=dict)

    def size(self) -> int:
        return len(self.links) + sum(link.size() for link in self.links.values())


def read(sent: Any, term: Term, schema: Schema, place: tuple[str | int, ...]) -> Selection:
    """Raises Malformed, UnknownField, TooLarge."""
    if isinstance(sent, str):
        sent = [part.strip() for part in sent.split(",") if part.strip()]
    selection = _read(sent, Selection(term), schema, place, 0)
    if selection.size() > LINKS:
        raise TooLarge(_("At most %(most)d links can be followed at once.") % {"most": LINKS})
    return selection


def everything(term: Term, schema: Schema, depth: int) -> Selection:
    """All columns, and so of all that is reached in ``depth`` steps."""
    selection = Selection(term, {r.id: r for r in term.requisites})
    if depth:
        for requisite in term.requisites:
            target = _target(requisite, schema)
            if target is not None:
                selection.links[requisite.id] = everything(target, schema, depth - 1)
                if selection.size() > LINKS:
                    raise TooLarge(_("At most %(most)d links can be followed at once.") % {"most": LINKS})
    return selection


def _read(sent: Any, into: Selection, schema: Schema, place: tuple[str | int, ...], depth: int) -> Selection:
    if depth > DEPTH:
        raise TooLarge(_("Links can be followed %(most)d steps at most.") % {"most": DEPTH})
    if not isinstance(sent, list):
        raise Malformed([problem(place, _("A list of columns is expected."), "list_type")])
    for at, item in enumerate(sent):
        where = (*place, at)
        if item == ALL:
            into.columns.update({r.id: r for r in into.term.requisites})
        elif isinstance(item, dict):
            for name, inner in item.items():
                _read(inner, _follow(names.requisite(name, into.term), name, into, schema), schema, where, depth + 1)
        elif isinstance(item, str | int) and not isinstance(item, bool):
            _column(item, into, schema, where, depth)
        else:
            raise Malformed([problem(where, _("The name of a column is expected."))])
    return into


def _column(name: str | int, into: Selection, schema: Schema, place: tuple[str | int, ...], depth: int) -> None:
    """A column, or a path that leads on from one."""
    if isinstance(name, str) and not isinstance(names.field(name, into.term), int):
        # A name may have dots itself, so every dot is tried as the end of the first step.
        for position in (i for i, character in enumerate(name) if character == "."):
            first = names.named(name[:position], into.term)
            if first is not None and _target(first, schema) is not None:
                _read([name[position + 1 :]], _follow(first, name, into, schema), schema, place, depth + 1)
                return
    requisite = names.requisite(name, into.term)
    into.columns[requisite.id] = requisite


def _follow(requisite: Requisite, name: str, into: Selection, schema: Schema) -> Selection:
    target = _target(requisite, schema)
    if target is None:
        raise Malformed([problem(("select", name), _("This column leads nowhere."))])
    into.columns[requisite.id] = requisite
    return into.links.setdefault(requisite.id, Selection(target))


def _target(requisite: Requisite, schema: Schema) -> Term | None:
    if requisite.is_subtable:
        return schema.terms.get(requisite.type_id)
    return schema.terms.get(requisite.target) if requisite.target is not None else None
