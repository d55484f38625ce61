"""A sheet is read while it is scanned: the same rows, and nothing but the scan decides what is refused."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qdm.sheets.reading import beside, limits, xlsx
from qdm.sheets.reading.beside import Beside
from qdm.sheets.reading.failure import ReadFailure, Reason
from qdm.sheets.reading.spool import spool_path
from tests.unit.sheets import files

ROWS = [["Код", "Сумма", "Дата"], *([f"{n:05}", n / 4, None if n % 3 else "x"] for n in range(500))]
MEMORY = 64 << 20


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a large sheet and a second processor."""
    monkeypatch.setattr(limits, "BESIDE_MIN", 0)
    monkeypatch.setattr(beside, "has_room", lambda: True)


def spooled(path: Path, folder: Path) -> tuple[list[Any], list[bytes], list[int]]:
    folder.mkdir()
    told: list[int] = []
    facts = xlsx.read_xlsx(path, folder, told.append)
    return [f.as_json() for f in facts], [spool_path(folder, n).read_bytes() for n in range(len(facts))], told


def test_both_ways_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.xlsx(tmp_path / "a.xlsx", Первый=[["a"], [1]], Второй=ROWS, Пустой=[])
    monkeypatch.setattr(beside, "has_room", lambda: False)
    facts, rows, _told = spooled(path, tmp_path / "alone")
    monkeypatch.setattr(limits, "BESIDE_MIN", 0)
    monkeypatch.setattr(beside, "has_room", lambda: True)
    again, rows_again, told = spooled(path, tmp_path / "beside")
    assert (facts, rows) == (again, rows_again)
    assert told == []  # the fork tells of its progress itself


@pytest.mark.usefixtures("always")
def test_what_the_fork_cannot_do_is_done_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.xlsx(tmp_path / "a.xlsx", Лист=ROWS)
    here = os.getpid()
    original = xlsx._Spooler.spool

    def dying(self: Any, scans: Any) -> Any:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, scans)

    monkeypatch.setattr(xlsx._Spooler, "spool", dying)
    facts, _rows, told = spooled(path, tmp_path / "spool")
    assert facts[0]["rows"] == 501
    assert sum(told) == 501


@pytest.mark.usefixtures("always")
def test_a_scan_that_refuses_stops_the_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[int] = []
    original = Beside.stop

    def noting(self: "Beside[Any, Any]") -> None:
        stopped.append(self._pid)
        original(self)

    monkeypatch.setattr(Beside, "stop", noting)
    row = '<row r="{n}"><c r="A{n}"><v>1</v></c></row>'
    path = files.raw_xlsx(tmp_path / "a.xlsx", row.format(n=1) + row.format(n=1_048_576).replace("A1", "XFD1"))
    with pytest.raises(ReadFailure) as caught:
        xlsx.read_xlsx(path, tmp_path, lambda rows: None)
    assert caught.value.reason is Reason.SCATTERED
    (pid,) = stopped
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def ended(work: Callable[[Callable[[], int]], int]) -> int | None:
    return Beside(work, MEMORY).finish(20)


def test_the_work_gets_what_is_given_and_gives_what_it_makes() -> None:
    assert ended(lambda wait: wait() + 1) == 21


def test_work_that_fails_or_dies_gives_nothing() -> None:
    assert ended(lambda wait: 1 // 0) is None
    assert ended(lambda wait: os.kill(os.getpid(), signal.SIGKILL)) is None


def test_the_work_is_short_of_memory_until_it_is_told() -> None:
    def much() -> int:
        return len(bytearray(4 * MEMORY))

    assert ended(lambda wait: much() + wait()) is None
    assert ended(lambda wait: wait() + much()) == 20 + 4 * MEMORY
