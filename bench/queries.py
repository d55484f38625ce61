"""Questions to a table: the product's own selectors with an Access, beside a flat typed table and the reference's cells.

    .venv/bin/python -m bench.queries [--size 100000] [--rounds 15] [--limit 30] [--resume] [--build]

``--resume`` takes what an earlier run has built and goes on behind it; ``--build`` ends when the records are there.

All three are asked in turn within one run, with other parameters each time; what counts are the ratios. The flat table
has the same indexes as the projection and is asked by bare psycopg. Goals (issue 9): median ratio to flat at most 1.5,
worst at most 3. Needs nothing running: it starts a database of its own under var/bench.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")

import django
from django.conf import settings

from integram import embedded

HERE = Path(__file__).parent


@dataclass
class Question:
    """One kind of question and how each store answers it; ``cells`` None: no such way."""

    name: str
    product: Callable[[random.Random], object]
    flat: Callable[[random.Random], object]
    cells: Callable[[random.Random], object] | None = None
    spent: dict[str, list[float]] = field(default_factory=lambda: {"product": [], "flat": [], "cells": []})


def questions(dataset: "Dataset") -> list[Question]:  # noqa: F821
    from django.db import connection

    from bench.dataset import CUSTOMER, FIRST, NODES
    from qdm.query.ast import EVERYTHING, Aggregate, And, Compare, Op, Query, Search, Sort
    from qdm.selectors import records

    access, term = dataset.access, dataset.term_id
    ids = dataset.columns

    def rows(text: str, *values: object) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall()

    def page(**of: object) -> Callable[[random.Random], object]:
        return lambda _r: records.page(term, Query(limit=100, **of), access=access)

    def flat(text: str, *make: Callable[[random.Random], object]) -> Callable[[random.Random], object]:
        return lambda r: rows(text, *(m(r) for m in make))

    def label(text: str) -> str:
        """The flat page with labels of its customers, as the product gives them."""
        return (
            f'select f.*, c.val from ({text}) f left join ws_bench.t_{dataset.customer_id} c on c.id = f."{CUSTOMER}"'
        )

    def city(r: random.Random) -> str:
        return f"Город {r.randrange(11, 2000)}"

    def amount(r: random.Random) -> int:
        return r.randrange(990_000)

    def where(item: object, *sorts: Sort, **of: object) -> Query:
        return Query(filter=item, sorts=sorts, limit=100, **of)  # type: ignore[arg-type]

    def cells_filter(name: str) -> str:
        return (
            f"select o.id, o.val from ws_bench.node o join ws_bench.node c on c.up = o.id and c.t = {ids[name]} "
            f"where o.t = {term} and o.up = 1 and lower(left(c.val, 127)) = lower(%s) "
            "order by lower(left(o.val, 127)) limit 100"
        )

    def middle(r: random.Random) -> int:
        return r.randrange(dataset.size // 4, dataset.size * 3 // 4)

    def name(r: random.Random) -> str:
        return f"заказ {r.randrange(dataset.size):09d}"

    first_cells = (
        f"select o.id, o.val from ws_bench.node o where o.t = {term} and o.up = 1 "
        "order by lower(left(o.val, 127)) limit 100"
    )
    base = "select * from ws_bench.flat f "
    return [
        Question("first page by main value", page(), flat(label(base + "order by skey, id limit 101")),
                 lambda _r: rows(first_cells)),
        Question("by a number, up", page(sorts=(Sort("Сумма"),)), flat(label(base + 'order by "Сумма", id limit 101'))),
        Question("by a number, down", page(sorts=(Sort("Сумма", True),)),
                 flat(label(base + 'order by "Сумма" desc, id desc limit 101'))),
        Question("equal, rare value",
                 lambda r: records.page(term, where(Compare("Город", Op.EQ, city(r))), access=access),
                 flat(label(base + 'where (qdm.key("Город") collate "C") = qdm.key(%s) order by skey, id limit 101'), city),
                 lambda r: rows(cells_filter("Город"), city(r))),
        Question("equal, common value",
                 lambda r: records.page(term, where(Compare("Статус", Op.EQ, "в работе")), access=access),
                 flat(label(base + 'where (qdm.key("Статус") collate "C") = qdm.key(%s) order by skey, id limit 101'),
                      lambda _r: "в работе"),
                 lambda r: rows(cells_filter("Статус"), "в работе")),
        Question("range, sorted",
                 lambda r: (lambda a: records.page(
                     term, where(Compare("Сумма", Op.BETWEEN, (str(a), str(a + 5000))), Sort("Сумма", True)),
                     access=access))(amount(r)),
                 lambda r: (lambda a: rows(label(
                     'select f.* from ws_bench.flat f where "Сумма" between %s and %s '
                     'order by "Сумма" desc, id desc limit 101'), a, a + 5000))(amount(r))),
        Question("two filters, sorted by a third",
                 lambda r: records.page(
                     term, where(And((Compare("Город", Op.EQ, city(r)), Compare("Срочно", Op.EQ, "1"))), Sort("День")),
                     access=access),
                 flat(label(base + 'where (qdm.key("Город") collate "C") = qdm.key(%s) and "Срочно" '
                                   'order by "День", id limit 101'), city)),
        Question("contains", lambda r: records.page(
                     term, where(Compare("Примечание", Op.CONTAINS, f"{r.randrange(16**5):05x}")), access=access),
                 flat(label(base + "where lower(\"Примечание\" collate qdm.fold) like '%%' || %s || '%%' "
                                   "order by skey, id limit 101"), lambda r: f"{r.randrange(16**5):05x}")),
        Question("search in all columns", lambda r: records.page(
                     term, where(Search(f"{r.randrange(16**6):06x}")), access=access),
                 flat(label(base + "where lower(concat_ws(' ', val, \"Город\", \"Контакт\", \"Примечание\", \"Статус\") "
                                   "collate qdm.fold) like '%%' || %s || '%%' order by skey, id limit 101"),
                      lambda r: f"{r.randrange(16**6):06x}")),
        Question("reverse reference", lambda r: records.page(
                     term, where(Compare(CUSTOMER, Op.EQ, 200_000 + r.randrange(dataset.customers))), access=access),
                 flat(label(base + f'where "{CUSTOMER}" = %s order by skey, id limit 101'),
                      lambda r: 200_000 + r.randrange(dataset.customers))),
        Question("next page", lambda r: records.page(
                     term, where(Compare("val", Op.GT, name(r))), access=access),
                 flat(label(base + "where skey > %s order by skey, id limit 101"), name)),
        Question("jump to the middle", lambda r: records.page(term, where(EVERYTHING, offset=middle(r)), access=access),
                 flat(label("select * from ws_bench.flat f where id = any(array(select id from ws_bench.flat "
                            "order by skey, id offset %s limit 101)) order by skey, id"), middle)),
        Question("one record", lambda r: records.get(FIRST + r.randrange(dataset.size) * NODES, access=access),
                 flat(label("select * from ws_bench.flat f where id = %s"),
                      lambda r: FIRST + r.randrange(dataset.size) * NODES)),
        Question("group by, average", lambda _r: records.groups(
                     term, Query(limit=100), ["Статус"], [Aggregate("avg", "Сумма")], access=access),
                 flat('select "Статус", count(*), avg("Сумма") from ws_bench.flat f group by 1 order by 1')),
        Question("count, filtered", lambda r: records.count(
                     term, where(Compare("Сумма", Op.LT, str(amount(r)))), access=access, cap=None),
                 flat('select count(*) from ws_bench.flat f where "Сумма" < %s', amount)),
        Question("count of all", lambda _r: records.count(term, Query(), access=access, cap=None),
                 flat("select count(*) from ws_bench.flat")),
    ]  # fmt: skip


def ask(found: list[Question], rounds: int, limit: float) -> None:
    """Each question of each store in turn, in random order; a store slower than a second is asked three times."""
    for at in range(rounds):
        order = [(q, s) for q in found for s in ("product", "flat", "cells") if getattr(q, s) is not None]
        random.Random(at).shuffle(order)
        for question, store in order:
            spent = question.spent[store]
            if len(spent) >= 3 and statistics.median(spent) > 1:
                continue
            seed = random.Random(f"{at} {question.name}")
            begun = time.perf_counter()
            getattr(question, store)(seed)
            spent.append(time.perf_counter() - begun)
            if sum(spent) > limit:
                question.__dict__[store] = None


def table(found: list[Question]) -> str:
    lines = [
        "| question | product ms | p95 | flat ms | p95 | ratio | cells ms | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for q in found:
        product, flat = _ms(q.spent["product"]), _ms(q.spent["flat"])
        ratio = product[0] / flat[0]
        ratios.append(ratio)
        cells = _ms(q.spent["cells"]) if q.spent["cells"] else None
        beside = f"{cells[0]:.1f} | {cells[0] / flat[0]:.1f}" if cells else "- | -"
        lines.append(
            f"| {q.name} | {product[0]:.2f} | {product[1]:.2f} | {flat[0]:.2f} | {flat[1]:.2f} | {ratio:.2f} | {beside} |"
        )
    lines += ["", f"Median ratio {statistics.median(ratios):.2f}, worst {max(ratios):.2f}."]
    return "\n".join(lines)


def _ms(spent: list[float]) -> tuple[float, float]:
    ordered = sorted(spent)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--limit", type=float, default=60, help="seconds one question may take in all")
    parser.add_argument("--without-cells", action="store_true", help="their index on 110 million cells takes 6 GB")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--build", action="store_true")
    options = parser.parse_args()
    Path(os.environ["VAR_DIR"]).mkdir(parents=True, exist_ok=True)
    with embedded.running(settings.VAR_DIR) if settings.EMBEDDED else nullcontext():
        django.setup()
        from django.core.management import call_command

        from bench import dataset as data
        from bench.report import write

        call_command("migrate", verbosity=0)
        dataset, spent = data.build(options.size, cells=not options.without_cells, resume=options.resume)
        if options.build:
            return 0
        found = questions(dataset)
        for question in found if options.without_cells else ():
            question.cells = None
        ask(found, options.rounds, options.limit)
        lines = [f"- {name}: {seconds:.1f} s" for name, seconds in spent.items()]
        lines += [
            f"- {name}: {size / options.size:.0f} bytes a record with indexes"
            for name, size in data.sizes(dataset).items()
        ]
        write(f"Questions to {options.size:,} records x 10 columns", "\n".join([table(found), "", *lines]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
