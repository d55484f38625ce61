"""Terms that are nothing but the type of a column go with their last column and come back with it.

Left behind they would look like tables nobody made.
"""

from qdm.access import Access
from qdm.managers import nodes
from qdm.managers.nodes import Node
from qdm.schema import FIRST_FREE_ID
from qdm.selectors import structure
from qdm.services.terms import TRASH, named


def release(type_id: int, access: Access) -> None:
    """A column of this type is gone: to the trash with the term, unless something else uses it or it is a table."""
    term = structure.schema(access.workspace).terms.get(type_id)
    if term is None or term.is_used or term.projected or term.id < FIRST_FREE_ID:
        return
    nodes.update(access.schema.pg_schema, [Node(term.id, TRASH, term.base, term.name)])


def revive(type_id: int, access: Access) -> None:
    """A column of this type is back. Its term comes too, under a longer name where its own has been given away."""
    ws = access.schema.pg_schema
    node = nodes.lock(ws, [type_id]).get(type_id)
    if node is None or node.up != TRASH:
        return
    name = node.val or ""
    while named(ws, name):
        name += " ·"
    nodes.update(ws, [Node(node.id, 0, node.t, name)])
