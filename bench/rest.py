"""REST calls: CPU of a request (application and database together) beside a hand-written query over a flat table.

    .venv/bin/python -m bench.rest [--size 100000] [--rounds 200] [--clients 10] [--build | --standing] [--only NAME]

``--build`` makes the records and ends; ``--standing`` measures those of an earlier run.

A real server (uvicorn, one process) is asked over HTTP; the other side runs bare psycopg over a flat typed table with the
same indexes and makes the same JSON, without HTTP. Both are asked in turn within one run, with other parameters each
time. CPU is read from /proc of the server and of PostgreSQL's processes, so the load of the machine does not count; the
milliseconds of the clock are shown beside. Needs nothing running: it starts a database of its own under var/bench.
"""

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")

import django
import orjson
import psutil
import psycopg
from django.conf import settings

from bench.rest_bare import answer
from integram import embedded

ROOT = Path(__file__).resolve().parents[1]
#: Median ms of one client, as issue 3 gives them, of peers' own interfaces and of IntegramDD on such data.
PEERS = {
    "list of 100, sorted": "IntegramDD 38, Baserow 90, Mathesar 84, NocoDB 57",
    "filter with one hit": "IntegramDD 3.6, Baserow 82, Mathesar 73, NocoDB 26",
    "range, sorted, 100": "Baserow 126, Mathesar 95, NocoDB 46",
    "contains": "IntegramDD 81, Baserow 360, Mathesar 267, NocoDB 172",
    "page at 50,000": "IntegramDD 205 at 90,000, Baserow 203, Mathesar 375, NocoDB 144",
    "count": "Baserow 132, Mathesar 40, NocoDB 13",
    "get": "IntegramDD 3.0, Baserow 30, Mathesar 30, NocoDB 9",
    "create": "IntegramDD 3.9, Baserow 97, Mathesar 35, NocoDB 16",
    "update": "IntegramDD 3.5, Baserow 75, Mathesar 35, NocoDB 18",
    "list of 20": "IntegramDD 8.3",
    "filter with 25 % hits": "IntegramDD 76",
}


@dataclass
class Call:
    """One kind of call: method, path and body of a request, and the same by hand."""

    name: str
    request: Callable[[random.Random], tuple[str, str, Any]]
    bare: Callable[[random.Random], object] | None


class Cpu:
    """Seconds of CPU of some processes, those that end meanwhile left out."""

    def __init__(self, *pids: int) -> None:
        self.processes = [psutil.Process(pid) for pid in pids]

    def seconds(self) -> float:
        total = 0.0
        for root in self.processes:
            for process in [root, *root.children(recursive=True)]:
                try:
                    times = process.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                total += times.user + times.system
        return total


#: The order of the flat table's list, for a limit.
ORDER = "order by f.skey, f.id limit"


def flat_select(dataset: Any) -> tuple[str, list[str]]:
    """The flat table's statement up to its conditions, and the key of each of its cells."""
    from bench.dataset import CUSTOMER

    names = [name for name in dataset.columns if name != CUSTOMER]
    cells = ", ".join(f'f."{name}"::text' for name in names)
    select = f'select f.id, f.val, {cells}, f."{CUSTOMER}", c.val from ws_bench.flat f left join ws_bench.t_{dataset.customer_id} c on c.id = f."{CUSTOMER}"'
    return select, [str(dataset.columns[name]) for name in names]


def calls(dataset: Any, connection: psycopg.Connection) -> list[Call]:
    term, columns = dataset.term_id, dataset.columns
    from bench.dataset import CUSTOMER, FIRST, NODES

    select, keys = flat_select(dataset)

    def rows(text: str, *values: object) -> bytes:
        found = connection.execute(text, values, prepare=True).fetchall()
        return answer(term, keys, str(columns[CUSTOMER]), found)

    def listed(query: str) -> tuple[str, str, Any]:
        return "GET", f"/bench/objects/{term}?{query}", None

    def asked(query: dict[str, Any]) -> tuple[str, str, Any]:
        return "POST", f"/bench/query/{term}", query

    def record(r: random.Random) -> int:
        return r.randrange(dataset.size) * NODES + FIRST

    def city(r: random.Random) -> str:
        return f"Город {r.randrange(11, 2000)}"

    def one_hit(r: random.Random) -> str:
        return f"Заказ {r.randrange(dataset.size):09d}"

    def values(r: random.Random) -> dict[str, Any]:
        return {
            "Заказы": f"Новый {r.random()}", "Город": city(r), "Контакт": "x", "Сумма": r.randrange(10**6), "Вес": 1.5,
            "День": "2025-01-01", "Срочно": True, "Статус": "новый", CUSTOMER: 200_000,
        }  # fmt: skip

    def insert(r: random.Random) -> bytes:
        sent = values(r)
        made = connection.execute(
            'insert into ws_bench.flat (id, up, val, skey, "Город", "Контакт", "Сумма", "Вес", "День", "Срочно", "Статус", '
            f'"{CUSTOMER}") values (nextval(\'ws_bench.node_id_seq\'), 1, %s, qdm.key(%s), %s, %s, %s, %s, %s, %s, %s, %s) returning id',
            [sent["Заказы"], sent["Заказы"], *list(sent.values())[1:]], prepare=True,
        ).fetchone()  # fmt: skip
        return orjson.dumps({"id": made[0] if made else None})

    def update(r: random.Random) -> bytes:
        at = record(r)
        connection.execute('update ws_bench.flat set "Город" = %s where id = %s', [city(r), at], prepare=True)
        return orjson.dumps({"id": at})

    return [
        Call("list of 20", lambda r: listed("limit=20"), lambda r: rows(f"{select} {ORDER} 20")),
        Call(
            "list of 100, sorted",
            lambda r: asked({"limit": 100, "sort": ["-Сумма"]}),
            lambda r: rows(f'{select} order by f."Сумма" desc, f.id desc limit 100'),
        ),
        Call(
            "filter with one hit",
            lambda r: listed(f"f{term}={quote(one_hit(r))}"),
            lambda r: rows(f"{select} where f.skey = qdm.key(%s) {ORDER} 20", one_hit(r)),
        ),
        Call(
            "filter with 25 % hits",
            lambda r: listed(f"limit=20&{quote('Статус')}={quote('закрыт')}"),
            lambda r: rows(f'{select} where qdm.key(f."Статус") collate "C" = qdm.key(%s) {ORDER} 20', "закрыт"),
        ),
        Call(
            "range, sorted, 100",
            lambda r: asked(
                {"limit": 100, "sort": ["Сумма"], "filter": {"field": "Сумма", "op": ">=", "value": r.randrange(10**6)}}
            ),
            lambda r: rows(f'{select} where f."Сумма" >= %s order by f."Сумма", f.id limit 100', r.randrange(10**6)),
        ),
        Call(
            "contains",
            lambda r: listed(f"{quote('Контакт')}=%25{r.randrange(16**3):03x}%25"),
            lambda r: rows(
                f'{select} where lower(f."Контакт" collate qdm.fold) like %s {ORDER} 20', f"%{r.randrange(16**3):03x}%"
            ),
        ),
        Call("page at 50,000", lambda r: listed("limit=20&offset=50000"), lambda r: rows(
                f"{select} where f.id = any(array(select id from ws_bench.flat order by skey, id limit 20 offset 50000)) "
                "order by f.skey, f.id"
            )),
        Call(
            "count",
            lambda r: asked({"limit": 0, "select": [], "total": "exact", "filter": {"field": "Город", "value": city(r)}}),
            lambda r: orjson.dumps(
                connection.execute(
                    'select count(*) from ws_bench.flat f where qdm.key(f."Город") collate "C" = qdm.key(%s)', [city(r)]
                ).fetchone()
            ),
        ),
        Call("get", lambda r: ("GET", f"/bench/object/{record(r)}", None), lambda r: rows(f"{select} where f.id = %s", record(r))),
        Call("create", lambda r: ("POST", "/bench/objects", {"id": term, "up": 1, "attrs": values(r)}), insert),
        Call("update", lambda r: ("PATCH", f"/bench/objects/{record(r)}", {"Город": city(r)}), update),
    ]  # fmt: skip


class Server:
    """uvicorn as ``make run`` starts it, without limits of calls; or with another application."""

    def __init__(self, application: str = "integram.asgi:application", **more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        environment = os.environ | {f"API_RATE_{kind}": "0" for kind in ("TOKEN", "ADDRESS", "FAILURES")}
        command = ["uvicorn", application, "--port", str(self.port), "--no-access-log"]
        command += ["--factory"] if more else []
        command += ["--log-level", "warning", "--lifespan", "off", "--timeout-keep-alive", "600"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment | {"LOG_LEVEL": "WARNING"} | more
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server did not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


class Client:
    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: Any) -> bytes:
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return content


@dataclass(frozen=True)
class Measured:
    """Of one round, ms: CPU of the program and of PostgreSQL, median and 95th percentile of the clock."""

    program: float
    database: float
    median: float
    p95: float

    @property
    def cpu(self) -> float:
        return self.program + self.database


def measured(what: Callable[[], object], program: Cpu, database: Cpu, rounds: int) -> Measured:
    clock = []
    before = program.seconds(), database.seconds()
    for _ in range(rounds):
        begun = time.perf_counter()
        what()
        clock.append((time.perf_counter() - begun) * 1000)
    spent = (program.seconds() - before[0]) / rounds * 1000, (database.seconds() - before[1]) / rounds * 1000
    return Measured(*spent, statistics.median(clock), sorted(clock)[int(len(clock) * 0.95)])


def throughput(call: Call, port: int, token: str, clients: int, seconds: float = 4.0) -> float:
    """Requests a second of so many clients at once."""
    done = [0] * clients
    end = time.monotonic() + seconds

    def work(at: int) -> None:
        client, r = Client(port, token), random.Random(at)
        while time.monotonic() < end:
            client(*call.request(r))
            done[at] += 1

    threads = [threading.Thread(target=work, args=(at,)) for at in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--standing", action="store_true")
    parser.add_argument("--only", default="", help="calls whose name has this; the results are not kept")
    given = parser.parse_args()
    with embedded.running(settings.VAR_DIR) as server:
        django.setup()
        from django.core.management import call_command

        from bench import report
        from bench.dataset import SLUG, build, standing
        from rbac import tokens
        from rbac.models import User

        call_command("migrate", verbosity=0)
        dataset = replace(standing(), size=given.size) if given.standing else build(given.size)[0]
        if given.build:
            return
        user, _new = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})
        token = tokens.create(user)
        from django.db import connections

        connections["default"].close()
        connections["default"].close_pool()
        web = Server()
        try:
            body = compare(dataset, server, web, token, given)
        finally:
            web.stop()
        if not given.only:
            report.write(f"REST calls, {dataset.size // 1000 * 1000:,} records, workspace {SLUG}", body)


def compare(dataset: Any, server: embedded.Server, web: Server, token: str, given: argparse.Namespace) -> str:
    bare_connection = psycopg.connect(server.conninfo(embedded.DATABASE), autocommit=True)
    bare_connection.execute("set jit = off; set plan_cache_mode = force_custom_plan; set random_page_cost = 1.1")
    postgres = int((server.directory / "postmaster.pid").read_text().split()[0])
    program, alone, database = Cpu(web.process.pid), Cpu(os.getpid()), Cpu(postgres)
    client = Client(web.port, token)
    lines = [
        "| call | CPU ms (program + database) | by hand, CPU ms | ratio | clock ms, median (p95) | by hand | at "
        f"{given.clients} clients, requests/s | others' clock, ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for call in calls(dataset, bare_connection):
        if given.only not in call.name:
            continue
        r = random.Random(7)
        rounds = given.rounds if call.name != "contains" else max(given.rounds // 5, 1)
        for _ in range(10):
            client(*call.request(r))
            call.bare(r)
        ours = measured(lambda: client(*call.request(r)), program, database, rounds)  # noqa: B023
        bare = measured(lambda: call.bare(r), alone, database, rounds)  # noqa: B023
        rate = throughput(call, web.port, token, given.clients)
        lines.append(
            f"| {call.name} | {ours.cpu:.2f} ({ours.program:.2f} + {ours.database:.2f}) | {bare.cpu:.2f} | "
            f"{ours.cpu / bare.cpu:.1f} | {ours.median:.2f} ({ours.p95:.1f}) | {bare.median:.2f} | "
            f"{rate:.0f} | {PEERS.get(call.name, '')} |"
        )
        print(lines[-1], flush=True)
    if given.only in "list of 20":
        lines += ["", floor(dataset, server, client, program, database, given.rounds)]
        print(lines[-1], flush=True)
    return "\n".join(lines)


def floor(dataset: Any, server: embedded.Server, client: Client, program: Cpu, database: Cpu, rounds: int) -> str:
    """The list of 20 of ours and of a bare view, asked in turn over HTTP."""
    from bench.dataset import CUSTOMER

    select, keys = flat_select(dataset)
    bare = Server(
        "bench.rest_bare:application",
        BARE_LIST=json.dumps(
            {
                "conninfo": server.conninfo(embedded.DATABASE), "sql": f"{select} {ORDER} 20", "term": dataset.term_id,
                "keys": keys, "link": str(dataset.columns[CUSTOMER]),
            }
        ),
    )  # fmt: skip
    try:
        other, alone = Client(bare.port, ""), Cpu(bare.process.pid)
        path = f"/bench/objects/{dataset.term_id}?limit=20"
        found = []
        for _ in range(5):
            found.append(
                (
                    measured(lambda: client("GET", path, None), program, database, rounds),
                    measured(lambda: other("GET", path, None), alone, database, rounds),
                )
            )
    finally:
        bare.stop()
    ours, floor = (min((pair[i] for pair in found), key=lambda m: m.median) for i in (0, 1))
    return (
        f"The list of 20 beside a bare ASGI view of the same rows (uvicorn, psycopg, orjson; no token, no rights), best of "
        f"5 rounds each: clock {ours.median:.2f} and {floor.median:.2f} ms ({ours.median / floor.median:.1f}), CPU "
        f"{ours.cpu:.2f} and {floor.cpu:.2f} ms ({ours.cpu / floor.cpu:.1f})."
    )


if __name__ == "__main__":
    main()
