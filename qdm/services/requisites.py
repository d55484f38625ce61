"""Columns as nodes: attach a term or reference to a term, order, constrain, remove."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from qdm import events
from qdm.access import Access, Action
from qdm.errors import InvalidRequest, RequisiteNotFound, TermNotFound
from qdm.managers import nodes, statements
from qdm.managers.nodes import Node
from qdm.managers.shadows import Shape
from qdm.schema import Requisite, Term
from qdm.selectors import structure
from qdm.services import carriers, modifiers, properties, shadowed
from qdm.services.created import Created
from qdm.services.transaction import batch, lock_structure
from qdm.sql import statement
from qdm.types.base import Locale


def create(term_id: int, type_id: int, given: Mapping[str, Any] | None = None, *, access: Access) -> Created:
    """Attach ``type_id`` (a term or reference) as the last column of the term; the standing one if it is attached.

    Raises TermNotFound, RequisiteNotFound (no such type), Forbidden, InvalidValue.
    """
    if term_id not in access.schema.terms:
        raise TermNotFound
    if type_id not in access.schema.terms and type_id not in access.schema.references:
        raise RequisiteNotFound
    access.require(Action.MANAGE, term_id)
    wanted = modifiers.parse(given or {})
    ws = access.schema.pg_schema
    with batch(access, "create_requisite"):
        term = current(term_id, access)
        for requisite in term.requisites:
            if requisite.type_id == type_id:
                return Created(requisite.id, existed=True)
        (requisite_id,) = nodes.reserve(ws, 1)
        announce([requisite_id])
        nodes.insert(ws, [Node(requisite_id, term_id, type_id, str(next_ordinal(term)))])
        made = structure.schema(access.workspace).requisites[requisite_id]
        modifiers.store(ws, requisite_id, properties.checked(wanted, made, access=access, locale=Locale()))
        of_type = access.schema.terms.get(type_id)
        events.columns_made.send(
            None,
            workspace=access.workspace,
            term_id=term_id,
            requisite_ids=[requisite_id],
            names=[f"{term.title} / {of_type.title if of_type else type_id}"],
        )
    return Created(requisite_id)


def current(term_id: int, access: Access) -> Term:
    """The term as it is now, unpruned, with the structure locked. Raises TermNotFound."""
    lock_structure(access)
    term = structure.schema(access.workspace).terms.get(term_id)
    if term is None:
        raise TermNotFound
    return term


def next_ordinal(term: Term) -> int:
    return max((r.ordinal for r in term.requisites), default=0) + 1


def announce(requisite_ids: list[int]) -> None:
    """Tell the triggers that these are new, so that no cells of theirs have to be looked for."""
    statements.row(statement("announce_fresh"), {"ids": ",".join(map(str, requisite_ids))})


def set_modifiers(requisite_id: int, given: Mapping[str, Any], *, access: Access, locale: Locale | None = None) -> None:
    """Set constraints and properties; falsy ones go, those not named stay. ``locale``: how a default is written.

    Outside of a transaction a large table is made anew beside, while others go on. Raises RequisiteNotFound, Forbidden,
    InvalidValue, NotUnique where rows already disagree with UNIQUE, Conflict where others change the table meanwhile.
    """
    requisite = access.requisite(requisite_id)
    access.require(Action.MANAGE, requisite.term_id)
    wanted = properties.checked(modifiers.parse(given), requisite, access=access, locale=locale or Locale())
    shape = Shape()
    if "MULTIPLE" in wanted and (wanted["MULTIPLE"] is not None) != requisite.multiple:
        shape["multiple"] = not requisite.multiple
    if "UNIQUE" in wanted and (wanted["UNIQUE"] is not None) != requisite.unique:
        shape["uniq"] = not requisite.unique
    ready = shadowed.make({requisite.term_id: {requisite_id: shape}} if shape else {}, access=access)
    try:
        with batch(access, "constrain_column"):
            current(requisite.term_id, access)
            shadowed.swap(ready, access=access)
            modifiers.store(access.schema.pg_schema, requisite_id, wanted)
    except BaseException:
        shadowed.drop(ready, access=access)
        raise


def move(requisite_id: int, position: int, *, access: Access) -> None:
    """Put the column at this place, 1 for the first. Raises RequisiteNotFound, Forbidden, InvalidRequest."""
    requisite = access.requisite(requisite_id)
    access.require(Action.MANAGE, requisite.term_id)
    if position < 1:
        raise InvalidRequest(_("Positions are counted from 1."))
    ws = access.schema.pg_schema
    with batch(access, "move_column"):
        term = current(requisite.term_id, access)
        order = [r for r in term.requisites if r.id != requisite_id]
        standing = next((r for r in term.requisites if r.id == requisite_id), None)
        if standing is None:
            raise RequisiteNotFound
        order.insert(position - 1, standing)
        _number(ws, order)


def put_beside(requisite_id: int, term_id: int, beside: int, *, before: bool = False, access: Access) -> None:
    """Put a column of the term after another one, or before it; the term's id stands for the main column.

    Raises RequisiteNotFound, Forbidden.
    """
    access.require(Action.MANAGE, term_id)
    with batch(access, "move_column"):
        columns = current(term_id, access).requisites
        order = [r for r in columns if r.id != requisite_id]
        places = {term_id: -1, **{r.id: at for at, r in enumerate(order)}}
        if beside not in places or len(order) == len(columns):
            raise RequisiteNotFound
        at = places[beside] if before and beside != term_id else places[beside] + 1
        order.insert(at, next(r for r in columns if r.id == requisite_id))
        _number(access.schema.pg_schema, order)


def _number(ws: str, order: Sequence[Requisite]) -> None:
    """Columns of one term stand in this order from now on."""
    moved = [Node(r.id, r.term_id, r.type_id, str(at)) for at, r in enumerate(order, 1) if r.ordinal != at]
    nodes.update(ws, moved)


def delete(requisite_id: int, *, access: Access) -> None:
    """Move a column to the trash; its cells stay in ``node`` and come back with it.

    Raises RequisiteNotFound, Forbidden.
    """
    requisite = access.requisite(requisite_id)
    access.require(Action.MANAGE, requisite.term_id)
    with batch(access, "delete_column"):
        flip(requisite_id, requisite.term_id, access)
        carriers.release(requisite.type_id, access)


def restore(requisite_id: int, term_id: int, *, access: Access) -> None:
    """Bring a column back from the trash with its cells. Raises RequisiteNotFound, Forbidden."""
    access.term(term_id)
    access.require(Action.MANAGE, term_id)
    with batch(access, "restore_column"):
        carriers.revive(flip(requisite_id, -term_id, access), access)


def flip(requisite_id: int, expected_up: int, access: Access) -> int:
    """Between a term and its trash; the id of the column's type. Raises RequisiteNotFound."""
    ws = access.schema.pg_schema
    lock_structure(access)
    node = nodes.lock(ws, [requisite_id]).get(requisite_id)
    if node is None or node.up != expected_up:
        raise RequisiteNotFound
    nodes.update(ws, [Node(node.id, -node.up, node.t, node.val)])
    return node.t
