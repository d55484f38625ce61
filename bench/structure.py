"""Structure at scale: columns added, types changed, projections rebuilt while somebody writes; thousands of tables.

    .venv/bin/python -m bench.structure [--tables 2000] [--columns 500] [--workspaces 500] [--only column]

``--only column`` takes what ``bench.queries --build`` has made and measures the column alone.
"""

import argparse
import os
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")
os.environ.setdefault("COUNT_COLUMN_USES", "0")

import django
from django.conf import settings

from integram import embedded

TIMES = 5


def median(what: Callable[[], object], times: int = TIMES) -> float:
    """Milliseconds."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        what()
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent) * 1000


def column() -> list[str]:
    """A column of each kind is added; a writer and a reader beside it never stop: their longest wait is told."""
    from django.db import connections

    from bench.dataset import FIRST, NODES, standing
    from qdm.access import Access
    from qdm.query.ast import Query
    from qdm.selectors import records as reading
    from qdm.selectors import structure
    from qdm.services import columns, projections, records, requisites
    from qdm.services.column_types import Spec
    from qdm.types.base import BaseType

    dataset = standing()
    stop = threading.Event()
    waits: dict[str, list[float]] = {"writer": [], "reader": []}

    def beside(name: str, act: Callable[[int], object]) -> None:
        number = 0
        while not stop.is_set():
            begun = time.perf_counter()
            act(number)
            waits[name].append(time.perf_counter() - begun)
            number += 1
            time.sleep(0.01)
        connections.close_all()

    def write(number: int) -> None:
        values = {dataset.columns["Вес"]: str(number)}
        records.update(FIRST + (number * 7919) % dataset.size * NODES, values, access=dataset.access)

    def read(_number: int) -> None:
        reading.page(dataset.term_id, Query(limit=50), access=dataset.access)

    threads = [threading.Thread(target=beside, args=of) for of in (("writer", write), ("reader", read))]
    for thread in threads:
        thread.start()
    time.sleep(2)
    quiet = {name: max(spent[1:]) * 1000 for name, spent in waits.items()}
    lines = []
    for title, of in (
        ("text", {"base": BaseType.CHARS}),
        ("number", {"base": BaseType.NUMBER}),
        ("link", {"target": dataset.customer_id}),
    ):
        for spent in waits.values():
            spent.clear()
        access = Access.system(structure.schema("bench"), "bench")
        begun = time.perf_counter()
        made = columns.create(dataset.term_id, Spec(f"Новая {title} {time.time_ns()}", **of), access=access)
        took = (time.perf_counter() - begun) * 1000
        time.sleep(0.5)
        longest = {name: max(spent, default=0) * 1000 for name, spent in waits.items()}
        lines.append(f"| a column of {title} | {took:.0f} | {longest['writer']:.0f} | {longest['reader']:.0f} |")
        requisites.delete(made, access=Access.system(structure.schema("bench"), "bench"))
    for title, act in (
        ("numbers become text, by the worker", lambda: retype(dataset, BaseType.CHARS)),
        ("and numbers again", lambda: retype(dataset, BaseType.NUMBER)),
        ("the projections rebuilt", lambda: projections.rebuild("bench")),
    ):
        for spent in waits.values():
            spent.clear()
        begun = time.perf_counter()
        act()
        took = (time.perf_counter() - begun) * 1000
        longest = {name: max(spent, default=0) * 1000 for name, spent in waits.items()}
        lines.append(f"| {title} | {took:,.0f} | {longest['writer']:.0f} | {longest['reader']:.0f} |")
    stop.set()
    for thread in threads:
        thread.join()
    return [
        f"{dataset.size:,} records; without a change the writer waits {quiet['writer']:.0f} ms at most, the reader {quiet['reader']:.0f}.",
        "",
        "| change | ms | longest wait of a writer, ms | of a reader, ms |",
        "|---|---|---|---|",
        *lines,
    ]


def retype(dataset: "Dataset", base: "BaseType") -> None:  # noqa: F821
    """The job of the worker, here."""
    from dataclasses import replace

    from qdm.access import Access, Actor
    from qdm.models import BulkJob
    from qdm.selectors import structure
    from qdm.sheets import bulk

    access = replace(Access.system(structure.schema("bench"), "bench"), actor=Actor(1, "bench"))
    job = bulk.reshape(dataset.columns["Сумма"], base=base, access=access)
    bulk.carry_out(job.pk, access=access)
    job.refresh_from_db()
    assert job.phase == BulkJob.Phase.DONE, job.message


def wide(tables: int, columns: int, workspaces: int) -> list[str]:
    """One page, its statements and the tables' list: in a workspace of a few, of thousands, with hundreds of columns."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from qdm.access import Access
    from qdm.models import Workspace
    from qdm.selectors import structure
    from qdm.services import records
    from qdm.services import tables as made_tables
    from qdm.services import workspaces as making
    from qdm.services.column_types import Spec
    from qdm.services.writes import Create
    from qdm.types.base import BaseType
    from rbac.models import User

    user, _new = User.objects.get_or_create(username="structure", defaults={"is_superuser": True})
    client = Client(HTTP_HOST="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def system(slug: str) -> Access:
        return Access.system(structure.schema(slug), "bench")

    def make(slug: str, number: int, width: int) -> int:
        if Workspace.objects.filter(slug=slug).exists():
            making.drop(slug, slug)
        making.create(slug, slug)
        term = 0
        for at in range(number):
            specs = [Spec(f"Колонка {n}", BaseType.CHARS) for n in range(width)]
            term = made_tables.create(f"Таблица {at}", specs, access=system(slug))
        # every second one: a row of a page of the server (8 KB) holds about 450 filled texts
        cells = {r.id: "значение" for r in system(slug).term(term).cells[::2]}
        records.write(term, [Create({term: f"Строка {n}", **cells}) for n in range(50)], access=system(slug))
        return term

    def row(name: str, slug: str, term: int) -> str:
        page = f"/w/{slug}/t/{term}/"
        client.get(page)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(page)
        assert answer.status_code == 200, answer.status_code
        structure._known.clear()
        cold = median(lambda: (structure._known.clear(), structure.schema(slug)))
        return (
            f"| {name} | {cold:.0f} | {median(lambda: structure.schema(slug)):.1f} | {median(lambda: client.get(f'/w/{slug}/')):.0f} | "
            f"{median(lambda: client.get(page)):.0f} | {median(lambda: client.get(page + 'rows?offset=0&limit=50')):.0f} | {len(queries)} |"
        )

    lines = [
        "| workspace | structure read anew, ms | known, ms | its start page, ms | sheet of 50 rows, ms | its rows, ms | statements of the sheet |",
        "|---|---|---|---|---|---|---|",
        row("3 tables of 5 columns", "few", make("few", 3, 5)),
        row(f"one table of {columns} columns", "wide", make("wide", 1, columns)),
    ]
    print(*lines, sep="\n", flush=True)
    begun = time.perf_counter()
    term = make("many", tables, 2)
    each = (time.perf_counter() - begun) / tables * 1000
    lines.append(row(f"{tables:,} tables of 2 columns", "many", term))
    print(lines[-1], flush=True)
    begun = time.perf_counter()
    for number in range(workspaces):
        if not Workspace.objects.filter(slug=f"one{number}").exists():
            making.create(f"one{number}", f"База {number}")
    made = (time.perf_counter() - begun) / max(workspaces, 1) * 1000
    lines.append(
        row(
            f"3 tables of 5 columns, {workspaces} other workspaces",
            "few",
            system("few").schema and max(system("few").schema.terms),
        )
    )
    home = median(lambda: client.get("/w/"))
    return [
        *lines,
        "",
        f"A table takes {each:.0f} ms to make, a workspace {made:.0f} ms; the list of {workspaces + 3} workspaces {home:.0f} ms.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--columns", type=int, default=500)
    parser.add_argument("--workspaces", type=int, default=500)
    parser.add_argument("--only", choices=["column", "wide"])
    given = parser.parse_args()
    with embedded.running(settings.VAR_DIR):
        django.setup()
        from django.core.management import call_command

        from bench import report

        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        if given.only != "wide":
            report.write("Structure: a column is added while others work", "\n".join(column()))
        if given.only != "column":
            report.write(
                "Structure: thousands of tables, hundreds of columns",
                "\n".join(wide(given.tables, given.columns, given.workspaces)),
            )


if __name__ == "__main__":
    main()
