"""The one closed table: which operator and which aggregate on which kind of value, and how it is SQL.

Text is compared without case, by ``qdm.key``: the lower case of the first 127 characters, in byte order, which is what
the indexes hold (``(qdm.key(r…) collate "C", id)``). Where a value is longer than that the whole text is compared too.
``contains``, ``starts`` and ``ends`` take every character literally and work on any kind through its canonical text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from psycopg import sql
from psycopg.sql import Composable

from qdm.query.ast import Function, Op
from qdm.query.statement import Params
from qdm.query.text import SQL
from qdm.types import codec
from qdm.types.base import BaseType

#: Characters of a text that ``qdm.key`` keeps.
KEY_LENGTH = 127


class Kind(Enum):
    """How values are compared; the value is the SQL type of such a column."""

    TEXT = "text"
    NUMERIC = "numeric"
    FLOAT = "double precision"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"
    UUID = "uuid"
    ID = "bigint"

    @property
    def cast(self) -> SQL:
        return _CASTS[self]


_CASTS: Mapping[Kind, SQL] = {
    Kind.TEXT: SQL("text"),
    Kind.NUMERIC: SQL("numeric"),
    Kind.FLOAT: SQL("double precision"),
    Kind.DATE: SQL("date"),
    Kind.TIMESTAMP: SQL("timestamp"),
    Kind.BOOLEAN: SQL("boolean"),
    Kind.UUID: SQL("uuid"),
    Kind.ID: SQL("bigint"),
}


@cache
def kind_of(base: BaseType | None) -> Kind:
    """Kind of a base type; None (ids) is ID."""
    return Kind.ID if base is None else Kind(codec(base).sql_type)


@dataclass(frozen=True, slots=True)
class Operand:
    """One value of a record in SQL. ``key`` is what it is ordered and compared by: for text the folded key."""

    kind: Kind
    value: Composable
    key: Composable

    @classmethod
    def of(cls, kind: Kind, value: Composable, key: Composable | None = None) -> "Operand":
        if key is None:
            key = text_key(value) if kind is Kind.TEXT else value
        return cls(kind, value, key)


def text_key(value: Composable) -> Composable:
    # A function call takes the collation of its arguments, whatever its body says: the order must be spelt out.
    return SQL('(qdm.key({}) COLLATE "C")').format(value)


def folded(text: Composable) -> Composable:
    """The whole text in lower case, Cyrillic included."""
    return SQL("lower({} COLLATE qdm.fold)").format(text)


def canonical(kind: Kind, value: Composable) -> Composable:
    """SQL of the canonical text (qdm/types) of a value; ids stay numbers."""
    match kind:
        case Kind.TEXT | Kind.ID:
            return value
        case Kind.DATE:
            return SQL("to_char({}, 'YYYY-MM-DD')").format(value)
        case Kind.TIMESTAMP:
            return SQL(
                "to_char({0}, CASE WHEN {0} = date_trunc('second', {0})"
                """ THEN 'YYYY-MM-DD"T"HH24:MI:SS' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US' END)"""
            ).format(value)
        case Kind.BOOLEAN:
            return SQL("({})::int::text").format(value)
        case Kind.FLOAT:
            # PostgreSQL writes an exponent from 1e15 on, Python's repr (the codec) from 1e16 on.
            return SQL(
                "CASE WHEN abs({0}) >= 1e15 AND abs({0}) < 1e16 AND {0} = trunc({0})"
                " THEN ({0})::bigint::text ELSE ({0})::text END"
            ).format(value)
        case _:
            return SQL("({})::text").format(value)


Lookup = Callable[[Operand, tuple[str, ...], Params], Composable]


def _compare(operator: SQL) -> Lookup:
    def lookup(operand: Operand, values: tuple[str, ...], params: Params) -> Composable:
        return SQL("{} {} {}").format(operand.key, operator, _bound(operand.kind, values[0], params))

    return lookup


def _bound(kind: Kind, value: str, params: Params) -> Composable:
    if kind is Kind.TEXT:
        return text_key(params.bind(value, SQL("text")))
    return params.bind(value, kind.cast)


def _between(operand: Operand, values: tuple[str, ...], params: Params) -> Composable:
    low, high = (_bound(operand.kind, value, params) for value in values)
    return SQL("({0} >= {1} AND {0} <= {2})").format(operand.key, low, high)


def _equal(operand: Operand, values: tuple[str, ...], params: Params) -> Composable:
    same = _compare(SQL("="))(operand, values, params)
    if operand.kind is Kind.TEXT and len(values[0]) >= KEY_LENGTH:
        whole = SQL("{} = {}").format(folded(operand.value), folded(params.bind(values[0], SQL("text"))))
        return SQL("({} AND {})").format(same, whole)
    return same


def _in(operand: Operand, values: tuple[str, ...], params: Params) -> Composable:
    if operand.kind is Kind.TEXT:
        texts = [params.bind(value, SQL("text")) for value in values]
        # An array of constants once the values are in it: hashed where it is long.
        same = SQL("{} = ANY(ARRAY[{}])").format(operand.key, SQL(", ").join([text_key(text) for text in texts]))
        if max(map(len, values)) < KEY_LENGTH:
            return same
        whole = SQL(", ").join([folded(text) for text in texts])
        return SQL("({} AND {} = ANY(ARRAY[{}]))").format(same, folded(operand.value), whole)
    if operand.kind is Kind.ID:
        return SQL("{} = ANY({})").format(operand.key, params.ids(map(int, values)))
    array = params.bind(list(values), SQL("{}[]").format(operand.kind.cast))
    return SQL("{} = ANY({})").format(operand.key, array)


def _like(before: str, after: str) -> Lookup:
    def lookup(operand: Operand, values: tuple[str, ...], params: Params) -> Composable:
        text = canonical(operand.kind, operand.value)
        if operand.kind is Kind.ID:
            text = SQL("({})::text").format(text)
        pattern = params.bind(f"{before}{escaped(values[0])}{after}", SQL("text"))
        return SQL("{} LIKE {}").format(folded(text), folded(pattern))

    return lookup


def _starts(operand: Operand, values: tuple[str, ...], params: Params) -> Composable:
    if operand.kind is not Kind.TEXT:
        return _like("", "%")(operand, values, params)
    # On the key, because that is indexed: a constant prefix becomes a range.
    head = params.bind(f"{escaped(values[0][:KEY_LENGTH])}%", SQL("text"))
    prefix = SQL('{} LIKE ({} COLLATE "C")').format(operand.key, folded(head))
    if len(values[0]) <= KEY_LENGTH:
        return prefix
    return SQL("({} AND {})").format(prefix, _like("", "%")(operand, values, params))


def _not_empty(operand: Operand, values: tuple[str, ...], params: Params) -> Composable:
    if operand.kind is Kind.TEXT:
        return SQL("{} <> ''").format(operand.value)
    return SQL("{} IS NOT NULL").format(operand.value)


def escaped(text: str) -> str:
    """The text as a LIKE pattern that matches only itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def any_sql(items: Sequence[Composable]) -> Composable:
    """Disjunction; of nothing: false."""
    return SQL("({})").format(SQL(" OR ").join(items)) if items else SQL("FALSE")


def all_sql(items: Sequence[Composable]) -> Composable:
    """Conjunction; of nothing: true."""
    return SQL("({})").format(SQL(" AND ").join(items)) if items else SQL("TRUE")


_SAME: dict[Op, Lookup] = {Op.EQ: _equal, Op.IN: _in, Op.NOT_EMPTY: _not_empty}
_ORDER: dict[Op, Lookup] = {
    Op.LT: _compare(SQL("<")),
    Op.LE: _compare(SQL("<=")),
    Op.GT: _compare(SQL(">")),
    Op.GE: _compare(SQL(">=")),
    Op.BETWEEN: _between,
}
_PARTS: dict[Op, Lookup] = {Op.CONTAINS: _like("%", "%"), Op.STARTS: _starts, Op.ENDS: _like("%", "")}

#: The table. BAD is not in it: it asks the record's ``bad`` column, not the value, and every kind knows it.
LOOKUPS: Mapping[Kind, Mapping[Op, Lookup]] = {
    Kind.TEXT: _SAME | _ORDER | _PARTS,
    Kind.NUMERIC: _SAME | _ORDER | _PARTS,
    Kind.FLOAT: _SAME | _ORDER | _PARTS,
    Kind.DATE: _SAME | _ORDER | _PARTS,
    Kind.TIMESTAMP: _SAME | _ORDER | _PARTS,
    Kind.BOOLEAN: _SAME,
    Kind.UUID: _SAME | _PARTS,
    Kind.ID: _SAME | _ORDER,
}
#: Operators whose value is text to be found in the canonical text, not a value of the column's type.
TEXT_OPERATORS = frozenset(_PARTS)

_AGGREGATES: Mapping[Function, SQL] = {
    Function.SUM: SQL("sum({})"),
    # avg() of double precision fails where a square overflows, which the mean itself has no need of.
    Function.AVG: SQL("(sum({0}) / nullif(count({0}), 0))"),
    Function.MIN: SQL("min({})"),
    Function.MAX: SQL("max({})"),
}
_ENDS = frozenset({Function.MIN, Function.MAX})
#: Which kind knows which aggregate. COUNT and DISTINCT are not in it: they count what is not empty, of every kind.
AGGREGATES: Mapping[Kind, frozenset[Function]] = {
    Kind.NUMERIC: frozenset(_AGGREGATES),
    Kind.FLOAT: frozenset(_AGGREGATES),
    Kind.DATE: _ENDS,
    Kind.TIMESTAMP: _ENDS,
    Kind.ID: _ENDS,
}


def aggregate(function: Function, operand: Operand) -> Composable:
    """SQL of the aggregate as canonical text. The kind must know the function."""
    result = _AGGREGATES[function].format(operand.value)
    return SQL("({})::text").format(result) if operand.kind is Kind.ID else canonical(operand.kind, result)


def test(op: Op, operand: Operand, values: tuple[str, ...], params: Params) -> sql.Composable:
    """SQL of ``operand op values``; the kind must know the operator."""
    return LOOKUPS[operand.kind][op](operand, values, params)
