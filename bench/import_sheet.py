"""Import of a workbook of 100,000 rows x 12 columns, upload to visible, beside COPY of the same rows into a flat table.

    .venv/bin/python -m bench.import_sheet [--rows 100000] [--rounds 3] [--file OTHER.xlsx]

The flat table has the same typed columns and the same indexes as the projection that the import fills; its rows come
from memory, parsed already. Both are committed to the same server, in turns; a third COPY writes the same cells as
bare node rows, a fourth makes their indexes afterwards. The import runs in a process of its own, as in the worker: first
into a new workspace, then the same file once more into that one. Wall seconds depend on what else the machine
does, CPU seconds (client, reading child, PostgreSQL's backend) hardly. Goals (issue 2): at most 4 times the flat COPY,
less than 400 MB at the peak of the worker.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import xlsxwriter

from bench import report

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
INDEXES = "create index on bare (up, t); create index on bare (t)"
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


def workbook(path: Path, table: Iterable[tuple[Any, ...]]) -> None:
    """What a programmer writes who needs just this file."""
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
            elif isinstance(value, bool):
                sheet.write_boolean(number, column, value)
            else:
                sheet.write_number(number, column, value)
    book.close()


def cpu_seconds() -> float:
    """Of this process, its ended children and the backend of its database connection."""
    from django.db import connection

    connection.ensure_connection()
    backend = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime + backend.user + backend.system


@contextmanager
def clock(into: list[tuple[float, float]]) -> Iterator[None]:
    """Wall and CPU seconds of the block."""
    wall, used = time.perf_counter(), cpu_seconds()
    yield
    into.append((time.perf_counter() - wall, cpu_seconds() - used))


def flat_copy(table: list[tuple[Any, ...]], times: list[tuple[float, float]]) -> None:
    """One COPY into an indexed flat table, committed."""
    from django.db import connection, transaction

    city = {name: n for n, name in enumerate(CITIES, 1)}
    ready = [
        (n, 1, r[0], r[0], 1, r[1], city[r[2]], *r[3:11], int(r[11].removeprefix("Менеджер ")))
        for n, r in enumerate(table)
    ]
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists flat")
        cursor.execute(FLAT)
    command = f"copy flat ({COLUMNS}) from stdin"
    with clock(times), transaction.atomic(), connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in ready:
            copy.write_row(row)


def script(path: Path, times: list[tuple[float, float]]) -> None:
    """What a programmer writes for just this file (issue 7): calamine, the cities and managers by hand, one COPY."""
    from django.db import connection, transaction
    from python_calamine import CalamineWorkbook

    with connection.cursor() as cursor:
        cursor.execute("drop table if exists flat")
        cursor.execute(FLAT)
    command = f"copy flat ({COLUMNS}) from stdin"
    with clock(times), transaction.atomic(), connection.cursor() as cursor:
        read = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows()
        next(read)
        linked: dict[Any, int] = {}
        with cursor.copy(command) as copy:
            for n, r in enumerate(read):
                city, manager = (linked.setdefault(name, len(linked) + 1) for name in (r[2], r[11]))
                copy.write_row((n, 1, r[0], r[0], 1, r[1], city, *r[3:11], manager))


def node_copy(table: list[tuple[Any, ...]], times: list[tuple[float, float]], *, indexed: bool) -> None:
    """One COPY of the same cells as node rows into a table without triggers and with the indexes of ``node``.

    ``indexed``: they are there before it; else they are made when all rows are there, and the time is of both.
    """
    from django.db import connection, transaction

    lines = []
    for n, row in enumerate(table):
        first = n * len(row) + 1
        lines.append(f"{first}\t1\t100\t{row[0]}\n")
        lines += [f"{first + k}\t{first}\t{100 + k}\t{value}\n" for k, value in enumerate(row[1:], 1)]
    text = "".join(lines)
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bare")
        cursor.execute("create table bare (id bigint primary key, up bigint not null, t bigint not null, val text)")
        if indexed:
            cursor.execute(INDEXES)
    with clock(times), transaction.atomic(), connection.cursor() as cursor:
        with cursor.copy("copy bare from stdin") as copy:
            copy.write(text)
        if not indexed:
            cursor.execute(INDEXES)


@contextmanager
def timed_parts(spent: dict[str, float]) -> Iterator[None]:
    """Where the load spends its time. Conversion runs beside the COPY, so that only waiting for it shows."""
    from qdm.managers import bulk
    from qdm.sheets import load, worker

    def add(name: str, started: float) -> None:
        spent[name] = spent.get(name, 0) + time.perf_counter() - started

    def timed(name: str, function: Any) -> Any:
        def run(*given: Any) -> Any:
            started = time.perf_counter()
            found = function(*given)
            add(name, started)
            return found

        return run

    @contextmanager
    def timed_copy(*given: Any) -> Iterator[Any]:
        manager = copy(*given)
        write = manager.__enter__()
        started = time.perf_counter()
        yield write
        add("… COPY of nodes", started)
        started = time.perf_counter()
        manager.__exit__(None, None, None)
        add("… projection, history", started)

    copy = load.copy_nodes
    before = [
        (owner, name, getattr(owner, name))
        for owner, name in ((load, "copy_nodes"), (load, "build"), (bulk, "end_load"), (worker, "refresh_statistics"))
    ]
    load.copy_nodes = timed_copy
    load.build = timed("… structure", load.build)
    bulk.end_load = timed("… indexes", bulk.end_load)
    worker.refresh_statistics = timed("statistics, afterwards", worker.refresh_statistics)
    try:
        yield
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def import_once(path: Path, slug: str) -> dict[str, float]:
    """Seconds of each step of one import of the file, as the worker does them, into a workspace made if need be."""
    from django.core.files.base import File

    from qdm.access import Access
    from qdm.models import Workspace
    from qdm.selectors import structure
    from qdm.services import workspaces
    from qdm.sheets import imports, supervisor, worker

    if not Workspace.objects.filter(slug=slug).exists():
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
        with step("load"), timed_parts(spent):
            worker.carry_out(job.pk, access=access())
        # the rows are there before PostgreSQL is told to look at them
        spent["load"] -= spent.get("statistics, afterwards", 0)
    finally:
        worker.read_file = original
    job.refresh_from_db()
    assert job.phase == imports.Phase.DONE, job.message
    spent["upload to visible"] = sum(spent[name] for name in ("upload", "propose", "confirm", "load"))
    return spent


def worker(path: Path, slug: str) -> None:
    """One import in this process; prints what it took as JSON."""
    times: list[tuple[float, float]] = []
    with clock(times):
        spent = import_once(path, slug)
    # ru_maxrss of a process counts what its parent was before exec; the kernel's own mark does not
    mark = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    peaks = [int(mark.split()[1]) / 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]
    print(json.dumps({"spent": spent, "cpu": times[0][1], "peaks": peaks}))


def measure(count: int, rounds: int, file: Path | None) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    table = rows(count)
    path = file or Path(tempfile.mkdtemp()) / "Заказы.xlsx"
    if file is None:
        workbook(path, table)
    flat: list[tuple[float, float]] = []
    plain: list[tuple[float, float]] = []
    bare: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    runs: dict[str, list[dict[str, Any]]] = {"new": [], "used": []}
    for number in range(rounds):
        flat_copy(table, flat)
        script(path, plain)
        for indexed, times in bare.items():
            node_copy(table, times, indexed=indexed)
        for done in runs.values():
            command = [sys.executable, "-m", "bench.import_sheet", "--worker", str(path), f"bench{number}"]
            answer = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            done.append(json.loads(answer.stdout.splitlines()[-1]))
    totals = {name: [(run["spent"]["upload to visible"], run["cpu"]) for run in done] for name, done in runs.items()}
    lines = [
        "| | wall s | ratio | cpu s | ratio |",
        "|---|---|---|---|---|",
        _line("COPY into the flat table", flat, flat),
        _line("script: calamine, COPY", plain, flat),
        _line("COPY of bare node rows, indexes before", bare[True], flat),
        _line("COPY of bare node rows, indexes after", bare[False], flat),
        _line("**upload to visible, new workspace**", totals["new"], flat),
        _line("upload to visible, used workspace", totals["used"], flat),
        "",
        "| step, new workspace | wall s |",
        "|---|---|",
    ]
    for name in runs["new"][0]["spent"]:
        seconds = statistics.median(run["spent"][name] for run in runs["new"])
        lines.append(f"| {name} | {seconds:.2f} |")
    peaks = [max(run["peaks"][at] for done in runs.values() for run in done) for at in (0, 1)]
    lines += ["", f"Peak memory of the worker {peaks[0]:.0f} MB, of the reading child {peaks[1]:.0f} MB (goal 400)."]
    wall = {name: statistics.median(t[0] for t in times) for name, times in (*totals.items(), ("script", plain))}
    lines += [
        f"Beside the script (goal 3): new workspace {wall['new'] / wall['script']:.2f}, used {wall['used'] / wall['script']:.2f}."
    ]
    lines += [f"Goal 4 for wall. File {path.stat().st_size / 2**20:.1f} MiB; medians of {rounds} rounds."]
    report.write(f"Import of {count:,} rows x {len(HEADER)} columns", "\n".join(lines))


def _line(name: str, times: list[tuple[float, float]], unit: list[tuple[float, float]]) -> str:
    """Medians and their ratios to the unit's."""
    wall, cpu = (statistics.median(t[k] for t in times) for k in (0, 1))
    wall_unit, cpu_unit = (statistics.median(t[k] for t in unit) for k in (0, 1))
    return f"| {name} | {wall:.2f} | {wall / wall_unit:.1f} | {cpu:.2f} | {cpu / cpu_unit:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--worker", nargs=2, metavar=("FILE", "SLUG"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        import django

        django.setup()
        worker(Path(options.worker[0]), options.worker[1])
        return
    with tempfile.TemporaryDirectory(prefix="integram-bench-") as folder:
        os.environ |= {"VAR_DIR": folder, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "integram.settings"}
        from integram import embedded

        with embedded.running(Path(folder)):
            import django

            django.setup()
            measure(options.rows, options.rounds, options.file)


if __name__ == "__main__":
    main()
