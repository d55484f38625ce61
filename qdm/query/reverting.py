"""What taking a batch back comes to, counted in the database and under the rights of who asks."""

from psycopg.sql import Composable, Identifier, Literal

from qdm.access import Access
from qdm.query.lookups import all_sql
from qdm.query.rights import Rights
from qdm.query.scope import Build, Scope
from qdm.query.statement import Params, Statement
from qdm.query.text import SQL
from qdm.schema import Term

_STANDING = SQL("""
WITH found AS MATERIALIZED (SELECT f.* FROM ({found}) AS f JOIN {table} ON {id} = f.record WHERE {seen})
SELECT a.cells, a.made, a.conflicts, a.newest, c.record, c.key, c.made, c.returns, b.at, b.actor_name
FROM (
  SELECT count(*) FILTER (WHERE NOT made) AS cells, count(*) FILTER (WHERE key IS NULL) AS made,
         count(ver) AS conflicts, max(ver) AS newest
  FROM found
) AS a
LEFT JOIN (SELECT * FROM found WHERE ver IS NOT NULL ORDER BY ver DESC, record, key LIMIT {limit}) AS c ON TRUE
LEFT JOIN {batch} AS b ON b.id = c.batch
ORDER BY c.ver DESC, c.record, c.key
""")


def standing(access: Access, term: Term, found: Composable, batch_id: int, limit: int) -> Statement:
    """How many cells would be put back and records removed, how many cells of them have been changed since and up to
    which stamp; and of those, newest first, record, key, whether the record goes, what would return, when and who.

    ``found``: the statement of what the batch did to the table. One row at least. Only of records one sees, in the
    columns one may read in them.
    """
    build = Build(access.schema.pg_schema, Rights(access), Params())
    scope = Scope(build, term)
    rights = [readable_key(scope, term, SQL("f.key"))]
    if (seen := scope.visible()) is not None:
        rights.append(seen)
    sql = _STANDING.format(
        found=found,
        table=scope.table,
        id=scope.column("id"),
        seen=all_sql(rights),
        limit=build.params.bind(limit),
        batch=Identifier(build.pg_schema, "batch"),
    )
    multiple = [str(r.id) for r in term.cells if r.multiple]
    return Statement(sql, build.params.values | {"batch": batch_id, "term": term.id, "multiple": multiple})


def readable_key(scope: Scope, term: Term, key: Composable) -> Composable:
    """Whether the column a key of the history names may be read in the row; no key says nothing that could not."""
    arms: list[Composable] = [SQL("WHEN 'val' THEN TRUE")]
    for requisite in term.cells:
        condition = scope.readable(requisite)
        shown = SQL("TRUE") if condition is None else SQL("({}) IS TRUE").format(condition)
        arms.append(SQL("WHEN {} THEN {}").format(Literal(str(requisite.id)), shown))
    return SQL("CASE {} {} ELSE {} IS NULL END").format(key, SQL(" ").join(arms), key)
