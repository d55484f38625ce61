"""Tables as nodes: create, change, delete a term."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InUse, InvalidType, InvalidValue, NameTaken, TermNotFound, ValueRequired
from qdm.managers import nodes, statements
from qdm.managers.nodes import Node
from qdm.schema import FIRST_FREE_ID
from qdm.services import modifiers
from qdm.services.created import Created
from qdm.services.transaction import batch, lock_structure
from qdm.sql import statement
from qdm.types.base import BaseType

NAME_LIMIT = 20_000
#: ``up`` of a deleted term; -1 is that of a deleted row of the root.
TRASH = -2
_BASES = frozenset(int(base) for base in BaseType)


def check_name(name: object) -> str:
    """The name as it will be stored. Raises ValueRequired, InvalidValue."""
    if not isinstance(name, str) or not name.strip():
        raise ValueRequired(_("A name is required."), fields={"val": ""})
    if "\0" in name or len(name) > NAME_LIMIT:
        raise InvalidValue(_("This cannot be a name."), fields={"val": name[:50].replace("\0", "")})
    return name


def check_base(base: int) -> BaseType:
    """Raises InvalidType for what is no base type."""
    if base not in _BASES:
        raise InvalidType
    return BaseType(base)


def named(ws: str, name: str) -> tuple[int, int] | None:
    """Id and base of the live term with this name, compared without case."""
    row = statements.row(statement("named_term", ws=ws), {"name": name})
    return (row[0], row[1]) if row else None


def create(name: str, base: int, given: Mapping[str, Any] | None = None, *, access: Access) -> Created:
    """A new term; where one has the name already, that one, untouched.

    ``given``: modifiers in any spelling. Raises Forbidden, InvalidType, InvalidValue.
    """
    access.require(Action.MANAGE)
    name, base_type, wanted = check_name(name), check_base(base), modifiers.parse(given or {})
    ws = access.schema.pg_schema
    with batch(access, "create_term"):
        lock_structure(access)
        if found := named(ws, name):
            return Created(found[0], existed=True)
        (term_id,) = nodes.reserve(ws, 1)
        nodes.insert(ws, [Node(term_id, 0, base_type, name)])
        modifiers.store(ws, term_id, wanted)
    return Created(term_id)


def update(
    term_id: int, *, name: str | None = None, base: int, given: Mapping[str, Any] | None = None, access: Access
) -> None:
    """Rename, retype, set modifiers (those not named stay, falsy ones go).

    A base type of a reference's own name is its target and does not change here.
    Raises TermNotFound, Forbidden, NameTaken, InvalidType, InvalidValue.
    """
    term = access.schema.terms.get(term_id)
    reference = access.schema.references.get(term_id)
    if term is None and reference is None:
        raise TermNotFound
    access.require(Action.MANAGE, term_id)
    wanted = modifiers.parse(given or {})
    ws = access.schema.pg_schema
    with batch(access, "update_term"):
        lock_structure(access)
        node = nodes.lock(ws, [term_id]).get(term_id)
        if node is None or node.up != 0:
            raise TermNotFound
        if reference is not None and base != node.t:
            raise InvalidType
        new_base = node.t if reference is not None else int(check_base(base))
        new_name = node.val if name is None else check_name(name)
        if term is not None and new_name and (found := named(ws, new_name)) and found[0] != term_id:
            raise NameTaken(_("Term name already exists"), fields={"val": new_name})
        if (new_base, new_name) != (node.t, node.val):
            nodes.update(ws, [Node(term_id, 0, new_base, new_name)])
        modifiers.store(ws, term_id, wanted)


def delete(term_id: int, *, with_records: bool = False, access: Access) -> int:
    """Move a term to the trash; the number of nodes it takes along (itself, requisites, modifiers).

    Raises TermNotFound, Forbidden; InUse where a column or reference is of its type, where it is seeded, and, unless
    ``with_records``, where it has rows.
    """
    if term_id in _BASES:
        raise InUse(_("Term is currently in use"))
    if term_id not in access.schema.terms and term_id not in access.schema.references:
        raise TermNotFound
    access.require(Action.MANAGE, term_id)
    if term_id < FIRST_FREE_ID and with_records:
        raise InUse(_("Term is currently in use"))
    ws = access.schema.pg_schema
    with batch(access, "delete_term"):
        lock_structure(access)
        node = nodes.lock(ws, [term_id]).get(term_id)
        if node is None or node.up != 0:
            raise TermNotFound
        use = statements.row(statement("term_use", ws=ws), {"id": term_id})
        has_records, is_type = use or (False, False)
        if is_type or (has_records and not with_records):
            raise InUse(_("Term is currently in use"))
        first = nodes.children(ws, [term_id])
        parts = [n for n in first if not (has_records and n.up == term_id and n.t == term_id)]
        second = nodes.children(ws, [n.id for n in parts])
        nodes.update(ws, [Node(term_id, TRASH, node.t, node.val)])
    return 1 + len(parts) + len(second)
