"""Runs the child that reads an uploaded file, and survives whatever that does to it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from qdm.sheets.errors import Cancelled, UnreadableFile
from qdm.sheets.reading import limits
from qdm.sheets.reading.facts import SheetFacts
from qdm.sheets.reading.failure import Reason

_ROOT = Path(__file__).resolve().parents[2]
#: Seconds of wall time beyond the child's CPU seconds: a busy machine is no reason to give up.
_PATIENCE = 120.0
#: Seconds between looks at the cancel flag while the child is silent.
_TICK = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """What the child made of the file: sheet n of ``sheets`` lies in ``spool_path(folder, n)``."""

    kind: str
    sheets: tuple[SheetFacts, ...]
    encoding: str = ""
    delimiter: str = ""


def read_file(
    path: Path,
    folder: Path,
    name: str,
    *,
    encoding: str = "",
    delimiter: str = "",
    progress: Callable[[int], None] = lambda rows: None,
    total: Callable[[int], None] = lambda rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Reading:
    """Spool the file into the folder.

    ``progress`` gets rows as they are read, ``total`` their number where the file tells it beforehand; ``name``
    becomes a text file's sheet.
    Raises UnreadableFile, and Cancelled as soon as ``cancelled`` says so.
    """
    command = [sys.executable, "-m", "qdm.sheets.reading.child", str(path), str(folder), name, encoding, delimiter]
    environment = {"PATH": os.defpath, "PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "random", "LC_ALL": "C.UTF-8"}
    # numpy comes with openpyxl; its threads would only reserve memory
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=_ROOT,
        start_new_session=True,
    )
    watch = _Watch(child, cancelled, _deadline(path))
    watch.start()
    try:
        answer = _listen(child, progress, total)
    except BaseException:
        _kill(child)
        raise
    finally:
        watch.finish()
    if watch.reason == "cancelled":
        raise Cancelled
    if answer is None:
        raise UnreadableFile(_why(child.returncode, watch.reason))
    if "failure" in answer:
        raise UnreadableFile(Reason(answer["failure"]), str(answer.get("detail", "")))
    dialect = answer["dialect"] or {}
    return Reading(
        answer["kind"],
        tuple(SheetFacts.from_json(facts) for facts in answer["sheets"]),
        dialect.get("encoding", ""),
        dialect.get("delimiter", ""),
    )


def _deadline(path: Path) -> float:
    # the child limits its own CPU time by the inflated size; packed size x 100 is the most that can be
    inflated = path.stat().st_size * limits.MAX_RATIO / limits.MIB
    return time.monotonic() + _PATIENCE + min(limits.CPU_BASE + limits.CPU_PER_MIB * inflated, 1800)


def _listen(
    child: "subprocess.Popen[bytes]", progress: Callable[[int], None], total: Callable[[int], None]
) -> dict[str, Any] | None:
    """The child's last word, or None when it died without one."""
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            message: dict[str, Any] = orjson.loads(line)
            if "rows" in message:
                progress(message["rows"])
            elif "total" in message:
                total(message["total"])
            else:
                return message
    return None


def _why(status: int, reason: str) -> Reason:
    if reason == "late" or status == -signal.SIGXCPU:
        return Reason.TIME
    # Rust aborts when memory is refused; the kernel kills when there is none
    return Reason.MEMORY if status in (-signal.SIGABRT, -signal.SIGKILL) else Reason.CRASHED


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """With what it has begun beside itself: it leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


class _Watch(threading.Thread):
    """Kills the child when the user cancels or its time is over. ``reason`` is '', 'cancelled' or 'late'."""

    def __init__(self, child: "subprocess.Popen[bytes]", cancelled: Callable[[], bool], deadline: float) -> None:
        super().__init__(name="sheet-reader-watch", daemon=True)
        self._child = child
        self._cancelled = cancelled
        self._deadline = deadline
        self._over = threading.Event()
        self.reason = ""

    def run(self) -> None:
        while not self._over.wait(_TICK):
            if self._cancelled():
                self.reason = "cancelled"
            elif time.monotonic() > self._deadline:
                self.reason = "late"
            if self.reason:
                _kill(self._child)
                return

    def finish(self) -> None:
        """After the child's last word: it ends by itself, or is ended."""
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            _kill(self._child)
            self._child.wait()
        self._over.set()
        self.join()
