"""Writers over REST that remember what was acknowledged, and the proof that it is there and nothing by halves."""

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

import psycopg

from tests.faults.report import Counts

SIZE = 5  #: records of one batch


@dataclass(frozen=True)
class Place:
    """The workspace written to: its slug, the table, a column of it, the token and the session of who writes."""

    slug: str
    term: int
    column: int
    token: str
    session: str


@dataclass
class Traffic:
    """Threads that write until told to stop: batches of ``SIZE`` records that carry the batch's name."""

    port: int
    place: Place
    acknowledged: dict[str, list[int]] = field(default_factory=dict)
    failed: int = 0
    writers: tuple[str, ...] = ()
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Traffic":
        self.writers = tuple(f"{time.time_ns()}-{n}" for n in range(4))
        self._threads = [threading.Thread(target=self._write, args=(writer,)) for writer in self.writers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int, patience: float = 60) -> None:
        """Until so many more batches are acknowledged."""
        wanted, until = len(self.acknowledged) + more, time.monotonic() + patience
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < until, f"{len(self.acknowledged)} of {wanted} batches, {self.failed} failed"
            time.sleep(0.02)

    def _write(self, writer: str) -> None:
        for number in count():
            if self._stop.is_set():
                return
            name = f"{writer}-{number}"
            try:
                status, answer = post(self.port, self.place, name)
            except (OSError, http.client.HTTPException, ValueError):
                status, answer = 0, {}
            if status == 200:
                self.acknowledged[name] = [result["id"] for result in answer["results"]]
            else:
                self.failed += 1
                time.sleep(0.1)


def post(port: int, place: Place, name: str) -> tuple[int, dict[str, list[dict[str, int]]]]:
    """Write one batch; status and answer."""
    term, column = f"t{place.term}", f"t{place.column}"
    operations = [{"op": "create", "attrs": {term: f"{name} {n}", column: str(n)}} for n in range(SIZE)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(
            "POST",
            f"/{place.slug}/batch/{place.term}",
            json.dumps({"operations": operations}),
            {"Authorization": f"Bearer {place.token}", "Content-Type": "application/json"},
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def prove(database: str, place: Place, *traffics: Traffic) -> Counts:
    """Assert that no acknowledged write is lost, no batch is there by half, and projections equal their rebuild."""
    with psycopg.connect(database) as connection:
        schema = psycopg.sql.Identifier(f"ws_{place.slug}")
        stored = dict(
            connection.execute(
                psycopg.sql.SQL("select id, val from {}.node where t = %s and up = 1").format(schema), [place.term]
            ).fetchall()
        )
        cells = dict(
            connection.execute(
                psycopg.sql.SQL("select up, count(*) from {}.node where t = %s group by 1").format(schema),
                [place.column],
            ).fetchall()
        )
        wrong = connection.execute("select * from qdm.check(%s)", [f"ws_{place.slug}"]).fetchall()
    acknowledged = {
        record: f"{name} {n}"
        for traffic in traffics
        for name, ids in traffic.acknowledged.items()
        for n, record in enumerate(ids)
    }
    found = [record for record, val in acknowledged.items() if stored.get(record) == val and cells.get(record) == 1]
    sizes = Counter(val.rpartition(" ")[0] for val in stored.values())
    counts = Counts(
        acknowledged=len(acknowledged),
        found=len(found),
        half=sum(size != SIZE for size in sizes.values()),
        differences=len(wrong),
        refused=sum(traffic.failed for traffic in traffics),
    )
    assert counts.found == counts.acknowledged > 0, "an acknowledged write is lost"
    assert set(cells.values()) == {1}, "a record without its cell"
    assert cells.keys() == stored.keys(), "a record without its cell"
    assert (counts.half, wrong) == (0, [])
    return counts
