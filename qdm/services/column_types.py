"""Which node a column of a given name and type hangs on: a shared term, a named one of its own, a reference.

Term names are unique in a workspace, so two columns of one name share a term where their types agree; where they do
not, the second gets a term with a longer name and the short one as its alias.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.errors import InvalidType, InvalidValue, NameTaken
from qdm.schema import FIRST_FREE_ID, Schema, Term
from qdm.services.terms import check_base, check_name
from qdm.types.base import BaseType

#: Longest name of a column people may give.
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Spec:
    """A column to be: its name and either a base type or the term it refers to.

    ``modifiers``: constraints in any spelling (``{"required": True}`` is ``NOT NULL``).
    """

    name: str
    base: BaseType | None = None
    target: int | None = None
    multiple: bool = False
    required: bool = False
    unique: bool = False

    def checked(self, schema: Schema) -> "Spec":
        """Itself. Raises InvalidValue, InvalidType."""
        name = check_name(self.name).strip()
        if len(name) > LIMIT:
            raise InvalidValue(
                _("A column's name has %(limit)d characters at most.") % {"limit": LIMIT}, fields={"name": name[:50]}
            )
        if (self.base is None) == (self.target is None):
            raise InvalidType
        if self.base is not None:
            check_base(self.base)
        elif self.target not in schema.terms:
            raise InvalidType
        return self


@dataclass(frozen=True, slots=True)
class Carrier:
    """What a column's requisite has as type: a node that is there, or one to be made (``t`` and ``val``)."""

    id: int | None
    t: int
    val: str | None
    alias: str | None = None


def carrier(spec: Spec, term: Term | None, schema: Schema, planned: dict[str, "Carrier"]) -> Carrier:
    """The node for the column. ``term``: the table it is for, None for one not there yet; ``planned``: case-folded
    names of terms that the same plan makes. Raises NameTaken where the table has such a column."""
    name = spec.name.strip()
    if term is not None and name.casefold() in {r.name.casefold() for r in term.requisites}:
        raise NameTaken(_("The table already has a column “%(name)s”.") % {"name": name}, fields={"name": name})
    used = {r.type_id for r in term.requisites} if term is not None else set()
    if spec.target is not None:
        return _reference(name, spec.target, used, schema)
    assert spec.base is not None
    for attempt in range(1, 1000):
        candidate = _attempt(name, term, attempt)
        alias = None if candidate == name else name
        standing = schema.by_name.get(candidate.casefold())
        if standing is not None and standing.name.casefold() == candidate.casefold():
            if _carries(standing, spec.base, used, term) and standing.name == candidate:
                return Carrier(standing.id, spec.base, standing.name, alias)
            continue
        if candidate.casefold() not in planned:
            return Carrier(None, spec.base, candidate, alias)
    raise NameTaken(fields={"name": name})


def _attempt(name: str, term: Term | None, attempt: int) -> str:
    if attempt == 1:
        return name
    owner = f"{name} · {term.name[:80]}" if term is not None else f"{name} ·"
    return owner if attempt == 2 else f"{owner} {attempt - 1}"


def _carries(standing: Term, base: BaseType, used: set[int], term: Term | None) -> bool:
    """Whether a term may be the type of one more column: plain, of the same base, no table, not in this table yet.

    A term that no column uses is a table, be it still an empty one: as a type it would make the column a sub-table as
    soon as it gets a column itself. The seeded ones are types from the beginning.
    """
    if term is not None and standing.id == term.id:
        return False
    is_type = not standing.projected and (standing.is_used or standing.id < FIRST_FREE_ID)
    return is_type and standing.base == base and not standing.modifiers and standing.id not in used


def _reference(name: str, target: int, used: set[int], schema: Schema) -> Carrier:
    """The anonymous reference where the column is called like its target, else one with the column's name."""
    own_name = None if name.casefold() == schema.terms[target].name.casefold() else name
    alias = name if own_name is None and name != schema.terms[target].name else None
    for reference in schema.references.values():
        if reference.target == target and reference.name == own_name and reference.id not in used:
            return Carrier(reference.id, target, own_name, alias)
    return Carrier(None, target, own_name, alias)
