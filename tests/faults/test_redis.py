"""Two web processes and a real Redis: what one does the other's open sheets hear, Redis killed and back or not."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.faults.report import Counts, record
from tests.faults.site import Site
from tests.faults.traffic import Traffic, post, prove
from tests.platform.redis_server import RedisServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server (Debian: redis-server)"),
]


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("faults"), REDIS_URL=redis_server.url)
    yield site
    site.stop()


@pytest.fixture(scope="module")
def second(site: Site) -> Iterator[int]:
    """The port of the second web process."""
    with site.second_web_process() as port:
        yield port


@dataclass
class Sheet:
    """An open sheet and all it is told: ids of rows, people."""

    socket: ClientConnection
    rows: dict[int, float] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    refetches: int = 0
    closed: str = ""

    def __post_init__(self) -> None:
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            for text in self.socket:
                self._take(json.loads(text), time.monotonic())
        except ConnectionClosed as error:
            self.closed = str(error)

    def _take(self, told: dict[str, Any], now: float) -> None:
        for row in told.get("rows", ()):
            self.rows.setdefault(row[0], now)
        self.people = told.get("people", self.people)
        self.refetches += "refetch" in told


def _write(site: Site, port: int, name: str) -> list[int]:
    """One batch by the web process of that port; ids of its rows."""
    status, answer = post(port, site.place, name)
    assert status == 200, answer
    return [result["id"] for result in answer["results"]]


def test_an_edit_and_a_place_in_one_process_reach_the_sheets_of_the_other(site: Site, second: int) -> None:
    with site.open_sheet(site.served.port) as here, site.open_sheet(second) as there:
        mine, theirs = Sheet(here), Sheet(there)
        delays = []
        for number in range(10):
            began = time.monotonic()
            ids = _write(site, site.served.port, f"edit {number}")
            site.until(lambda ids=ids: theirs.rows.keys() >= set(ids), "told")
            delays.append(max(theirs.rows[row] for row in ids) - began)
        place = {"row": ids[0], "column": site.place.column}
        here.send(json.dumps({"cell": [ids[0], site.place.column]}))
        for sheet in (mine, theirs):
            site.until(lambda sheet=sheet: any(place.items() <= p.items() for p in sheet.people), "told where")
            assert len(sheet.people) == 2
    told = f"10 edits told by the other process, {max(delays):.2f} s after they were sent at most"
    record("none: two web processes and Redis", Counts(sheets=told))


def test_without_redis_nothing_is_lost_and_open_sheets_go_on(
    site: Site, second: int, redis_server: RedisServer
) -> None:
    """Killed while people write through both processes, away for a while, and back; twice."""
    port = site.served.port
    with site.open_sheet(port) as here, site.open_sheet(second) as there:
        sheets = [Sheet(here), Sheet(there)]
        with Traffic(port, site.place) as one, Traffic(second, site.place) as other:
            for change in (redis_server.kill, redis_server.start, redis_server.kill, redis_server.start):
                change()
                one.wait_for(5)
                other.wait_for(5)
                with site.open_sheet(port) as opened:
                    newcomer = Sheet(opened)
                    site.until(lambda newcomer=newcomer: newcomer.rows, "a sheet opened meanwhile told")
        written = {row for traffic in (one, other) for batch in traffic.acknowledged.values() for row in batch}
        for sheet in sheets:
            site.until(lambda sheet=sheet: written <= sheet.rows.keys() or sheet.closed, "all told, without a gap")
            assert (sheet.closed, sheet.refetches) == ("", 0), "no socket fell, none had to begin anew"
    assert one.failed == other.failed == 0
    told = f"2 open throughout, 4 opened meanwhile; {len(written)} rows told to each, none missed, no socket fell"
    record("kill -9 of Redis and back, twice", replace(prove(site.database, site.place, one, other), sheets=told))
