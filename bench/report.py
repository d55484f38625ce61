"""bench/RESULTS.md: one section for each measurement, replaced when it is made again."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Measured

Each section is one run: everything in it was measured in turn on the same machine at the same time, so the ratios hold
where the milliseconds do not. `make bench` makes them anew.
"""


def write(title: str, body: str) -> None:
    """Put the section into RESULTS.md and print it."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    section = f"## {title}\n{_machine()}\n\n{body.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    there = pattern.search(text) is not None
    text = pattern.sub(lambda _m: section + "\n", text) if there else f"{text.rstrip()}\n\n{section}"
    RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")
    print(section)


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {load:.1f}, {platform.machine()}, "
        f"Python {platform.python_version()}, Django {version('django')}, psycopg {version('psycopg')}"
    )
