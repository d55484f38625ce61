"""What the fault tests count, as a table: ``FAULTS_REPORT=bench/FAULTS.md python -m pytest tests/faults`` writes it."""

import os
import re
import sys
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

HEAD = """# Faults, done and counted

Each row is one test of `tests/faults` that did it to a real installation (`manage.py serve`, worker, PostgreSQL), where
records are counted while four writers or more sent batches of five. Made by

    FAULTS_REPORT=bench/FAULTS.md .venv/bin/python -m pytest tests/faults

which replaces the rows of the tests it runs. *Acknowledged*: records whose writing was answered with success; *found*:
those of them that are there with their cells; *half*: batches of which some records are there and others not;
*differences*: rows of projections that are not as a rebuild from `node` makes them; *refused*: calls that were answered
with an error or not at all meanwhile, none of which is there by half. Empty: that test counts something else.
"""


@dataclass(frozen=True)
class Counts:
    """None: was not counted there. ``jobs``: what became of the worker's jobs; ``sheets``: of open sheets."""

    acknowledged: int | None = None
    found: int | None = None
    half: int | None = None
    differences: int | None = None
    refused: int | None = None
    jobs: str = ""
    sheets: str = ""


def record(fault: str, counts: Counts) -> None:
    """Print the counts, and put them into the file of ``FAULTS_REPORT``, where there is one."""
    values = [getattr(counts, field.name) for field in fields(Counts)]
    row = f"| {fault} | " + " | ".join("" if value is None else str(value) for value in values) + " |"
    sys.stdout.write(row + "\n")
    if path := os.environ.get("FAULTS_REPORT"):
        _write(Path(path), fault, row)


def _write(path: Path, fault: str, row: str) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    rows = {name: line for line, name in re.findall(r"^(\| (?!fault|---)(.+?) \| .*\|)$", text, re.MULTILINE)}
    rows[fault] = row
    names = ["fault", *(field.name for field in fields(Counts))]
    table = [f"| {' | '.join(names)} |", "|---" * len(names) + "|", *rows.values()]
    day = f"Last run: {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}."
    path.write_text("\n".join([HEAD, day, "", *table, ""]), encoding="utf-8")
