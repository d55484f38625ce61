"""One statement that answers what may be done with given records: the question of every write."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from psycopg.sql import Composable

from qdm.access import Access, Action
from qdm.query.bound import TRUE
from qdm.query.rights import Rights
from qdm.query.scope import Build, Scope
from qdm.query.statement import Params, Statement
from qdm.query.text import SQL
from qdm.schema import Requisite, Term

#: Aliases of the second set of rights begin here, so that no two of one statement are the same.
SECOND = 1000


def permitted(
    access: Access, term: Term, ids: Iterable[int], action: Action, requisites: Sequence[Requisite]
) -> Statement:
    """Rows: id, whether it is seen, whether the action is allowed on it, and for each requisite whether on its cell."""
    build = Build(access.schema.pg_schema, Rights(access), Params())
    scope = Scope(build, term)
    acting = Scope(replace(build, rights=Rights(access, action), aliases=SECOND), term, alias=scope.alias)
    columns = [scope.column("id"), _flag(scope.visible()), _flag(acting.visible())]
    columns += [_flag(acting.readable(requisite)) for requisite in requisites]
    wanted = build.params.bind(list(ids), SQL("bigint[]"))
    return Statement(
        SQL("SELECT {} FROM {} WHERE {} = ANY({})").format(
            SQL(", ").join(columns), scope.table, scope.column("id"), wanted
        ),
        build.params.values,
    )


def unconditional(access: Access, term: Term, action: Action, requisites: Sequence[Requisite]) -> bool:
    """Whether the answer is yes for every record, so that nobody has to ask."""
    rights = Rights(access, action)
    return (
        Rights(access).rows(term.id) == TRUE
        and rights.rows(term.id) == TRUE
        and all(rights.field(requisite) == TRUE for requisite in requisites)
    )


def _flag(condition: Composable | None) -> Composable:
    return SQL("TRUE") if condition is None else SQL("({}) IS TRUE").format(condition)
