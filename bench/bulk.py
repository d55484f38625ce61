"""Many rows at once: a value set, rows duplicated and deleted, and each of it taken back, as the worker does it.

    .venv/bin/python -m bench.bulk [--size 100000]

Needs nothing running: it starts a database of its own under var/bench (``VAR_DIR``).
"""

import argparse
import os
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")

import django
from django.conf import settings

from integram import embedded


def measured(size: int) -> list[str]:
    from bench import dataset
    from qdm.access import Access, Actor
    from qdm.models import BulkJob
    from qdm.query.ast import Query
    from qdm.selectors import structure
    from qdm.selectors.chosen import Chosen
    from qdm.services.bulk import Deleting, Duplicating, Setting
    from qdm.sheets import bulk

    made, _spent = dataset.build(size, compared=False)
    term = made.term_id
    everything = Chosen(Query())
    lines = ["| what | s | rows/s | peak MB |", "|---|---|---|---|"]

    def access() -> Access:
        return replace(Access.system(structure.schema(dataset.SLUG), "bench"), actor=Actor(1, "bench"))

    def job(title: str, begin: Callable[[], BulkJob]) -> BulkJob:
        found = begin()
        begun = time.perf_counter()
        bulk.carry_out(found.pk, access=access())
        spent = time.perf_counter() - begun
        found.refresh_from_db()
        assert found.phase == BulkJob.Phase.DONE, found.message
        assert not found.refused
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        lines.append(f"| {title} | {spent:.1f} | {size / spent:,.0f} | {peak} |")
        print(lines[-1], flush=True)
        return found

    for title, change in (
        ("a value set", Setting(made.columns["Статус"], "новейший")),
        ("duplicated", Duplicating()),
        ("deleted", Deleting()),
    ):
        done = job(title, lambda change=change: bulk.start(term, everything, change, size, access=access()))  # type: ignore[misc]
        job(f"{title}, taken back", lambda done=done: bulk.undo(done.batch, access=access()))  # type: ignore[misc]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    options = parser.parse_args()
    with embedded.running(settings.VAR_DIR):
        django.setup()
        from django.core.management import call_command

        from bench import report

        call_command("migrate", verbosity=0)
        report.write(f"Many rows at once: {options.size:,} rows x 11 columns", "\n".join(measured(options.size)))


if __name__ == "__main__":
    main()
