"""Import of a workbook of 100,000 rows x 12 columns, upload to visible, beside COPY of the same rows into a flat table.

    .venv/bin/python -m bench.import_sheet [--rows 100000] [--rounds 3] [--file OTHER.xlsx]

The flat table has the same typed columns and the same indexes as the projection that the import fills; its rows come
from memory, parsed already. Both are committed with the same server, in turns. Goals (issue 2): at most 4 times the
flat COPY, and less than 400 MB at the peak of the worker (the child that reads the file is shown beside it).
"""

import argparse
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

CITIES = ["Москва", "Казань", "Пермь", "Омск", "Тула"]
HEADER = [
    "Код",
    "Клиент",
    "Город",
    "Дата",
    "Создан",
    "Сумма",
    "Штук",
    "Скидка",
    "Оплачен",
    "Телефон",
    "Заметка",
    "Менеджер",
]
FLAT = """
    create table flat (id bigint primary key, up bigint not null, val text, skey text collate "C", ver bigint,
      client text, city bigint, day date, made timestamp, amount numeric, pieces numeric, discount numeric,
      paid boolean, phone text, note text, manager bigint);
    create index on flat (skey, id); create index on flat (up, skey, id);
    create unique index on flat (up, md5(val)); create index on flat (city, id); create index on flat (manager, id);
"""
COLUMNS = "id, up, val, skey, ver, client, city, day, made, amount, pieces, discount, paid, phone, note, manager"


def rows(count: int) -> list[tuple[Any, ...]]:
    """What an order book looks like; the same each time."""
    chance = random.Random(1)
    start = datetime(2020, 1, 1)
    return [
        (
            f"{n:07d}",
            f"Клиент {chance.randrange(30_000)}",
            chance.choice(CITIES),
            (start + timedelta(days=chance.randrange(2_000))).date(),
            start + timedelta(minutes=chance.randrange(2_000_000)),
            chance.randrange(10**7) / 100,
            chance.randrange(100),
            chance.randrange(100) / 1000,
            chance.random() < 0.5,
            f"+7 9{chance.randrange(10**9):09d}",
            f"примечание номер {chance.randrange(10**6)} к заказу",
            f"Менеджер {chance.randrange(40)}",
        )
        for n in range(1, count + 1)
    ]


def workbook(path: Path, table: list[tuple[Any, ...]]) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Заказы")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    sheet.write_row(0, 0, HEADER)
    for number, row in enumerate(table, 1):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(number, column, value, moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            else:
                sheet.write(number, column, value)
    book.close()


def flat_copy(table: list[tuple[Any, ...]]) -> float:
    """Seconds of one COPY into an indexed flat table, committed."""
    from django.db import connection, transaction

    city = {name: n for n, name in enumerate(CITIES, 1)}
    ready = [
        (n, 1, r[0], r[0], 1, r[1], city[r[2]], *r[3:11], int(r[11].removeprefix("Менеджер ")))
        for n, r in enumerate(table)
    ]
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists flat")
        cursor.execute(FLAT)
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(f"copy flat ({COLUMNS}) from stdin") as copy:
        for row in ready:
            copy.write_row(row)
    return time.perf_counter() - started


@contextmanager
def database_time(spent: dict[str, float]) -> Iterator[None]:
    """How long the loader waits for PostgreSQL at the end of each COPY, where the triggers run."""
    from qdm.sheets import load

    original = load.copy_nodes

    @contextmanager
    def timed(ws: str) -> Iterator[Any]:
        manager = original(ws)
        write = manager.__enter__()
        try:
            yield write
        except BaseException:
            raise
        started = time.perf_counter()
        manager.__exit__(None, None, None)
        spent["projection, history, indexes"] = (
            spent.get("projection, history, indexes", 0) + time.perf_counter() - started
        )

    load.copy_nodes = timed
    try:
        yield
    finally:
        load.copy_nodes = original


def import_once(path: Path, slug: str) -> dict[str, float]:
    """Seconds of each step of one import of the file into a new workspace, as the worker does them."""
    from django.core.files.base import File

    from qdm.access import Access
    from qdm.selectors import structure
    from qdm.services import workspaces
    from qdm.sheets import imports, supervisor, worker

    workspaces.create(slug, slug)

    def access() -> Access:
        return Access.system(structure.schema(slug), "bench", via="import")

    spent: dict[str, float] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        spent[name] = time.perf_counter() - started

    original = supervisor.read_file

    def timed_read(*args: Any, **options: Any) -> Any:
        with step("read in the child"):
            return original(*args, **options)

    worker.read_file = timed_read
    try:
        with step("upload"), path.open("rb") as file:
            job = imports.start(File(file, path.name), access=access())
        with step("propose"):
            worker.analyse(job.pk, access=access())
        with step("confirm"):
            imports.confirm(job.pk, {}, access=access())
        with step("load"), database_time(spent):
            worker.carry_out(job.pk, access=access())
    finally:
        worker.read_file = original
    job.refresh_from_db()
    assert job.phase == imports.Phase.DONE, job.message
    spent["upload to visible"] = sum(spent[name] for name in ("upload", "propose", "confirm", "load"))
    workspaces.drop(slug, slug)
    return spent


def measure(count: int, rounds: int, file: Path | None) -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    table = rows(count)
    path = file or Path(tempfile.mkdtemp()) / "Заказы.xlsx"
    if file is None:
        workbook(path, table)
    copies, imports = [], []
    for number in range(rounds):
        copies.append(flat_copy(table))
        imports.append(import_once(path, f"bench{number}"))
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        version = cursor.fetchone()[0]
    flat = statistics.median(copies)
    whole = statistics.median(spent["upload to visible"] for spent in imports)
    print(
        f"{path.stat().st_size / 2**20:.1f} MiB, {count} rows x {len(HEADER)}, PostgreSQL {version}, load {os.getloadavg()[0]:.1f}"
    )
    print(f"COPY into the flat table   {flat:6.2f} s   {', '.join(f'{seconds:.2f}' for seconds in copies)}")
    for name in imports[0]:
        seconds = statistics.median(spent[name] for spent in imports)
        print(f"{name:<26} {seconds:6.2f} s   {seconds / flat:5.1f} x")
    print(f"ratio {whole / flat:.1f} (goal 4)")
    for who, name in ((resource.RUSAGE_SELF, "worker"), (resource.RUSAGE_CHILDREN, "reading child")):
        print(f"peak memory of the {name}: {resource.getrusage(who).ru_maxrss / 1024:.0f} MB (goal 400)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="integram-bench-") as folder:
        os.environ |= {"VAR_DIR": folder, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "integram.settings"}
        from integram import embedded

        with embedded.running(Path(folder)):
            import django

            django.setup()
            measure(options.rows, options.rounds, options.file)


if __name__ == "__main__":
    main()
