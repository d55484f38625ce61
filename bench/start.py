"""How long ``make run`` takes: the first start with the demo, the starts after it, and the stop.

    .venv/bin/python -m bench.start [--times 5]

In a VAR_DIR of its own, with an installed environment. Beside each: Python that imports Django and opens a port, which
is the least a start can take.
"""

import argparse
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench import report
from integram.embedded import Server

ROOT = Path(__file__).resolve().parents[1]
READY = "Ctrl-C stops it."
LEAST = "import django.core.wsgi, socket; socket.create_server(('127.0.0.1', 0)); print('ready', flush=True)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(command: list[str], until: str, environment: dict[str, str]) -> tuple[subprocess.Popen[str], float]:
    """The process and the seconds until it has printed the line."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if until in line:
            return process, time.perf_counter() - begun
    raise SystemExit("it ended before it was ready:\n" + "".join(printed))


def page(port: int) -> float:
    """Seconds until the page for signing in is there."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/accounts/login/")
    assert connection.getresponse().status == 200
    return time.perf_counter() - begun


def cpu(pid: int) -> float:
    """Seconds of CPU of the process, of its children and of those that have ended: what others beside it do not change."""
    process = psutil.Process(pid)
    ended = process.cpu_times()
    alive = [one.cpu_times() for one in process.children(recursive=True)]
    return ended.children_user + ended.children_system + sum(t.user + t.system for t in (ended, *alive))


def one(var_dir: str) -> tuple[float, float, float, float]:
    """Seconds of a start, of CPU in it, of its first page, of its stop."""
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": var_dir, "PORT": str(port)}
    process, start = started([sys.executable, "-u", "manage.py", "serve"], READY, environment)
    spent = cpu(process.pid)
    first_page = page(port)
    begun = time.perf_counter()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0
    return start, spent, first_page, time.perf_counter() - begun


def least() -> float:
    process, seconds = started([sys.executable, "-c", LEAST], "ready", {"PATH": os.environ["PATH"]})
    process.communicate()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as var_dir:
        try:
            first, _cpu, _page, _stop = one(var_dir)
            rounds = [(*one(var_dir), least()) for _ in range(times)]
        finally:
            Server(Path(var_dir)).stop()
    start, spent, first_page, stop, python = (statistics.median(column) for column in zip(*rounds, strict=True))
    longest = max(one[0] for one in rounds)
    report.write(
        "Starting with one command",
        f"""| | seconds |
|---|---|
| first start: database made, three workspaces imported | {first:.1f} |
| second start (goal: under 6), median of {times} | {start:.1f} |
| … the longest of them | {longest:.1f} |
| … its CPU time, of all processes but PostgreSQL | {spent:.1f} |
| … Python, Django and a port alone | {python:.1f} |
| the first page after it | {first_page:.2f} |
| Ctrl-C until everything has ended | {stop:.1f} |""",
    )


if __name__ == "__main__":
    main()
