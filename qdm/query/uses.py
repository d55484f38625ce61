"""What a question asks a table by: the columns an index could help with."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from qdm.query import inside
from qdm.query.ast import Op
from qdm.query.bound import All, Any, Bound, BoundSort, Field, Inverse, Linked, Special, Test

#: s: sorted or compared, g: looked into, n: looked into for a text too short for any index.
Kind = Literal["s", "g", "n"]
_INSIDE = frozenset({Op.CONTAINS, Op.ENDS})
_NO_INDEX = frozenset({Op.BAD, Op.NOT_EMPTY})


class Use(NamedTuple):
    """``requisite_id`` 0: the main value."""

    term_id: int
    requisite_id: int
    kind: Kind


class RuleUse(NamedTuple):
    """Rows that a rule of the rights picks by values of the column ``rule_id`` are sorted by ``requisite_id``; 0: the
    main value."""

    term_id: int
    rule_id: int
    requisite_id: int


def uses(item: Bound, sorts: Sequence[BoundSort]) -> set[Use]:
    """Of the filter every column compared with something, of the order its first key: the others follow it."""
    found = set(_of(item))
    if sorts and not sorts[0].path.hops:
        found.update(_use(sorts[0].path.field, "s"))
    return found


def _of(item: Bound) -> Iterator[Use]:
    match item:
        case Test(field, op, values) if op in _INSIDE:
            yield from _use(field, "g" if inside.is_long_enough(values[0]) else "n")
        case Test(field, op) if op not in _NO_INDEX:
            yield from _use(field, "s")
        case Linked(_hop, inner):
            yield from _of(inner)
        case All(items) | Any(items):
            for part in items:
                yield from _of(part)
        case Inverse():
            pass  # what is left over is most of the table


def _use(field: Field, kind: Kind) -> Iterator[Use]:
    if field.requisite is not None:
        yield Use(field.term.id, field.requisite.id, kind)
    elif field.of is Special.MAIN:
        yield Use(field.term.id, 0, kind)
