"""Frozen pictures of a workspace's structure, read from the catalogue and never changed.

``Schema`` is the whole structure of one workspace at one version; an ``Access`` holds a pruned one in which what a
user may not see does not exist, so that name resolution cannot reach it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from qdm.types.base import BaseType

#: Node ids below this are seeded (base types, modifiers, the reference's own terms): docs/contract.md, section 1.
FIRST_FREE_ID = 111
ROOT_ID = 1

#: Modifier name -> seeded node id.
MODIFIERS: Mapping[str, int] = {
    "NOT NULL": 30,
    "ALIAS": 31,
    "MULTIPLE": 32,
    "ORDER": 33,
    "UNIQUE": 34,
    "SIZE": 35,
    "VALIDATION": 36,
    "SHARD": 37,
    # Not of the reference: what a table calls its main value, where a sheet's first column had a name of its own.
    "HEADING": 38,
    # Of a column: what it is for, what a new row has in it, how its values are shown.
    "DESCRIPTION": 39,
    "DEFAULT": 40,
    "FORMAT": 41,
    "ALIGN": 42,
}
#: Modifiers without an argument: shown as bare names.
FLAGS = frozenset({"NOT NULL", "MULTIPLE", "UNIQUE"})


#: Base type -> which empty table stands in for the projection of a term without records; others: text.
NONE_TABLES: Mapping[BaseType, str] = {
    BaseType.NUMBER: "numeric",
    BaseType.FLOAT: "float",
    BaseType.DATE: "date",
    BaseType.DATETIME: "timestamp",
    BaseType.BOOLEAN: "boolean",
    BaseType.UUID: "uuid",
}


@dataclass(frozen=True, slots=True)
class Modifier:
    """One constraint of a term or requisite. ``value`` is its argument, '' for a flag."""

    name: str
    value: str = ""

    def __str__(self) -> str:
        return self.name if self.name in FLAGS or not self.value else f"{self.name} {self.value}"


@dataclass(frozen=True)
class Requisite:
    """A column of a term.

    ``type_id`` is the node id of the requisite's own term (or reference); ``base`` its base type, for a reference that
    of the target's main value; ``target`` the referenced term for a reference; ``is_subtable`` true when the
    requisite's term has requisites itself: its rows are records whose ``up`` is a record, and it has no cell.
    """

    id: int
    term_id: int
    type_id: int
    type_name: str
    ordinal: int
    base: BaseType
    target: int | None = None
    is_subtable: bool = False
    modifiers: tuple[Modifier, ...] = ()

    def modifier(self, name: str) -> str | None:
        """Argument of the modifier, '' for a flag that is set, None when it is not set."""
        return next((m.value for m in self.modifiers if m.name == name), None)

    @cached_property
    def name(self) -> str:
        """What people call the column: its alias, else the name of its term."""
        return self.modifier("ALIAS") or self.type_name

    @cached_property
    def required(self) -> bool:
        return self.modifier("NOT NULL") is not None

    @cached_property
    def unique(self) -> bool:
        return self.modifier("UNIQUE") is not None

    @cached_property
    def multiple(self) -> bool:
        return self.modifier("MULTIPLE") is not None

    @property
    def is_reference(self) -> bool:
        return self.target is not None

    @property
    def column(self) -> str:
        """Name of its projection column."""
        return f"r{self.id}"


@dataclass(frozen=True)
class Term:
    """A table. ``base`` is the type of its main value; ``requisites`` are ordered by ordinal, sub-tables included."""

    id: int
    name: str
    base: BaseType
    requisites: tuple[Requisite, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    is_used: bool = False
    """Whether some term uses it as a requisite."""
    projected: bool = True
    """Whether it has a projection: false for a term that has neither requisites nor records."""

    def modifier(self, name: str) -> str | None:
        return next((m.value for m in self.modifiers if m.name == name), None)

    @cached_property
    def title(self) -> str:
        return self.modifier("ALIAS") or self.name

    @cached_property
    def heading(self) -> str:
        """What people call its main value: the HEADING modifier, else the title."""
        return self.modifier("HEADING") or self.title

    @cached_property
    def names(self) -> frozenset[str]:
        """Every case-folded name its main value is known by."""
        return frozenset({self.name.casefold(), self.title.casefold(), self.heading.casefold()})

    @cached_property
    def unique(self) -> bool:
        return self.modifier("UNIQUE") is not None

    @cached_property
    def by_id(self) -> Mapping[int, Requisite]:
        return {r.id: r for r in self.requisites}

    @cached_property
    def by_name(self) -> Mapping[str, Requisite]:
        """Case-folded name, and alias, to requisite; on a clash the first by ordinal wins, aliases before names."""
        names: dict[str, Requisite] = {}
        for requisite in self.requisites:
            names.setdefault(requisite.name.casefold(), requisite)
        for requisite in self.requisites:
            names.setdefault(requisite.type_name.casefold(), requisite)
        return names

    @cached_property
    def cells(self) -> tuple[Requisite, ...]:
        """The requisites that have a projection column: all but sub-tables."""
        return tuple(r for r in self.requisites if not r.is_subtable)

    @property
    def table(self) -> str:
        """Name of its projection; of an empty table of the same shape where it has none yet."""
        return f"t_{self.id}" if self.projected else f"none_{NONE_TABLES.get(self.base, 'text')}"


@dataclass(frozen=True, slots=True)
class ReferenceTerm:
    """A reference: node with up=0 whose t is a term. ``name`` is None for the anonymous one of a target."""

    id: int
    target: int
    name: str | None = None


@dataclass(frozen=True, eq=False)
class Schema:
    """Structure of a workspace. ``version`` rises with every structural change.

    ``indexes``: names of the indexes by use: ``t_<term>_s<requisite>``, by which an order can be walked,
    ``t_<term>_r<column of a rule>_<requisite, 0 for the main value>``, by which it can among the rows of the rule, and
    ``t_<term>_g<hash>``, which is asked what texts hold.
    """

    workspace: str
    version: int
    terms: Mapping[int, Term] = field(default_factory=dict)
    references: Mapping[int, ReferenceTerm] = field(default_factory=dict)
    indexes: frozenset[str] = frozenset()

    @property
    def pg_schema(self) -> str:
        return f"ws_{self.workspace}"

    @cached_property
    def by_name(self) -> Mapping[str, Term]:
        names: dict[str, Term] = {}
        for term in self.terms.values():
            names.setdefault(term.name.casefold(), term)
        for term in self.terms.values():
            names.setdefault(term.title.casefold(), term)
        return names

    @cached_property
    def requisites(self) -> Mapping[int, Requisite]:
        """Every requisite by id."""
        return {r.id: r for term in self.terms.values() for r in term.requisites}

    def parents_of(self, term_id: int) -> tuple[Requisite, ...]:
        """Sub-table requisites that use the term: where its records may have a record as parent."""
        return tuple(r for r in self.requisites.values() if r.is_subtable and r.type_id == term_id)

    def referring_to(self, term_id: int) -> tuple[Requisite, ...]:
        """Reference requisites whose target is the term."""
        return tuple(r for r in self.requisites.values() if r.target == term_id)

    def pruned(self, terms: Iterable[int], hidden: frozenset[int] = frozenset()) -> "Schema":
        """The part of it with these terms, without these requisites, and without what points out of it."""
        keep = set(terms) & self.terms.keys()

        def visible(r: Requisite) -> bool:
            return r.id not in hidden and (not r.is_subtable or r.type_id in keep)

        return Schema(
            self.workspace,
            self.version,
            {
                i: replace(t, requisites=tuple(r for r in t.requisites if visible(r)))
                for i, t in self.terms.items()
                if i in keep
            },
            {i: r for i, r in self.references.items() if r.target in keep},
            self.indexes,
        )
