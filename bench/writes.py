"""What the index of trigrams costs who writes: rows made and changed one by one and in bulk, with it and without.

    .venv/bin/python -m bench.writes [--size 50000] [--rows 300] [--rounds 3]

Needs nothing running: it starts a database of its own under var/bench (``VAR_DIR``).
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")

import django
from django.conf import settings

from integram import embedded


def measured(size: int, rows: int, rounds: int) -> list[str]:
    from django.db import connection
    from psycopg import sql

    from bench import dataset
    from qdm.query import inside
    from qdm.services import records
    from qdm.services.writes import Create, Update

    made, _spent = dataset.build(size, compared=False)
    access, term, columns = made.access, made.term_id, made.columns
    table = sql.Identifier(dataset.PG_SCHEMA, f"t_{term}")
    name = sql.Identifier(dataset.PG_SCHEMA, inside.index_name(access.term(term)))
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = %s", [inside.index_name(access.term(term))])
        ((definition,),) = cursor.fetchall()
    text = "Текст о том, что привезли и кому отдали, строка "

    def values(i: int) -> dict[int, object]:
        return {term: f"Новый {i}", columns["Примечание"]: text + str(i), columns["Статус"]: "новый"}

    def one_by_one() -> None:
        for i in range(rows):
            records.write(term, [Create(values(i))], access=access)

    def changed() -> None:
        for i in range(rows):
            record = dataset.FIRST + i * dataset.NODES
            change = {columns["Примечание"]: f"{text}{time.perf_counter()}"}
            records.write(term, [Update(record, change)], access=access)

    def in_bulk() -> None:
        records.write(term, [Create(values(i)) for i in range(10 * rows)], access=access)

    acts: list[tuple[str, Callable[[], None], int]] = [
        ("made one by one", one_by_one, rows),
        ("changed one by one", changed, rows),
        ("made in one call", in_bulk, 10 * rows),
    ]
    spent: dict[tuple[str, bool], list[float]] = {}
    for _round in range(rounds):
        for indexed in (True, False):
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("drop index if exists {}").format(name))
                if indexed:
                    cursor.execute(definition)
                cursor.execute(sql.SQL("vacuum analyze {}").format(table))
            for title, act, _number in acts:
                begun = time.perf_counter()
                act()
                spent.setdefault((title, indexed), []).append(time.perf_counter() - begun)
    lines = ["| rows | with the index, rows/s | without | time with / without |", "|---|---|---|---|"]
    for title, _act, number in acts:
        with_it, without = (statistics.median(spent[title, indexed]) for indexed in (True, False))
        lines.append(f"| {title} | {number / with_it:,.0f} | {number / without:,.0f} | {with_it / without:.2f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=50_000)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with embedded.running(settings.VAR_DIR):
        django.setup()
        from django.core.management import call_command

        from bench import report

        call_command("migrate", verbosity=0)
        found = measured(options.size, options.rows, options.rounds)
        report.write(f"The index of trigrams, for who writes, {options.size:,} records", "\n".join(found))


if __name__ == "__main__":
    main()
