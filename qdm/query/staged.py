"""Rows laid out in a temporary table beside the records of a term, and compared with them as sets.

A staged row has its number (``line``), whether it is to be looked at whatever it says (``odd``), and a typed value for
each of the fields, NULL where it is empty. Records are those the Access sees, each cell as far as it may be read, so
that nothing can be found out by staging guesses.
"""

from collections.abc import Sequence

from psycopg.sql import Composable, Identifier

from qdm.query import lookups
from qdm.query.bound import TRUE, Field, Special
from qdm.query.compiler import Compiler
from qdm.query.lookups import Kind, all_sql, any_sql
from qdm.query.scope import Scope
from qdm.query.statement import Statement
from qdm.query.text import SQL
from qdm.schema import Requisite

TABLE = Identifier("pg_temp", "staged")


def create(fields: Sequence[Field]) -> Composable:
    """The table, gone with the transaction."""
    columns = [SQL("{} {}").format(_name(at), _type(field)) for at, field in enumerate(fields)]
    return SQL("CREATE TEMPORARY TABLE staged (line integer, odd boolean, {}) ON COMMIT DROP").format(
        SQL(", ").join(columns)
    )


def copy() -> Composable:
    return SQL("COPY {} FROM STDIN").format(TABLE)


def drop() -> Composable:
    return SQL("DROP TABLE {}").format(TABLE)


def differing(compiler: Compiler, fields: Sequence[Field], keys: Sequence[int]) -> Statement:
    """Line and record id, in the order of lines: every staged row but those that one record, matched by the fields at
    the places ``keys``, holds already. No id: there is no such record. Several rows of a line: there are several; and
    lines that name the same record are all there."""
    build = compiler.build()
    scope = Scope(build, fields[0].term)
    differs: list[Composable] = [SQL("s.odd"), SQL("r.id IS NULL"), SQL("r.bad IS NOT NULL")]
    differs += [
        SQL("r.{0} IS DISTINCT FROM s.{0}").format(_name(at)) for at in range(len(fields)) if at not in set(keys)
    ]
    pairs = SQL(
        "SELECT s.line, r.id, {} AS differs, count(*) OVER (PARTITION BY s.line) AS records,"
        " count(*) OVER (PARTITION BY r.id) AS lines FROM {} AS s LEFT JOIN ({}) AS r ON {}"
    ).format(any_sql(differs), TABLE, _records(compiler, scope, fields), _match(fields, keys))
    statement = SQL(
        "SELECT p.line, p.id FROM ({}) AS p WHERE p.differs OR p.records > 1 OR p.lines > 1 ORDER BY p.line, p.id"
    ).format(pairs)
    return Statement(statement, build.params.values)


def missing(compiler: Compiler, fields: Sequence[Field], keys: Sequence[int], bounds: Sequence[int]) -> Statement:
    """Ids of records that have what some staged row has in the fields ``bounds``, but whose keys no staged row has."""
    build = compiler.build()
    scope = Scope(build, fields[0].term)
    within = SQL("EXISTS (SELECT FROM {} AS s WHERE {})").format(TABLE, _match(fields, bounds))
    named = SQL("NOT EXISTS (SELECT FROM {} AS s WHERE {})").format(TABLE, _match(fields, keys))
    statement = SQL("SELECT r.id FROM ({}) AS r WHERE {} ORDER BY r.id").format(
        _records(compiler, scope, fields), all_sql([within, named])
    )
    return Statement(statement, build.params.values)


def _records(compiler: Compiler, scope: Scope, fields: Sequence[Field]) -> Composable:
    columns = [scope.column("id"), scope.column("bad"), SQL("{} AS key").format(scope.column("skey"))]
    columns += [SQL("{} AS {}").format(_value(scope, field), _name(at)) for at, field in enumerate(fields)]
    where = all_sql([SQL("TRUE"), *compiler.conditions(scope, TRUE)])
    return SQL("SELECT {} FROM {} WHERE {}").format(SQL(", ").join(columns), scope.source, where)


def _match(fields: Sequence[Field], places: Sequence[int]) -> Composable:
    """Equal in the fields at these places; by the main value as its index has it."""
    tests: list[Composable] = []
    for at in places:
        field = fields[at]
        if field.of is Special.MAIN and lookups.kind_of(field.base) is Kind.TEXT:
            tests.append(SQL("r.key = {}").format(lookups.text_key(SQL("s.{}").format(_name(at)))))
        tests.append(SQL("r.{0} = s.{0}").format(_name(at)))
    return all_sql(tests)


def _value(scope: Scope, field: Field) -> Composable:
    if isinstance(field.of, Requisite):
        return scope.cell(field.of)
    return scope.operand(field).value


def _type(field: Field) -> Composable:
    requisite = field.requisite
    kind = Kind.ID if requisite is not None and requisite.is_reference else lookups.kind_of(field.base)
    return SQL("{}[]").format(kind.cast) if field.multiple else kind.cast


def _name(at: int) -> Identifier:
    return Identifier(f"c{at}")
