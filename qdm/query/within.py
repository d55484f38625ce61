"""A question made for one reader, as far as it concerns another: by ids, and without what he cannot ask about."""

from collections.abc import Callable
from datetime import date

from qdm.errors import BadFilter, InvalidRequest, InvalidValue
from qdm.query.ast import EVERYTHING, And, Compare, FieldRef, Filter, Not, Or, Search
from qdm.query.binder import Binder
from qdm.query.bound import Path, Special
from qdm.query.lookups import TEXT_OPERATORS
from qdm.query.parser import Variable
from qdm.query.periods import resolved
from qdm.schema import Schema, Term
from qdm.types import codec
from qdm.types.base import BaseType, Locale


def by_id(item: Filter, term: Term, schema: Schema, locale: Locale) -> Filter:
    """The filter as it is kept: the columns of the table itself named by id, the main one by that of the term, values
    that were typed in canonical text.

    A path through a link stays as it is typed. Raises UnknownField, the same for a hidden column and a typo; BadFilter
    for a value that does not fit.
    """
    binder = Binder(schema)

    def kept(one: Compare) -> Compare:
        path = binder.path(one.field, term)
        typed = one.value if isinstance(one.value, tuple) else (one.value,)
        values = typed if one.op in TEXT_OPERATORS else tuple(_canonical(v, path.field.base, locale) for v in typed)
        return Compare(_named(one.field, path, term), one.op, values if isinstance(one.value, tuple) else values[0])

    return _mapped(item, kept) or EVERYTHING


def _named(ref: FieldRef, path: Path, term: Term) -> FieldRef:
    if path.hops:
        return ref
    if path.field.requisite is not None:
        return path.field.requisite.id
    return term.id if path.field.of is Special.MAIN else ref


def _canonical(value: object, base: BaseType | None, locale: Locale) -> object:
    """A variable, an id and an empty value stay as they are. A bare date stays one: it means the whole day."""
    if base is None or not isinstance(value, str) or not value.strip():
        return value
    if base is BaseType.DATETIME and ":" not in value:
        base = BaseType.DATE
    try:
        return codec(base).parse(value, locale)
    except InvalidValue as error:
        raise BadFilter(error.message) from None


def known(item: Filter, term: Term, schema: Schema) -> Filter:
    """The filter without the conditions that cannot be asked in the schema: of a column that is gone, hidden from the
    reader, or of another type by now."""
    binder = Binder(schema)

    def kept(one: Compare) -> Compare | None:
        try:
            binder.path(one.field, term)
            asked = resolved(one, date.today())
            if not depends_on_reader(asked):
                binder.filter(asked, term)
        except InvalidRequest:
            return None
        return one

    return _mapped(item, kept) or EVERYTHING


def depends_on_reader(item: Filter) -> bool:
    """Whether a variable stands in it, which means something for one person only."""
    match item:
        case And(items) | Or(items):
            return any(map(depends_on_reader, items))
        case Not(inner):
            return depends_on_reader(inner)
        case Compare(value=value):
            return any(isinstance(one, Variable) for one in (value if isinstance(value, tuple) else (value,)))
    return False


def _mapped(item: Filter, change: Callable[[Compare], Compare | None]) -> Filter | None:
    """The filter with each comparison changed; where that gives nothing, its place is left out of what it stood in."""
    match item:
        case Compare():
            return change(item)
        case Search():
            return item
        case Not(inner):
            found = _mapped(inner, change)
            return None if found is None else Not(found)
        case And(items) | Or(items):
            parts = [part for one in items if (part := _mapped(one, change)) is not None]
            if not parts and items:
                return None
            return parts[0] if len(parts) == 1 else type(item)(tuple(parts))
    return item
