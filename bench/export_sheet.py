"""Export of a table of 100,000 rows x 12 columns to xlsx and csv, beside a plain script that writes the same cells.

    .venv/bin/python -m bench.export_sheet [--rows 100000] [--rounds 3]
    .venv/bin/python -m bench.export_sheet --kept VAR_DIR    # the records of bench.dataset that stand there, with their ids

The plain script has the rows in memory, as Python values, and gives them to XlsxWriter (constant memory) or to the csv
module: what it writes is the same, where it comes from costs it nothing. A second plain script reads a flat table of
typed columns through a server-side cursor on its way. Ours reads projections under an ``Access``, in keyset pages, looks
up the labels of two links, and writes. Each runs in a process of its own, so that each has a peak of memory of its own.
Goals (issue 7): at most 1.5 times the time of XlsxWriter alone, for both files; memory bounded, whatever the number of
rows. The csv module is a harder comparator for the second, and is told beside it.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

SLUG = "bench_export"
WAYS = ("integram", "plain, from memory", "plain, from a flat table")
#: Of a kept dataset: the same cells, made as they are written.
MADE = "plain, made on the way"


def values(count: int) -> list[tuple[Any, ...]]:
    from bench.import_sheet import rows

    return rows(count)


def made(count: int) -> Iterator[tuple[Any, ...]]:
    """Rows like those of bench.dataset, the id first."""
    day, moment = date(2020, 1, 1), datetime(2020, 1, 1)
    for i in range(count):
        yield (
            1_000_000 + i * 11, f"Заказ {i:09}", f"Город {i % 10 if i % 3 == 0 else i * 7919 % 2000}", f"Контакт {i * 2654435761:032x}",
            i * 2654435761 % 1_000_000 + 0.5, i * 40503 % 10_000 / 8, day + timedelta(i * 31 % 2000),
            moment + timedelta(minutes=i % 5_000_000), i % 10 == 0, f"Текст {i * 40503:032x} {i * 7919:032x}",
            ("новый", "в работе", "отгружен", "закрыт")[i * 13 % 4], f"Клиент {200_000 + i * 17 % (count // 100)}",
        )  # fmt: skip


def plain(rows: Iterator[tuple[Any, ...]], path: Path, kind: str) -> None:
    """What a programmer writes who needs just this file."""
    from bench.import_sheet import HEADER

    if kind == "csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADER)
            for row in rows:
                writer.writerow(
                    [
                        v.strftime("%d.%m.%Y %H:%M")
                        if isinstance(v, datetime)
                        else f"{v:%d.%m.%Y}"
                        if isinstance(v, date)
                        else str(v).replace(".", ",")
                        if isinstance(v, float)
                        else v
                        for v in row
                    ]
                )
        return
    from bench.import_sheet import workbook

    workbook(path, rows)


def flat_rows() -> Iterator[tuple[Any, ...]]:
    from django.db import connection, transaction

    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="flat") as cursor:
            cursor.itersize = 2000
            cursor.execute("select * from bench_flat order by code")
            yield from cursor


def worker(way: str, kind: str, count: int, path: Path, slug: str) -> None:
    """One export in this process; prints what it took as JSON."""
    source = iter(values(count)) if way == WAYS[1] else None
    wall, used = time.perf_counter(), time.process_time()
    if way == WAYS[0]:
        from qdm.access import Access
        from qdm.query.ast import Query
        from qdm.selectors import structure
        from qdm.sheets.export.writing import write
        from qdm.sheets.pulse import NoPulse

        access = Access.system(structure.schema(slug), "bench")
        term = access.schema.by_name["заказы"].id
        written = write(path, kind, term, Query(), access=access, pulse=NoPulse(), with_ids=slug != SLUG)
        assert written.rows == count
    else:
        plain(source or (made(count) if way == MADE else flat_rows()), path, kind)
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - used}
    mark = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps(spent | {"peak": int(mark.split()[1]) / 1024, "size": path.stat().st_size / 1e6}))


def fill(count: int) -> None:
    """The orders, imported into a workspace as a user would, and in a flat table."""
    from django.db import connection, transaction

    from bench.import_sheet import workbook
    from qdm.access import Access
    from qdm.selectors import structure
    from qdm.services import workspaces
    from qdm.sheets.at_once import import_file

    table = values(count)
    workspaces.create(SLUG, SLUG)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.xlsx"
        workbook(path, table)
        import_file(path, access=Access.system(structure.schema(SLUG), "bench"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "create table bench_flat (code text primary key, client text, city text, day date, made timestamp,"
            " amount float, pieces int, discount float, paid boolean, phone text, note text, manager text)"
        )
        with cursor.copy("copy bench_flat from stdin") as copy:
            for row in table:
                copy.write_row(row)


def measure(count: int, rounds: int, ways: tuple[str, ...] = WAYS, slug: str = SLUG) -> str:
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for kind in ("xlsx", "csv"):
                for way in ways:
                    path = Path(folder) / f"out.{kind}"
                    command = [
                        sys.executable,
                        "-m",
                        "bench.export_sheet",
                        "--worker",
                        way,
                        kind,
                        str(count),
                        str(path),
                        slug,
                    ]
                    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                    found.setdefault((kind, way), []).append(json.loads(out.splitlines()[-1]))
    lines = [
        "| format | how | wall s | cpu s | rows/s | peak MB | file MB | wall ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (kind, way), runs in found.items():
        median = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        ours = statistics.median(run["wall"] for run in found[kind, WAYS[0]])
        ratio = f"ours / this: {ours / median['wall']:.2f}" if way != WAYS[0] else ""
        lines.append(
            f"| {kind} | {way} | {median['wall']:.2f} | {median['cpu']:.2f} | {count / median['wall']:,.0f} "
            f"| {median['peak']:.0f} | {median['size']:.1f} | {ratio} |"
        )
    return "\n".join(lines)


def _kept(folder: Path) -> None:
    os.environ |= {"VAR_DIR": str(folder), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "integram.settings"}
    from integram import embedded

    with embedded.running(folder):
        import django

        django.setup()
        from bench import dataset, report

        size = dataset.standing().size
        body = measure(size, 1, (WAYS[0], MADE), dataset.SLUG)
    report.write(f"Export of {size:,} rows x 12 columns", body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--worker", nargs=5)
    given = parser.parse_args()
    if given.worker:
        import django

        django.setup()
        way, kind, count, path, slug = given.worker
        worker(way, kind, int(count), Path(path), slug)
        return
    if given.kept:
        _kept(given.kept)
        return
    with tempfile.TemporaryDirectory(prefix="integram-bench-") as folder:
        os.environ |= {"VAR_DIR": folder, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "integram.settings"}
        from integram import embedded

        with embedded.running(Path(folder)):
            import django

            django.setup()
            from django.core.management import call_command

            from bench import report

            call_command("migrate", verbosity=0)
            fill(given.rows)
            body = measure(given.rows, given.rounds)
    report.write(
        f"Export of {given.rows:,} rows x 12 columns",
        f"{body}\n\nCPU is of the writing process only; PostgreSQL works beside it in ours and in the third way. The peak "
        "of “from memory” holds all rows, which is what it has instead of a database.",
    )


if __name__ == "__main__":
    main()
