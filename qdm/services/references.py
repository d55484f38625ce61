"""References: the types of columns that point to records of another table."""

from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InvalidType
from qdm.managers import nodes
from qdm.managers.nodes import Node
from qdm.selectors import structure
from qdm.services.created import Created
from qdm.services.terms import check_name
from qdm.services.transaction import batch, lock_structure


def create(target: int, name: str | None = None, *, access: Access) -> Created:
    """A reference to the term ``target``: the anonymous one, of which there is one a target, or one with a name.

    Raises InvalidType where the target is no visible term, Forbidden.
    """
    if target not in access.schema.terms:
        raise InvalidType(_("Incorrect term"))
    access.require(Action.MANAGE)
    ws = access.schema.pg_schema
    with batch(access, "create_reference"):
        lock_structure(access)
        wanted = None if name is None else check_name(name)
        for reference in structure.schema(access.workspace).references.values():
            if reference.target == target and reference.name == wanted:
                return Created(reference.id, existed=True)
        (reference_id,) = nodes.reserve(ws, 1)
        nodes.insert(ws, [Node(reference_id, 0, target, wanted)])
    return Created(reference_id)
