"""Filter texts of guards: what an administrator types, how it is kept, and what it means for one person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.translation import gettext as _

from qdm.errors import BadFilter, QdmError
from qdm.query.ast import NOTHING, Compare, FieldRef, Filter, Not, Op, Unrestricted, with_tests
from qdm.query.binder import Binder
from qdm.query.parser import Variable, parse, render
from qdm.schema import Schema, Term

_parsed = lru_cache(maxsize=4096)(parse)


@dataclass(frozen=True, slots=True)
class Person:
    """What a filter may ask about who looks: the texts that mean him in a cell, and the names of his groups."""

    names: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return {"me": self.names, "groups": self.groups}


NOBODY = Person(("nobody",), ("nobody",))


class NothingStands(Exception):
    """A variable of the filter stands for nothing, as @groups of a person without groups does: no row matches."""


def normalise(text: str, term: Term, schema: Schema) -> str:
    """The text to keep: columns by id, so that renaming one changes nothing. Raises BadFilter, UnknownField."""
    found = parse(text)
    Binder(schema).filter(_for_person(found, NOBODY), term)
    return render(found, lambda ref: _id_of(ref, term, schema))


def shown(text: str, term: Term | None) -> str:
    """The kept text with columns by name; as it is where that is impossible."""

    def name(ref: FieldRef) -> FieldRef:
        requisite = term.by_id.get(ref) if term is not None and isinstance(ref, int) else None
        return ref if requisite is None else requisite.name

    try:
        return render(parse(text), name)
    except BadFilter:
        return text


def problem(text: str, term: Term | None, schema: Schema) -> str | None:
    """Why the filter cannot be carried out any more, in words; None for a sound one."""
    if term is None:
        return _("The table is gone.")
    try:
        Binder(schema).filter(_for_person(_parsed(text), NOBODY), term)
    except QdmError as error:
        return str(error)
    return None


def rows_for(text: str, term: Term, schema: Schema, person: Person) -> Filter | None:
    """The rows the filter means for the person. None, no row, where it is broken or asks about what he has not.

    ``schema``: the whole structure, of which a version is made once and never again.
    """
    known = _meanings(schema.workspace, schema.version, person)
    if (text, term.id) not in known:
        known[text, term.id] = _meaning(text, term, schema, person)
    return known[text, term.id]


@lru_cache(maxsize=256)
def _meanings(workspace: str, version: int, person: Person) -> dict[tuple[str, int], Filter | None]:
    """What texts mean for a person in a structure, told by its version. Nothing of anybody's rights is kept here."""
    return {}


def _meaning(text: str, term: Term, schema: Schema, person: Person) -> Filter | None:
    try:
        found = _for_person(_parsed(text), person)
        Binder(schema).filter(found, schema.terms[term.id])
    except (QdmError, NothingStands):
        return None
    return Unrestricted(found)


def asked_by(item: Filter, person: Person) -> Filter:
    """A question with @me and @groups as they are for the person; NOTHING where he has not what it asks about.

    Raises BadFilter for another variable.
    """
    try:
        return _for_person(item, person)
    except NothingStands:
        return NOTHING


def _id_of(ref: FieldRef, term: Term, schema: Schema) -> FieldRef:
    """Id of a column named directly; a path through a reference stays as it is typed."""
    path = Binder(schema).path(ref, term)
    return path.field.requisite.id if not path.hops and path.field.requisite is not None else ref


def _for_person(item: Filter, person: Person) -> Filter:
    return with_tests(item, lambda test: _test_for_person(test, person))


def _test_for_person(item: Filter, person: Person) -> Filter:
    match item:
        case Compare(op=op, value=Variable() as variable) if op is Op.EQ:
            return replace(item, op=Op.IN, value=_values(variable, person))
        case Compare(op=op, value=Variable() as variable) if op is Op.NE:
            return Not(replace(item, op=Op.IN, value=_values(variable, person)))
        case Compare(op=op, value=tuple() as values) if op is Op.IN:
            return replace(item, value=tuple(v for value in values for v in _values(value, person)))
        case Compare(value=Variable(name)):
            raise BadFilter(_("@%(name)s can only be compared with =, != and in.") % {"name": name})
        case Compare(value=tuple() as values) if any(isinstance(v, Variable) for v in values):
            raise BadFilter(_("A variable can only be compared with =, != and in."))
    return item


def _values(value: object, person: Person) -> tuple[object, ...]:
    if not isinstance(value, Variable):
        return (value,)
    found = person.variables.get(value.name)
    if found is None:
        raise BadFilter(_("There is no @%(name)s; there are @me and @groups.") % {"name": value.name})
    if not found:
        raise NothingStands
    return found
