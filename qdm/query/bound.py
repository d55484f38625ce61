"""Bound questions: names resolved, values parsed, still no SQL.

A filter over a record becomes a small algebra: a ``Test`` of one field of the record itself, ``Linked`` for "some
record reached by this hop for which ... holds", and the three connectives. It is two-valued: what is not true is
false, empty values included, so ``Inverse`` is a true complement. Negative operators do not exist here: ``!=`` is the
inverse of ``=`` and ``empty`` of ``not_empty``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from qdm.query.ast import Op
from qdm.schema import Requisite, Term
from qdm.types.base import BaseType


class Special(Enum):
    """Fields every record has."""

    MAIN = "val"
    ID = "id"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the records of ``term``: one of the special ones or a requisite."""

    term: Term
    of: Special | Requisite

    @property
    def requisite(self) -> Requisite | None:
        return self.of if isinstance(self.of, Requisite) else None

    @property
    def multiple(self) -> bool:
        return isinstance(self.of, Requisite) and self.of.multiple

    @property
    def base(self) -> BaseType | None:
        """Base type of its values; None for ids."""
        if isinstance(self.of, Requisite):
            return self.of.base
        return self.term.base if self.of is Special.MAIN else None

    @property
    def name(self) -> str:
        """What people call it; the main value has the name of its table."""
        return self.of.name if isinstance(self.of, Requisite) else self.term.title

    @property
    def key(self) -> str:
        """Its id within the term, as text: stable under renaming."""
        return f"r{self.of.id}" if isinstance(self.of, Requisite) else self.of.value


class Way(Enum):
    REFERENCE = "reference"  #: from a record to the one its reference cell names
    CHILDREN = "children"  #: from a record to the rows of its sub-table
    PARENT = "parent"  #: from a row of a sub-table to its parent


@dataclass(frozen=True, slots=True)
class Hop:
    """A step from one record to others.

    ``requisite`` is the reference or sub-table (None for the way to a parent); ``term`` is where it leads.
    """

    way: Way
    term: Term
    requisite: Requisite | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A field reached through hops; no hops: a field of the record itself."""

    field: Field
    hops: tuple[Hop, ...] = ()

    @property
    def multiple(self) -> bool:
        """Whether it may lead to several values of one record."""
        return self.field.multiple or any(hop.requisite is not None and hop.requisite.multiple for hop in self.hops)

    @property
    def key(self) -> str:
        steps = [f"r{hop.requisite.id}" if hop.requisite is not None else "up" for hop in self.hops]
        return ".".join([*steps, self.field.key])


@dataclass(frozen=True, slots=True)
class Test:
    """``field op values`` with a positive operator; values are canonical text, digits for ids. Any element counts."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    field: Field
    op: Op
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """Some record that may be seen is reached by the hop, and ``item`` holds for it."""

    hop: Hop
    item: "Bound"


@dataclass(frozen=True, slots=True)
class Granted:
    """The record's id is found by a static statement (``ast.RowInQuery``)."""

    statement: str
    parameters: tuple[tuple[str, object], ...]
    there: str | None = None


@dataclass(frozen=True, slots=True)
class All:
    items: tuple["Bound", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    items: tuple["Bound", ...] = ()


@dataclass(frozen=True, slots=True)
class Inverse:
    item: "Bound"


Bound = Test | Linked | Granted | All | Any | Inverse
TRUE = All()
FALSE = Any()


def all_of(items: Iterable[Bound]) -> Bound:
    """Conjunction, with the constants folded."""
    kept: list[Bound] = []
    for item in items:
        if item == FALSE:
            return FALSE
        kept.extend(item.items if isinstance(item, All) else (item,))
    return kept[0] if len(kept) == 1 else All(tuple(kept))


def any_of(items: Iterable[Bound]) -> Bound:
    """Disjunction, with the constants folded."""
    kept: list[Bound] = []
    for item in items:
        if item == TRUE:
            return TRUE
        kept.extend(item.items if isinstance(item, Any) else (item,))
    return kept[0] if len(kept) == 1 else Any(tuple(kept))


def inverse(item: Bound) -> Bound:
    if item == TRUE:
        return FALSE
    return TRUE if item == FALSE else Inverse(item)


def linked(hops: Iterable[Hop], item: Bound) -> Bound:
    """``item`` seen from the start of the hops."""
    for hop in reversed(tuple(hops)):
        item = FALSE if item == FALSE else Linked(hop, item)
    return item


@dataclass(frozen=True, slots=True)
class BoundSort:
    path: Path
    descending: bool = False
