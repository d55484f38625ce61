"""The history of a table or of one row as a statement, under the rights of who asks."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.sql import Composable, Identifier, Literal

from qdm.access import Access
from qdm.query.lookups import all_sql, any_sql
from qdm.query.rights import Rights
from qdm.query.scope import Build, Scope
from qdm.query.statement import Params, Statement
from qdm.query.text import SQL
from qdm.schema import Term

_CHANGES = SQL("""
SELECT h.ver, h.record, {label}, b.id, b.at, b.actor_name, b.via, b.note, h.kind::text, h.before, h.after
FROM {change} AS h JOIN {batch} AS b ON b.id = h.batch {join}
WHERE {where} ORDER BY h.ver DESC, h.record DESC LIMIT {limit}
""")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes. ``column``: requisite id or 'val'; ``who``: a part of the name, without case; ``since`` and
    ``until``: moments, the second not included; ``via``: door; ``before``: stamp and record of the last one seen."""

    column: str | None = None
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None
    via: str = ""
    batch: int | None = None
    before: tuple[int, int] | None = None


def changes(
    access: Access, term: Term, asked: Asked, *, limit: int, record_id: int | None = None, above: int = 0
) -> Statement:
    """Newest first, of one record or of all: only of records one sees, only what touched a column one may read there.
    Where one sees every row of the table those in the trash are told of too. ``above``: no stamp but above this one.
    """
    build = Build(access.schema.pg_schema, Rights(access), Params())
    scope = Scope(build, term)
    bind = build.params.bind
    seen = scope.visible()
    where: list[Composable] = [SQL("h.term = {}").format(bind(term.id)), SQL("h.ver > {}").format(bind(above))]
    where += [_touched(scope, term, asked.column), *([] if seen is None else [seen])]
    if record_id is not None:
        where.append(SQL("h.record = {}").format(bind(record_id)))
    if asked.before is not None:
        where.append(SQL("(h.ver, h.record) < ({}::bigint, {}::bigint)").format(*map(bind, asked.before)))
    where += _of_batch(asked, build.params)
    joined = SQL("JOIN {} ON {} = h.record").format(scope.table, scope.column("id"))
    label: Composable = scope.column("val")
    if seen is None:
        node = SQL("LEFT JOIN {} AS n ON n.id = h.record").format(Identifier(build.pg_schema, "node"))
        joined = SQL("LEFT {} {}").format(joined, node)
        label = SQL("COALESCE({}, n.val)").format(label)
    sql = _CHANGES.format(
        label=label,
        change=Identifier(build.pg_schema, "change"),
        batch=Identifier(build.pg_schema, "batch"),
        join=joined,
        where=all_sql(where),
        limit=bind(limit),
    )
    return Statement(sql, build.params.values)


def _touched(scope: Scope, term: Term, column: str | None) -> Composable:
    """Whether the change has something to say: a column one may read in the row or, unless one column is asked for,
    that the row came or went."""
    arms: list[Composable] = [] if column else [SQL("h.kind <> 'u'"), _has("up")]
    if column in (None, "val"):
        arms.append(_has("val"))
    for requisite in term.cells:
        if column in (None, str(requisite.id)):
            readable = scope.readable(requisite)
            arms.append(all_sql([_has(str(requisite.id)), *([] if readable is None else [readable])]))
    return any_sql(arms)


def _has(key: str) -> Composable:
    return SQL("(COALESCE(h.before ? {0}, FALSE) OR COALESCE(h.after ? {0}, FALSE))").format(Literal(key))


def _of_batch(asked: Asked, params: Params) -> list[Composable]:
    found: list[Composable] = []
    if asked.who:
        found.append(SQL("position(lower({}) IN lower(b.actor_name)) > 0").format(params.bind(asked.who, SQL("text"))))
    if asked.since is not None:
        found.append(SQL("b.at >= {}").format(params.bind(asked.since)))
    if asked.until is not None:
        found.append(SQL("b.at < {}").format(params.bind(asked.until)))
    if asked.via:
        found.append(SQL("b.via = {}").format(params.bind(asked.via)))
    if asked.batch is not None:
        found.append(SQL("h.batch = {}").format(params.bind(asked.batch)))
    return found
