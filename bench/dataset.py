"""The same records three times: as nodes with their projection, as a flat typed table, as cells with the reference's
indexes. Ten columns beside the main one, values of uneven frequency, one reference."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from qdm.access import Access
from qdm.managers import indexing
from qdm.schema import Schema
from qdm.selectors import structure
from qdm.services import tables, workspaces
from qdm.services.column_types import Spec
from qdm.types.base import BaseType

SLUG = "bench"
PG_SCHEMA = "ws_bench"
CHUNK = 20_000
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
#: Columns with an index, in the projection and in the flat table.
TEXT_INDEXES = ("Город", "Статус")
VALUE_INDEXES = ("Сумма", "День")
LOADED = "nodes, projection and history, in one pass by triggers"
INDEXED = "node and projection: their own indexes"
TRIGRAMS = "projection: index of the trigrams of its texts"
FLAT = "flat: COPY of the file"


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


def build(
    size: int, *, compared: bool = True, cells: bool = True, resume: bool = False
) -> tuple[Dataset, dict[str, float]]:
    """The workspace ``bench`` with so many records, and the seconds each part took, those of earlier runs too.

    ``compared``: and the same records as a flat table and, unless ``cells`` is False, as the reference's cells.
    ``resume``: an earlier call that was cut short goes
    on behind what it committed, and a whole one stands. Memory does not grow with the size: a chunk is one statement
    whose rows the server keeps on disk.
    """
    from qdm.models import Workspace

    if Workspace.objects.filter(slug=SLUG).exists() and not (resume and _size() == size):
        workspaces.drop(SLUG, SLUG)
    if not Workspace.objects.filter(slug=SLUG).exists():
        workspaces.create(SLUG, "Bench")
        customer = tables.create("Клиенты", [Spec("ИНН", BaseType.CHARS)], access=_access())
        tables.create(
            "Заказы",
            [*(Spec(name, base) for name, (base, _text) in COLUMNS.items()), Spec(CUSTOMER, target=customer)],
            access=_access(),
        )
        _run(
            "create table ws_bench.built (size bigint, part text primary key, seconds float8); "
            "insert into ws_bench.built values ({size}, '', 0)",
            size=size,
        )
    dataset = standing(size)
    _load(dataset)
    _indexes(dataset)
    if compared:
        _flat(dataset)
    if compared and cells:
        _cells(dataset)
    for table in ("node", f"t_{dataset.term_id}", f"t_{dataset.customer_id}", *(["flat"] if compared else [])):
        with _part(f"vacuum {table}") as due:
            if due:
                _run(f"vacuum analyze ws_bench.{table}")
    return standing(size), {
        part: seconds for part, seconds in _rows("select part, seconds from ws_bench.built") if part
    }


def standing(size: int | None = None) -> Dataset:
    """The workspace ``bench`` as an earlier run has built it."""
    schema = structure.schema(SLUG)
    term = next(term for term in schema.terms.values() if term.title == "Заказы")
    customer = next(r.target for r in term.requisites if r.target is not None)
    if size is None:
        size = int(_rows(f"select count(*) from ws_bench.{term.table}")[0][0])
    return Dataset(schema, term.id, customer, {r.name: r.id for r in term.requisites}, size, max(size // 100, 10))


def _size() -> int:
    if _rows("select to_regclass('ws_bench.built')")[0][0] is None:
        return 0
    return int(_rows("select max(size) from ws_bench.built")[0][0])


@contextmanager
def _part(name: str, *, chunk: bool = False) -> Iterator[bool]:
    """A part of the work, its seconds kept with it; False where it is done already. A ``chunk`` adds to its part."""
    if not chunk and _rows("select 1 from ws_bench.built where part = %s", name):
        yield False
        return
    begun = time.perf_counter()
    yield True
    _rows(
        "insert into ws_bench.built (part, seconds) values (%s, %s) "
        "on conflict (part) do update set seconds = built.seconds + excluded.seconds returning 1",
        name,
        time.perf_counter() - begun,
    )


def _load(dataset: Dataset) -> None:
    """Records with all their cells, chunk by chunk, each one COPY and one transaction: nodes, projection and history.

    The rows come from a file on the server, as those of the flat table do; to write it is no part of the load. What
    the product's loader tells the triggers is told here: records are whole, texts canonical. Indexes that no statement
    of the load needs are made of what is there, afterwards.
    """
    size, term_id, columns, customers = dataset.size, dataset.term_id, dataset.columns, dataset.customers
    link = columns[CUSTOMER]
    if not _rows("select 1 from ws_bench.node where id = 200000"):
        _run(
            "insert into ws_bench.node (id, up, t, val) select i, 1, {t}, 'Клиент ' || i from generate_series({a}, {b}) i",
            t=dataset.customer_id, a=200_000, b=200_000 + customers - 1,
        )  # fmt: skip
    if not _rows("select 1 from ws_bench.built where part = %s", INDEXED):
        _run(
            "drop index if exists ws_bench.node_up_t, ws_bench.node_t; "
            "alter table ws_bench.node drop constraint if exists node_pkey; "
            "select qdm.load_into('ws_bench', array[{term}])",
            term=term_id,
        )
    cells = [f"(i * {NODES} + {FIRST + n}, i * {NODES} + {FIRST}, {columns[name]}, {text})"
             for n, (name, (_base, text)) in enumerate(COLUMNS.items(), 1)]  # fmt: skip
    cells.append(f"(i * {NODES} + {FIRST + 10}, i * {NODES} + {FIRST}, 200000 + (i * 17) % {customers}, '{link}')")
    sure = json.dumps({columns[name]: int(base) for name, (base, _text) in COLUMNS.items()})
    file = _rows("select current_setting('data_directory')")[0][0] + "/nodes.copy"
    (last,) = _rows("select max(id) from ws_bench.node")[0]
    begin = 0 if last < FIRST else (last - FIRST) // NODES + 1
    for start in range(begin, size, CHUNK):
        end = min(start + CHUNK, size)
        _run(
            "copy (select v.* from generate_series({a}, {b}) g(n), lateral (select n::bigint as i) s, lateral (values "
            f"(i * {NODES} + {FIRST}, 1::bigint, {term_id}::bigint, 'Заказ ' || lpad(i::text, 9, '0')), {', '.join(cells)}) v"
            ") to {file}",
            a=start, b=end - 1, file=file,
        )  # fmt: skip
        with _part(LOADED, chunk=True), transaction.atomic():
            _run("set local synchronous_commit = off; set local work_mem = '64MB'")
            _rows("select set_config('qdm.whole_records', 'on', true), set_config('qdm.sure_columns', %s, true)", sure)
            _run("copy ws_bench.node (id, up, t, val) from {file}", file=file)
        if end % (10 * CHUNK) == 0 or end == size:
            print(f"{end:,} of {size:,} records", flush=True)
    _run("copy (select) to program {command}", command=f"rm -f '{file}'")


def _indexes(dataset: Dataset) -> None:
    term_id = dataset.term_id
    with _part(INDEXED) as due:
        if due:
            _run("select setval('ws_bench.node_id_seq', (select max(id) from ws_bench.node))")
            _run("set maintenance_work_mem = '512MB'")
            _run("select qdm.index_nodes('ws_bench')")
            with transaction.atomic():
                _run("select qdm.enter('ws_bench')")
                _run("select qdm.index({term})", term=term_id)
    with _part("projection: indexes of the columns asked for") as due:
        if due:
            for name in TEXT_INDEXES:
                i = dataset.columns[name]
                _run(
                    f"create index if not exists t_{term_id}_s{i} on ws_bench.t_{term_id} "
                    f'((qdm.key(r{i}) collate "C"), id)'
                )
            for name in VALUE_INDEXES:
                i = dataset.columns[name]
                _run(f"create index if not exists t_{term_id}_s{i} on ws_bench.t_{term_id} (r{i}, id)")
            # As if people had asked so: the worker of a bench that runs everything would drop them.
            for name in TEXT_INDEXES + VALUE_INDEXES:
                _rows(
                    "insert into qdm.column_use values ('ws_bench', %s, %s, 's', 1000, now()) "
                    "on conflict (ws, term, requisite, kind) do update set last = now() returning 1",
                    term_id,
                    dataset.columns[name],
                )

    with _part(TRIGRAMS) as due:
        if due:
            _rows(
                "insert into qdm.column_use values ('ws_bench', %s, 0, 'g', 1000, now()) "
                "on conflict (ws, term, requisite, kind) do update set last = now() returning 1",
                term_id,
            )
            indexing.tend(PG_SCHEMA)


def _flat(dataset: Dataset) -> None:
    """The flat typed table: COPY of a file on the server, then the same indexes."""
    columns = ", ".join(f'r{node_id} as "{name}"' for name, node_id in dataset.columns.items())
    select = f"select id, up, val, skey, {columns} from ws_bench.t_{dataset.term_id}"
    file = _rows("select current_setting('data_directory')")[0][0] + "/flat.copy"
    with _part("flat: written to a file") as due:
        if due:
            _run(f"create table if not exists ws_bench.flat as {select} where false")
            _run(f"copy ({select} order by id) to '{file}'")
    with _part(FLAT) as due:
        if due:
            _run(f"truncate ws_bench.flat; set synchronous_commit = off; copy ws_bench.flat from '{file}'")
            _run(f"copy (select) to program 'rm -f \"{file}\"'")
    with _part("flat: indexes") as due:
        if due:
            _run("set maintenance_work_mem = '512MB'")
            _run("create unique index if not exists flat_id on ws_bench.flat (id)")
            _run("create index if not exists flat_skey on ws_bench.flat (skey, id)")
            _run("create index if not exists flat_up on ws_bench.flat (up, skey, id)")
            _run(f'create index if not exists flat_link on ws_bench.flat ("{CUSTOMER}", id)')
            for at, name in enumerate(TEXT_INDEXES):
                _run(f'create index if not exists flat_t{at} on ws_bench.flat ((qdm.key("{name}") collate "C"), id)')
            for at, name in enumerate(VALUE_INDEXES):
                _run(f'create index if not exists flat_v{at} on ws_bench.flat ("{name}", id)')


def _cells(dataset: Dataset) -> None:
    """The all-cells layout is ``node`` itself, which has its (up, t), with the index the reference asks by."""
    with _part("cells: the reference's index on node") as due:
        if due:
            _run("set maintenance_work_mem = '512MB'")
            _run("create index if not exists cells_t_val on ws_bench.node (t, lower(left(val, 127)))")


def _access() -> Access:
    return Access.system(structure.schema(SLUG), "bench")


def _rows(text: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall()


def _run(text: str, **numbers: int | str) -> None:
    """Statements of the bench itself: text of this file, whole numbers, the names of its own files."""
    statement = sql.SQL(text).format(**{k: sql.Literal(v) for k, v in numbers.items()}) if numbers else sql.SQL(text)
    with connection.cursor() as cursor:
        cursor.execute(statement)  # type: ignore[arg-type]


def sizes(dataset: Dataset) -> dict[str, int]:
    """Bytes of each store with its indexes. ``node`` without the index that is there for the comparison."""
    extra = "coalesce(pg_relation_size(to_regclass('ws_bench.cells_t_val')), 0)"
    asked = {
        "node": f"pg_total_relation_size('ws_bench.node') - {extra}",
        "projection": f"pg_total_relation_size('ws_bench.t_{dataset.term_id}')",
        "history": "sum(pg_total_relation_size(relid)) from pg_partition_tree('ws_bench.change')",
        "flat": "pg_total_relation_size('ws_bench.flat')",
        "cells": "pg_total_relation_size('ws_bench.node') - pg_relation_size('ws_bench.node_t')",
    }
    return {name: int(_rows(f"select {size}")[0][0]) for name, size in asked.items()}
