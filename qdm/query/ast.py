"""What a question to a table is: a tree of frozen values, no names resolved, no SQL.

Built by the edges (URL filters, JSON filter trees, saved views) and by ``Access``; bound to a pruned schema by
``binder`` and turned into SQL by ``compiler``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

#: What a field is called in a question: a requisite id, a name (compared without case), or one of the specials below.
FieldRef = int | str
MAIN = "val"  #: the main value of the record
ID = "id"
UP = "up"  #: id of the parent record, 1 for none
MAX_ID = 2**63 - 1  #: ids are PostgreSQL's bigint


class Op(StrEnum):
    """Operators of a comparison; which type knows which is a closed table in ``lookups``."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    BETWEEN = "between"
    IN = "in"
    CONTAINS = "contains"
    STARTS = "starts"
    ENDS = "ends"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"
    BAD = "bad"  #: the stored text does not fit the column's type


@dataclass(frozen=True, slots=True)
class Compare:
    """``field op value``. Value: text as a person or program wrote it, a tuple for IN and BETWEEN, None for EMPTY.

    On a reference, text is compared with the label of the target and an int with its id.
    """

    field: FieldRef
    op: Op
    value: object = None


@dataclass(frozen=True, slots=True)
class Search:
    """Text found in any readable text column or main value of the record, or in a label it refers to."""

    text: str


@dataclass(frozen=True, slots=True)
class And:
    items: tuple["Filter", ...] = ()  #: empty: true


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple["Filter", ...] = ()  #: empty: false


@dataclass(frozen=True, slots=True)
class Not:
    item: "Filter"


# Said by Access only: no edge can make these, so that nobody reaches by a question what his rights do not give.


@dataclass(frozen=True, slots=True)
class RowIn:
    """The record's own id is one of these: rows granted one by one."""

    ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class RowInQuery:
    """The record's own id is found by a static statement of one column (text of a .sql file, ``%(name)s`` bound).

    Rows granted one by one, where they are too many to be carried as ids. ``there``: a statement that gives the id and
    the ``skey`` of those of them that are records, some more than once, so that these need not be looked up. It has
    the same parameters, and ``reach``: so many are asked for, the first of them in that order; null for all.
    """

    statement: str
    parameters: tuple[tuple[str, object], ...]
    there: str | None = None


@dataclass(frozen=True, slots=True)
class ParentIn:
    """The record's parent is a record of the table ``term`` for which ``filter`` holds."""

    term: int
    filter: "Filter"


@dataclass(frozen=True, slots=True)
class Unrestricted:
    """A filter in a rule of rights: resolved in the whole structure, cells and links read without rights.

    It decides which rows are seen, so it may ask about a column that is not.
    """

    filter: "Filter"


Filter = Compare | Search | And | Or | Not | RowIn | RowInQuery | ParentIn | Unrestricted
EVERYTHING = And()


def with_tests(item: Filter, change: Callable[[Filter], Filter]) -> Filter:
    """The same and, or and not around the tests that ``change`` gives for those of ``item``."""
    match item:
        case And(items):
            return And(tuple(with_tests(one, change) for one in items))
        case Or(items):
            return Or(tuple(with_tests(one, change) for one in items))
        case Not(inner):
            return Not(with_tests(inner, change))
    return change(item)


NOTHING = Or()


@dataclass(frozen=True, slots=True)
class Sort:
    field: FieldRef = MAIN
    descending: bool = False


#: In the place of a cursor: behind the last record.
END = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A page of one term's records.

    ``fields``: requisite ids or names to return, None for all readable. ``sorts`` empty: the table's own order (its
    ORDER modifier, else the main value), id always appended. ``after``/``before``: keyset cursor made by the selector
    (opaque text), ``before`` END the last records; ``offset`` is away from it. ``up``: only records of this parent;
    None for any.
    """

    filter: Filter = EVERYTHING
    sorts: tuple[Sort, ...] = ()
    fields: tuple[FieldRef, ...] | None = None
    up: int | None = None
    limit: int = 20
    offset: int = 0
    after: str | None = None
    before: str | None = None


class Function(StrEnum):
    """Aggregate functions; which type knows which is a closed table in ``lookups``."""

    COUNT = "count"  #: records in which the field is not empty
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"  #: different values, empty ones not counted; text without case


@dataclass(frozen=True, slots=True)
class Aggregate:
    function: Function
    field: FieldRef
