"""Dump and restore of one workspace beside pg_dump and pg_restore of the same schema.

    .venv/bin/python -m bench.dump [--size 100000]

pg_dump writes what we write and the projections, with the same level of compression; what counts are the ratios. Its
restore builds indexes, ours projections too. Memory is the peak of a process that does nothing else. Needs nothing
running: it starts a database of its own under var/bench.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")
os.environ["DATABASE_URL"] = ""

import django
from django.conf import settings

from integram import embedded


def seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def ours(step: str, path: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one of our commands, as ``manage.py`` runs it."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bench.dump", "--step", step, "--file", path], capture_output=True, text=True, check=True
    )
    spent, peak = map(float, done.stdout.split()[-2:])
    return min(spent, time.perf_counter() - begun), peak


def step(name: str, path: Path) -> None:
    """In the child: one command, what it took, and the peak of memory."""
    django.setup()
    from bench.dataset import SLUG
    from integram import archive
    from qdm.models import Workspace

    if name == "dump":
        spent = seconds(lambda: archive.dump(Workspace.objects.get(slug=SLUG), path))
    else:
        spent = seconds(lambda: archive.restore(path))
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def run(size: int) -> None:
    from django.db import connection

    from bench import report
    from bench.dataset import SLUG, build
    from integram.archive import COMPRESSION
    from qdm.services import projections, workspaces

    folder = Path(settings.VAR_DIR)
    archived, plain = folder / "bench.integram", folder / "bench.pg_dump"
    programs = embedded._binaries()
    target = ["-h", str(embedded.Server(folder).socket_directory), "-U", embedded.SUPERUSER, "-d", embedded.DATABASE]

    def postgresql(program: str, *options: str | Path) -> None:
        subprocess.run([programs / program, *target, *options], check=True)

    build(size)
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists ws_bench.flat; drop index if exists ws_bench.cells_t_val")
        cursor.execute("select (select count(*) from ws_bench.node), (select count(*) from ws_bench.change)")
        nodes, changes = cursor.fetchone()
    dump, dump_peak = ours("dump", archived)
    pg_dump = seconds(lambda: postgresql("pg_dump", "-Fc", f"-Z{COMPRESSION}", "-n", "ws_bench", "-f", plain))
    workspaces.drop(SLUG, SLUG)
    restore, restore_peak = ours("restore", archived)
    wrong = projections.check(SLUG)
    workspaces.drop(SLUG, SLUG)
    pg_restore = seconds(lambda: postgresql("pg_restore", plain))
    with connection.cursor() as cursor:
        cursor.execute("drop schema ws_bench cascade")
    ours_size, theirs_size = archived.stat().st_size, plain.stat().st_size
    report.write(
        f"Archive of {size:,} records",
        f"""{nodes:,} nodes, {changes:,} changes; DEFLATE {COMPRESSION} in both. Differences from a rebuild after the
restore: {len(wrong)}.

| | archive | pg_dump | ratio | peak of our process |
|---|---|---|---|---|
| dump | {dump:.1f} s | {pg_dump:.1f} s | {dump / pg_dump:.2f} | {dump_peak:.0f} MB |
| restore | {restore:.1f} s | {pg_restore:.1f} s | {restore / pg_restore:.2f} | {restore_peak:.0f} MB |
| file | {ours_size / 1e6:.1f} MB | {theirs_size / 1e6:.1f} MB | {ours_size / theirs_size:.2f} | |
""",
    )
    archived.unlink()
    plain.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--step", choices=["dump", "restore"])
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.step:
        step(options.step, options.file)
        return
    with embedded.running(Path(settings.VAR_DIR)):
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        run(options.size)


if __name__ == "__main__":
    main()
