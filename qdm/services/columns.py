"""Columns as people know them: a name, a type, constraints. Above requisites, which are their nodes."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from qdm import events
from qdm.access import Access, Action
from qdm.errors import InvalidValue, NameTaken, RequisiteNotFound
from qdm.managers import nodes
from qdm.managers.nodes import Node
from qdm.schema import MODIFIERS, Requisite, Term
from qdm.selectors import structure
from qdm.services import modifiers, requisites, retyping
from qdm.services.column_types import LIMIT, Carrier, Spec, carrier
from qdm.services.terms import check_name
from qdm.services.transaction import batch
from qdm.types.base import BaseType, Locale

#: Columns of one table; more is a table that wants to be two.
MOST = 1_000


def create(term_id: int, spec: Spec, *, beside: int | None = None, before: bool = False, access: Access) -> int:
    """A new last column, or one right after ``beside`` (requisite id, the term's for the main column) or ``before``
    it; its requisite id. Raises as ``create_many``, RequisiteNotFound."""
    with batch(access, "create_columns"):
        (made,) = create_many(term_id, [spec], access=access)
        if beside is not None:
            requisites.put_beside(made, term_id, beside, before=before, access=access)
    return made


def create_many(term_id: int, specs: Sequence[Spec], *, access: Access) -> list[int]:
    """New last columns in this order, in two statements whatever their number; their requisite ids.

    Raises TermNotFound, Forbidden, NameTaken, InvalidType, InvalidValue.
    """
    access.term(term_id)
    access.require(Action.MANAGE, term_id)
    with batch(access, "create_columns"):
        term = requisites.current(term_id, access)
        return attach(term, specs, access)


def attach(term: Term, specs: Sequence[Spec], access: Access) -> list[int]:
    """Make the columns of a term whose structure is locked."""
    ws = access.schema.pg_schema
    schema = structure.schema(access.workspace)
    if len(term.requisites) + len(specs) > MOST:
        raise InvalidValue(_("A table has %(most)d columns at most.") % {"most": MOST})
    planned: dict[str, Carrier] = {}
    carriers: list[Carrier] = []
    names: set[str] = set()
    for spec in specs:
        spec.checked(access.schema if spec.target in access.schema.terms else schema)
        if spec.name.strip().casefold() in names:
            raise NameTaken(
                _("The table already has a column “%(name)s”.") % {"name": spec.name}, fields={"name": spec.name}
            )
        names.add(spec.name.strip().casefold())
        made = carrier(spec, term, schema, planned)
        if made.id is None and made.val is not None:
            planned[made.val.casefold()] = made
        carriers.append(made)

    new = [c for c in carriers if c.id is None]
    new_ids = iter(nodes.reserve(ws, len(new)))
    types = [next(new_ids) if c.id is None else c.id for c in carriers]
    ids = nodes.reserve(ws, len(specs))
    rows = [Node(t, 0, c.t, c.val) for t, c in zip(types, carriers, strict=True) if c.id is None]
    first = requisites.next_ordinal(term)
    rows += [
        Node(node_id, term.id, type_id, str(first + at))
        for at, (node_id, type_id) in enumerate(zip(ids, types, strict=True))
    ]
    constraints: list[tuple[int, str, str]] = []
    for node_id, spec, made in zip(ids, specs, carriers, strict=True):
        constraints += [(node_id, name, "") for name, wanted in _flags(spec) if wanted]
        if made.alias is not None:
            constraints.append((node_id, "ALIAS", made.alias))
    modifier_ids = nodes.reserve(ws, len(constraints))
    rows += [
        Node(modifier_id, owner, MODIFIERS[name], value)
        for modifier_id, (owner, name, value) in zip(modifier_ids, constraints, strict=True)
    ]
    requisites.announce(ids)
    nodes.insert(ws, rows)
    named = [f"{term.title} / {spec.name}" for spec in specs]
    events.columns_made.send(None, workspace=access.workspace, term_id=term.id, requisite_ids=ids, names=named)
    return ids


def _flags(spec: Spec) -> list[tuple[str, bool]]:
    return [("NOT NULL", spec.required), ("UNIQUE", spec.unique), ("MULTIPLE", spec.multiple)]


def rename(requisite_id: int, name: str, *, access: Access) -> None:
    """Give the column another name; other columns that share its term keep theirs.

    Raises RequisiteNotFound, Forbidden, NameTaken, InvalidValue.
    """
    requisite = access.requisite(requisite_id)
    access.require(Action.MANAGE, requisite.term_id)
    name = check_name(name).strip()
    if len(name) > LIMIT:
        raise InvalidValue(_("A column's name has %(limit)d characters at most.") % {"limit": LIMIT})
    with batch(access, "rename_column"):
        term = requisites.current(requisite.term_id, access)
        if any(r.name.casefold() == name.casefold() for r in term.requisites if r.id != requisite_id):
            raise NameTaken(_("The table already has a column “%(name)s”.") % {"name": name}, fields={"name": name})
        standing = _standing(term, requisite_id)
        alias = None if name == standing.type_name else name
        modifiers.store(access.schema.pg_schema, requisite_id, {"ALIAS": alias})


def change_type(
    requisite_id: int,
    *,
    base: BaseType | None = None,
    target: int | None = None,
    access: Access,
    locale: Locale | None = None,
) -> None:
    """Give the column another type. Texts that do not fit it stay in ``node`` and are listed as bad; nothing is lost.

    ``locale``: texts are read in it, so that ``1 234,50`` becomes a number (``qdm.selectors.fitting`` tells before what
    will not); None: only canonical text fits.
    Between references and plain types the stored form differs, so that is another column: raises InvalidType.
    Raises RequisiteNotFound, Forbidden.
    """
    requisite = access.requisite(requisite_id)
    access.require(Action.MANAGE, requisite.term_id)
    with batch(access, "change_column_type"):
        requisites.current(requisite.term_id, access)
        standing = retyping.retypable(requisite_id, base, target, access=access)
        assert base is not None
        if standing.base == base:
            return
        if locale is not None:
            retyping.reword(standing, base, locale, access=access)
        retyping.retype(standing, base, access=access)


def _standing(term: Term, requisite_id: int) -> Requisite:
    found = term.by_id.get(requisite_id)
    if found is None:
        raise RequisiteNotFound
    return found
