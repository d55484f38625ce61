"""The same workbook sent again with 5 % of its rows changed: an upload form with a key, beside a script for just that.

    .venv/bin/python -m bench.upsert_sheet [--rows 100000]

The script reads the file with calamine, copies it into a temporary table and merges that into a flat table by its key,
writing only what differs. Ours reads it in the child process, converts and checks each value, resolves links by name,
compares with the records, rehearses (that is the preview), and writes through the services, with history. Goal (issue
7): at most 3 times the script.
"""

import argparse
import os
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


def measure(count: int) -> str:
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
    spent: dict[str, float] = {}
    begun = time.perf_counter()
    script(second)
    spent["script"] = time.perf_counter() - begun
    begun = time.perf_counter()
    with second.open("rb") as file:
        run = runs.send(form, File(file, second.name), access=access, door=FormRun.Door.REST)
    runs.check(run.pk, access=access)
    spent["form"] = time.perf_counter() - begun
    run.refresh_from_db()
    assert run.phase == "applied", (run.message, run.problems[:3], run.counts)
    assert (run.phase, run.counts["changed"], run.counts["new"]) == ("applied", (count + 19) // 20, 0), (
        run.phase, run.message, run.counts,
    )  # fmt: skip
    ratio = spent["form"] / spent["script"]
    return (
        "| how | wall s | rows/s |\n|---|---|---|\n"
        f"| script: calamine, COPY, merge | {spent['script']:.2f} | {count / spent['script']:,.0f} |\n"
        f"| upload form, checked and applied | {spent['form']:.2f} | {count / spent['form']:,.0f} |\n\n"
        f"Ratio {ratio:.1f}, goal 3: {'kept' if ratio <= 3 else 'not kept'}. The form reads the file and the table, "
        "compares every cell, writes the changed rows twice (the preview is the writing, taken back) and keeps their history."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
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
            body = measure(given.rows)
    report.write(f"Upsert of {given.rows:,} rows x 12 columns, 5 % changed", body)


if __name__ == "__main__":
    main()
