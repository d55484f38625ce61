"""The same records three times: as nodes with their projection, as a flat typed table, as cells with the reference's
indexes. Ten columns beside the main one, values of uneven frequency, one reference."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from qdm.access import Access
from qdm.schema import Schema
from qdm.selectors import structure
from qdm.services import tables, workspaces
from qdm.services.column_types import Spec
from qdm.types.base import BaseType

SLUG = "bench"
PG_SCHEMA = "ws_bench"
CHUNK = 50_000
#: First node id of the records; each takes NODES ids.
FIRST = 1_000_000
NODES = 11

#: Column -> type, and the text of record i (a bigint). Cities are skewed: i % 97 makes one in three the first ten.
COLUMNS: dict[str, tuple[BaseType, str]] = {
    "Город": (BaseType.CHARS, "'Город ' || case when i % 3 = 0 then i % 10 else (i * 7919) % 2000 end"),
    "Контакт": (BaseType.CHARS, "'Контакт ' || md5(i::text)"),
    "Сумма": (BaseType.NUMBER, "((i * 2654435761) % 1000000)::text || '.50'"),
    "Вес": (BaseType.FLOAT, "((i * 40503) % 10000 / 8.0)::text"),
    "День": (BaseType.DATE, "to_char(date '2020-01-01' + ((i * 31) % 2000)::int, 'YYYY-MM-DD')"),
    "Когда": (
        BaseType.DATETIME,
        "to_char(timestamp '2020-01-01' + (i % 5000000) * interval '1 minute', 'YYYY-MM-DD\"T\"HH24:MI:SS')",
    ),
    "Срочно": (BaseType.BOOLEAN, "case when i % 10 = 0 then '1' else '0' end"),
    "Примечание": (BaseType.MEMO, "'Текст ' || md5((i * 3)::text) || ' ' || md5((i * 5)::text)"),
    "Статус": (BaseType.CHARS, "(array['новый', 'в работе', 'отгружен', 'закрыт'])[1 + (i * 13) % 4]"),
}
CUSTOMER = "Клиент"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Where the records lie: term ids, requisite ids by column name, number of records and of customers."""

    schema: Schema
    term_id: int
    customer_id: int
    columns: dict[str, int]
    size: int
    customers: int

    @property
    def access(self) -> Access:
        return Access.system(self.schema, "bench")


def standing() -> Dataset:
    """The workspace ``bench`` as an earlier run has built it."""
    schema = structure.schema(SLUG)
    term = next(term for term in schema.terms.values() if term.title == "Заказы")
    customer = next(r.target for r in term.requisites if r.target is not None)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema.pg_schema, term.table)))
        (size,) = cursor.fetchone()
    return Dataset(schema, term.id, customer, {r.name: r.id for r in term.requisites}, size, max(size // 100, 10))


def build(size: int, *, compared: bool = True) -> tuple[Dataset, dict[str, float]]:
    """Make the workspace ``bench`` anew with so many records; seconds each part took. ``compared``: and the same
    records as a flat table and as cells."""
    spent: dict[str, float] = {}
    from qdm.models import Workspace

    if Workspace.objects.filter(slug=SLUG).exists():
        workspaces.drop(SLUG, SLUG)
    workspaces.create(SLUG, "Bench")
    customer = tables.create("Клиенты", [Spec("ИНН", BaseType.CHARS)], access=_access())
    term_id = tables.create(
        "Заказы",
        [*(Spec(name, base) for name, (base, _text) in COLUMNS.items()), Spec(CUSTOMER, target=customer)],
        access=_access(),
    )
    customers = max(size // 100, 10)
    columns = {r.name: r.id for r in structure.schema(SLUG).terms[term_id].requisites}
    begun = time.perf_counter()
    _run(
        "insert into ws_bench.node (id, up, t, val) select i, 1, {t}, 'Клиент ' || i from generate_series({a}, {b}) i",
        t=customer, a=200_000, b=200_000 + customers - 1,
    )  # fmt: skip
    cells = [f"(i * {NODES} + {FIRST + n}, i * {NODES} + {FIRST}, {columns[name]}, {text})"
             for n, (name, (_base, text)) in enumerate(COLUMNS.items(), 1)]  # fmt: skip
    cells.append(
        f"(i * {NODES} + {FIRST + 10}, i * {NODES} + {FIRST}, 200000 + (i * 17) % {customers}, '{columns[CUSTOMER]}')"
    )
    for start in range(0, size, CHUNK):
        _run(
            "insert into ws_bench.node (id, up, t, val) "
            f"select v.* from generate_series({{a}}, {{b}}) g(n), lateral (select n::bigint as i) s, lateral (values "
            f"(i * {NODES} + {FIRST}, 1::bigint, {term_id}::bigint, 'Заказ ' || lpad(i::text, 9, '0')), {', '.join(cells)}) v",
            a=start, b=min(start + CHUNK, size) - 1,
        )  # fmt: skip
    spent["nodes, projection and history, in one pass by triggers"] = time.perf_counter() - begun
    _run("select setval('ws_bench.node_id_seq', (select max(id) from ws_bench.node))")
    schema = structure.schema(SLUG)
    dataset = Dataset(schema, term_id, customer, columns, size, customers)
    _index(f"t_{term_id}", lambda column: f"r{columns[column]}")
    if compared:
        spent |= _comparators(dataset)
    for node_id in (term_id, customer):
        _run(f"vacuum analyze {PG_SCHEMA}.t_{node_id}")
    return dataset, spent


def _access() -> Access:
    return Access.system(structure.schema(SLUG), "bench")


def _index(table: str, name: Callable[[str], str]) -> None:
    """Indexes on the columns asked for."""
    for column in ("Город", "Статус"):
        _run(f'create index on {PG_SCHEMA}.{table} ((qdm.key({name(column)}) collate "C"), id)')
    for column in ("Сумма", "День"):
        _run(f"create index on {PG_SCHEMA}.{table} ({name(column)}, id)")


def _comparators(dataset: Dataset) -> dict[str, float]:
    """The flat table with the same indexes, and the cells."""
    spent = {}
    columns = ", ".join(f'r{node_id} as "{name}"' for name, node_id in dataset.columns.items())
    _run("drop table if exists ws_bench.flat; drop table if exists ws_bench.cells")
    begun = time.perf_counter()
    _run(
        f"create table ws_bench.flat as select id, up, val, skey, {columns} from ws_bench.t_{dataset.term_id} order by id"
    )
    spent["flat table from the projection, no indexes"] = time.perf_counter() - begun
    _index("flat", lambda column: f'"{column}"')
    _run('create unique index on ws_bench.flat (id); create index on ws_bench.flat (skey, id); '
         f'create index on ws_bench.flat ("{CUSTOMER}", id)')  # fmt: skip
    begun = time.perf_counter()
    _run("create table ws_bench.cells as select * from ws_bench.node")
    _run("create unique index on ws_bench.cells (id); create index on ws_bench.cells (up, t); "
         "create index on ws_bench.cells (t, lower(left(val, 127)))")  # fmt: skip
    spent["cells with the reference's indexes"] = time.perf_counter() - begun
    for table in ("flat", "cells", "node"):
        _run(f"vacuum analyze ws_bench.{table}")
    return spent


def _run(text: str, **numbers: int) -> None:
    """Statements of the bench itself: text of this file and whole numbers only."""
    statement = sql.SQL(text).format(**{k: sql.Literal(v) for k, v in numbers.items()}) if numbers else sql.SQL(text)
    with connection.cursor() as cursor:
        cursor.execute(statement)  # type: ignore[arg-type]


def sizes(dataset: Dataset) -> dict[str, int]:
    """Bytes with indexes of each store."""
    found = {}
    for name, table in (("node", "node"), ("projection", f"t_{dataset.term_id}"), ("history", "change"),
                        ("flat", "flat"), ("cells", "cells")):  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("select pg_total_relation_size(%s)", [f"ws_bench.{table}"])
            (found[name],) = cursor.fetchone()
    return found
