"""Tables as people know them: a title, columns, rows, sub-tables. Above terms, which are their nodes."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InvalidValue, NameTaken
from qdm.managers import nodes
from qdm.managers.nodes import Node
from qdm.schema import Term
from qdm.selectors import structure
from qdm.services import columns, modifiers, terms
from qdm.services.column_types import LIMIT, Spec
from qdm.services.requisites import announce, current, next_ordinal
from qdm.services.transaction import batch, lock_structure
from qdm.types.base import BaseType


def create(
    title: str,
    specs: Sequence[Spec] = (),
    *,
    base: BaseType = BaseType.CHARS,
    unique: bool = False,
    heading: str | None = None,
    parent: int | None = None,
    access: Access,
) -> int:
    """A new table with these columns beside its main one; its term id.

    ``base``: type of the main value; ``unique``: no two rows (of one parent) share it; ``heading``: what the main
    column is called, the title if not said; ``parent``: the table whose rows it belongs to as a sub-table (then it
    needs a column). Raises NameTaken, Forbidden, InvalidType, InvalidValue.
    """
    access.require(Action.MANAGE)
    title = _title(title)
    if parent is not None:
        access.term(parent)
        if not specs:
            raise InvalidValue(_("A sub-table needs at least one column beside its first."))
    ws = access.schema.pg_schema
    with batch(access, "create_table"):
        lock_structure(access)
        if (found := terms.named(ws, title)) is not None:
            _make_room(found[0], title, access)
        (term_id,) = nodes.reserve(ws, 1)
        nodes.insert(ws, [Node(term_id, 0, terms.check_base(base), title)])
        modifiers.store(ws, term_id, {"UNIQUE": "" if unique else None, "HEADING": _heading(heading, title)})
        if specs:
            columns.attach(Term(term_id, title, base), specs, access)
        if parent is not None:
            owner = current(parent, access)
            (requisite_id,) = nodes.reserve(ws, 1)
            announce([requisite_id])
            nodes.insert(ws, [Node(requisite_id, parent, term_id, str(next_ordinal(owner)))])
    return term_id


def _title(title: str) -> str:
    title = terms.check_name(title).strip()
    if len(title) > LIMIT:
        raise InvalidValue(
            _("A table's name has %(limit)d characters at most.") % {"limit": LIMIT}, fields={"title": title[:50]}
        )
    return title


def _make_room(term_id: int, title: str, access: Access) -> None:
    """A column's type may give up its name for a table; its columns keep theirs as an alias. A table may not."""
    schema = structure.schema(access.workspace)
    term = schema.terms.get(term_id)
    users = [r for r in schema.requisites.values() if r.type_id == term_id]
    if term is None or term.projected or not users:
        raise NameTaken(_("There is already a table “%(title)s”.") % {"title": title}, fields={"title": title})
    ws = access.schema.pg_schema
    for at in range(1, 1000):
        name = f"{term.name} ·" if at == 1 else f"{term.name} · {at}"
        if terms.named(ws, name) is None:
            break
    for requisite in users:
        if requisite.modifier("ALIAS") is None:
            modifiers.store(ws, requisite.id, {"ALIAS": term.name})
    nodes.update(ws, [Node(term_id, 0, term.base, name)])


def rename(term_id: int, title: str, *, access: Access) -> None:
    """Another title. Raises TermNotFound, Forbidden, NameTaken, InvalidValue."""
    access.term(term_id)
    access.require(Action.MANAGE, term_id)
    title = _title(title)
    ws = access.schema.pg_schema
    with batch(access, "rename_table"):
        term = current(term_id, access)
        found = terms.named(ws, title)
        if found is not None and found[0] != term_id:
            _make_room(found[0], title, access)
        nodes.update(ws, [Node(term_id, 0, term.base, title)])
        modifiers.store(ws, term_id, {"ALIAS": None})


def call_main(term_id: int, heading: str, *, access: Access) -> None:
    """Another name for the main column. Raises TermNotFound, Forbidden, NameTaken, InvalidValue."""
    term = access.term(term_id)
    access.require(Action.MANAGE, term_id)
    heading = _title(heading)
    with batch(access, "rename_column"):
        term = current(term_id, access)
        if heading.casefold() in term.by_name:
            raise NameTaken(
                _("The table already has a column “%(name)s”.") % {"name": heading}, fields={"name": heading}
            )
        modifiers.store(access.schema.pg_schema, term_id, {"HEADING": _heading(heading, term.title)})


def _heading(heading: str | None, title: str) -> str | None:
    return None if heading is None or heading == title else heading


def delete(term_id: int, *, access: Access) -> None:
    """Move the table with its rows to the trash. Raises TermNotFound, Forbidden; InUse where a column links to it."""
    terms.delete(term_id, with_records=True, access=access)
