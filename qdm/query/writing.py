"""What the writing side asks before and after it writes: which records it may touch, which records labels mean."""

from collections.abc import Iterable

from psycopg.sql import SQL, Composable

from qdm.access import Access, Action
from qdm.query.compiler import Compiler
from qdm.query.lookups import all_sql
from qdm.query.rights import Rights
from qdm.query.scope import Build, Scope
from qdm.query.statement import Params, Statement
from qdm.schema import Requisite, Term


def permitted(access: Access, term: Term, ids: Iterable[int], action: Action) -> Statement:
    """Ids of those of these records on which the action is allowed, as they stand now."""
    build = Build(access.schema.pg_schema, Rights(access, action), Params())
    scope = Scope(build, term)
    wanted: list[Composable] = [SQL("{} = ANY({})").format(scope.column("id"), build.params.bind(list(ids), SQL("bigint[]")))]
    if (allowed := scope.visible()) is not None:
        wanted.append(allowed)
    return Statement(
        SQL("SELECT {} FROM {} WHERE {}").format(scope.column("id"), scope.source, all_sql(wanted)),
        build.params.values,
    )


def labelled(access: Access, term: Term, labels: Iterable[str]) -> Statement:
    """Label and id of the records seen whose main value is one of these texts, compared without case."""
    compiler = Compiler(access)
    build = compiler.build()
    scope = Scope(build, term)
    keys = build.params.bind(list(labels), SQL("text[]"))
    wanted: list[Composable] = [
        SQL("{} = ANY(ARRAY(SELECT qdm.key(k) FROM unnest({}) AS k))").format(scope.column("skey"), keys),
        SQL("lower({val} COLLATE qdm.fold) = ANY(ARRAY(SELECT lower(k COLLATE qdm.fold) FROM unnest({}) AS k))").format(
            keys, val=scope.column("val")
        ),
    ]
    if (seen := scope.visible()) is not None:
        wanted.append(seen)
    return Statement(
        SQL("SELECT {}, {} FROM {} WHERE {}").format(
            scope.column("val"), scope.column("id"), scope.source, all_sql(wanted)
        ),
        build.params.values,
    )


def writable(access: Access, term: Term, requisite: Requisite, ids: Iterable[int]) -> Statement | None:
    """Ids of those of these records in which this cell may be written; None when in all of them."""
    build = Build(access.schema.pg_schema, Rights(access, Action.CHANGE), Params())
    scope = Scope(build, term)
    rule = scope.readable(requisite)
    if rule is None:
        return None
    wanted = SQL("{} = ANY({})").format(scope.column("id"), build.params.bind(list(ids), SQL("bigint[]")))
    return Statement(
        SQL("SELECT {} FROM {} WHERE {}").format(scope.column("id"), scope.source, all_sql([wanted, rule])),
        build.params.values,
    )
