"""The same workbook sent again with 5 % of its rows changed: an upload form with a key, beside a script for just that.

    .venv/bin/python -m bench.upsert_sheet [--rows 100000] [--rounds 5]

The script reads the file with calamine, copies it into a temporary table and merges that into a flat table by its key,
writing only what differs. Ours reads it in the child process, looks for errors and formulas, converts and checks each
value, resolves links by name, compares, and writes through the services, with rights and history; the form applies
itself. Both in turns, each round changing 5 % of the rows there and back. Goal (issue 7): at most 3 times the script.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

SLUG, PLACE = "bench_upsert", 10
FLAT = """
    create table flat (code text primary key, client text, city text, day date, made timestamp, amount numeric,
      pieces numeric, discount numeric, paid boolean, phone text, note text, manager text)
"""
MERGE = """
    insert into flat select * from fresh on conflict (code) do update set (client, city, day, made, amount, pieces,
      discount, paid, phone, note, manager) = (excluded.client, excluded.city, excluded.day, excluded.made,
      excluded.amount, excluded.pieces, excluded.discount, excluded.paid, excluded.phone, excluded.note, excluded.manager)
    where flat is distinct from excluded
"""


def changed(table: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Every twentieth row has another note."""
    return [
        (*row[:PLACE], f"{row[PLACE]}, исправлено", *row[PLACE + 1 :]) if at % 20 == 0 else row
        for at, row in enumerate(table)
    ]


def script(path: Path) -> None:
    from django.db import connection, transaction
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows()
    next(rows)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("create temporary table fresh (like flat) on commit drop")
        with cursor.copy("copy fresh from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(MERGE)


def peak_memory() -> float:
    """MB this process had at most since ``forget_peak``."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def forget_peak() -> None:
    """https://docs.kernel.org/filesystems/proc.html, clear_refs: 5 resets the peak to what there is."""
    Path("/proc/self/clear_refs").write_text("5")


def measure(count: int, rounds: int) -> str:
    from django.core.files.base import File
    from django.db import connection

    from bench.import_sheet import rows, workbook
    from qdm.access import Access, Actor
    from qdm.models import FormRun
    from qdm.selectors import structure
    from qdm.services import workspaces
    from qdm.sheets.at_once import import_file
    from qdm.sheets.forms import definitions, runs
    from qdm.sheets.forms.plan import FormPlan, Source

    table = rows(count)
    first, second = (Path(tempfile.mkdtemp()) / "Заказы.xlsx" for _ in range(2))
    workbook(first, table)
    workbook(second, changed(table))
    del table
    workspaces.create(SLUG, SLUG)
    import_file(first, access=Access.system(structure.schema(SLUG), "bench"))
    with connection.cursor() as cursor:
        cursor.execute(FLAT)
    script(first)

    schema = structure.schema(SLUG)
    access = Access(Actor(1, "bench"), schema, Access.system(schema, "bench").everywhere, via="form")
    term = schema.by_name["заказы"]
    columns = [term.id, *(r.id for r in term.cells)]
    plan = FormPlan(
        tuple(Source(c, (term.heading if c == term.id else term.by_id[c].name,)) for c in columns), (term.id,)
    )
    form = definitions.create("bench", "bench", term.id, plan, access=access, automatic=0)
    spent: dict[str, list[float]] = {"script": [], "form": []}
    peak = {"script": 0.0, "form": 0.0}

    def clocked(how: str, begun: float) -> None:
        spent[how].append(time.perf_counter() - begun)
        peak[how] = max(peak[how], peak_memory())

    for number in range(rounds):
        file_name = (second, first)[number % 2]
        forget_peak()
        begun = time.perf_counter()
        script(file_name)
        clocked("script", begun)
        forget_peak()
        begun = time.perf_counter()
        with file_name.open("rb") as file:
            run = runs.send(form, File(file, file_name.name), access=access, door=FormRun.Door.REST)
        runs.check(run.pk, access=access)
        clocked("form", begun)
        run.refresh_from_db()
        expected = ("applied", (count + 19) // 20, 0)
        assert (run.phase, run.counts["changed"], run.counts["new"]) == expected, (run.message, run.counts)
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    middle = {how: statistics.median(times) for how, times in spent.items()}
    ratio = middle["form"] / middle["script"]
    lines = ["| how | wall s | all rounds | rows/s | peak MB |", "|---|---|---|---|---|"]
    for how, name in (("script", "script: calamine, COPY, merge"), ("form", "upload form, checked and applied")):
        each = ", ".join(f"{one:.2f}" for one in spent[how])
        lines.append(f"| {name} | {middle[how]:.2f} | {each} | {count / middle[how]:,.0f} | {peak[how]:.0f} |")
    return "\n".join(lines) + (
        f"\n\nMedians of {rounds} rounds. Ratio {ratio:.2f}, goal 3: {'kept' if ratio <= 3 else 'not kept'}. The peak is "
        f"of the bench's own process with all it has loaded; the form's file is read by a child, {child:.0f} MB at its "
        "peak, the script reads it in its own. The form also looks for error cells and formulas, converts and checks "
        "values, resolves links, obeys rights and keeps the history of what it changed."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="integram-bench-") as folder:
        os.environ |= {"VAR_DIR": folder, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "integram.settings"}
        from integram import embedded

        with embedded.running(Path(folder)):
            import django

            django.setup()
            from django.core.management import call_command

            from bench import report

            call_command("migrate", verbosity=0)
            body = measure(given.rows, given.rounds)
    report.write(f"Upsert of {given.rows:,} rows x 12 columns, 5 % changed", body)


if __name__ == "__main__":
    main()
