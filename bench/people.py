"""A hundred people at work: a closed loop with think time against ``manage.py serve`` itself, then without, to saturation.

    .venv/bin/python -m bench.people [--users 100] [--seconds 60] [--think 3] [--saturate 10 20 40]

Takes the records that ``bench.queries --build`` has made (VAR_DIR) and starts the production set-up as ``make run`` does.
Each user goes on by himself: opens the sheet, scrolls, filters, sorts, searches, opens a record, edits a cell, reads by
REST; half of them see only the rows of two statuses (a rule) and not one of the columns. What is told is the clock of the
client, CPU by process, memory, connections. The clients run on the same machine and their CPU is told too.
"""

import argparse
import asyncio
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")
os.environ |= {"API_RATE_TOKEN": "0", "API_RATE_ADDRESS": "0", "LOG_LEVEL": "WARNING", "COUNT_COLUMN_USES": "1"}

import django
import httpx
import psutil
from django.conf import settings

from integram import embedded

ROOT = Path(__file__).resolve().parents[1]
CSRF = "c" * 32


@dataclass(frozen=True)
class Scene:
    term: int
    size: int
    columns: dict[str, int]
    people: list[tuple[str, str, bool]]  #: session, token, whether restricted


@dataclass
class Tally:
    """What the clients saw: action -> seconds of each, and errors by what they were."""

    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)


def scene(users: int) -> Scene:
    from django.test import Client

    from bench.dataset import standing
    from qdm.access import Action
    from rbac import grants, tokens
    from rbac.models import Lock, User

    dataset = standing()
    access = dataset.access
    view, change = [Action.VIEW], [Action.VIEW, Action.CHANGE]
    User.objects.filter(username__startswith="person").delete()
    hidden = dataset.columns["Контакт"]
    people = []
    for number in range(users):
        user, restricted = User.objects.create_user(f"person{number}"), number % 2 == 1
        rule = "Статус = новый or Статус = закрыт" if restricted else ""
        table = (
            grants.on_table(dataset.term_id, rule, access=access)
            if rule
            else grants.on_table(dataset.term_id, access=access)
        )
        grants.grant(user, change, table, access=access)
        grants.grant(user, view, grants.on_table(dataset.customer_id, access=access), access=access)
        if not restricted:
            grants.grant(user, view, grants.on_field(hidden, access=access), access=access)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        people.append((client.cookies[settings.SESSION_COOKIE_NAME].value, tokens.create(user), restricted))
    grants.lock(grants.on_field(hidden, access=access), Lock.VIEW, access=access)
    return Scene(dataset.term_id, dataset.size, dataset.columns, people)


class Person:
    """One user with a browser and a program. ``think``: mean seconds between two acts."""

    def __init__(self, scene: Scene, number: int, port: int, think: float, tally: Tally) -> None:
        self.scene, self.think, self.tally = scene, think, tally
        session, token, self.restricted = scene.people[number % len(scene.people)]
        self.random = random.Random(number)
        self.page = f"/w/bench/t/{scene.term}/"
        self.rows: list[list[object]] = []
        cookies = {settings.SESSION_COOKIE_NAME: session, "csrftoken": CSRF}
        base = f"http://127.0.0.1:{port}"
        limits = httpx.Limits(max_connections=2)
        self.browser = httpx.AsyncClient(base_url=base, cookies=cookies, timeout=60, limits=limits)
        self.program = httpx.AsyncClient(
            base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60, limits=limits
        )

    async def work(self, until: float) -> None:
        acts = [(self.open, 2), (self.scroll, 6), (self.filter, 3), (self.sort, 2), (self.search, 1),
                (self.record, 3), (self.edit, 3), (self.read, 3)]  # fmt: skip
        names, weights = [act for act, _w in acts], [weight for _a, weight in acts]
        if self.think:
            await asyncio.sleep(self.random.uniform(0, self.think))
        await self._act(self.open)
        while time.monotonic() < until:
            if self.think:
                await asyncio.sleep(self.random.expovariate(1 / self.think))
            await self._act(self.random.choices(names, weights)[0])
        await self.browser.aclose()
        await self.program.aclose()

    async def _act(self, act) -> None:
        await self._timed(act)
        if act == self.open:  # a page of very many rows asks for their exact number when it is there
            await self._timed(self.count)

    async def _timed(self, act) -> None:
        begun = time.perf_counter()
        try:
            answer = await act()
        except httpx.HTTPError as error:
            self.tally.errors[f"{act.__name__}: {type(error).__name__}"] += 1
            return
        if answer is None:
            return
        self.tally.spent[act.__name__].append(time.perf_counter() - begun)
        if answer.status_code != 200:
            self.tally.errors[f"{act.__name__}: {answer.status_code}"] += 1
        elif act.__name__ in ("scroll", "filter", "sort"):
            self.rows = answer.json()["rows"] or self.rows

    async def _rows(self, **asked: object) -> httpx.Response:
        return await self.browser.get(f"{self.page}rows", params={"offset": 0, "limit": 100} | asked)

    async def open(self) -> httpx.Response:
        return await self.browser.get(self.page)

    async def count(self) -> httpx.Response:
        return await self.browser.get(f"{self.page}rows", params={"count": "exact"})

    async def scroll(self) -> httpx.Response:
        deep = self.random.random() < 0.3
        return await self._rows(
            offset=self.random.randrange(self.scene.size // 3) if deep else self.random.randrange(5000)
        )

    async def filter(self) -> httpx.Response:
        city = self.scene.columns["Город"]
        return await self._rows(
            filter=f"{city} = Город {self.random.randrange(11, 2000)}".replace(f"{city} ", "Город ", 1)
        )

    async def sort(self) -> httpx.Response:
        return await self._rows(
            sort=self.random.choice(["", "-"]) + str(self.scene.columns[self.random.choice(["Сумма", "День"])])
        )

    async def search(self) -> httpx.Response:
        return await self._rows(q=f"заказ {self.random.randrange(self.scene.size):09d}"[: self.random.choice([12, 15])])

    async def record(self) -> httpx.Response | None:
        if not self.rows:
            return None
        return await self.browser.get(f"{self.page}r/{self.random.choice(self.rows)[0]}/")

    async def edit(self) -> httpx.Response | None:
        if not self.rows:
            return None
        values = {str(self.scene.columns["Вес"]): str(self.random.randrange(1000))}
        write = {"op": "update", "id": self.random.choice(self.rows)[0], "values": values}
        return await self.browser.post(f"{self.page}batch", json={"writes": [write]}, headers={"X-CSRFToken": CSRF})

    async def read(self) -> httpx.Response:
        body = {"limit": 20, "filter": f"Город = Город {self.random.randrange(11, 2000)}"}
        return await self.program.get(f"/bench/query/{self.scene.term}", params=body)


@dataclass
class Load:
    """CPU seconds, memory and connections of the set-up."""

    cpu: dict[str, float]
    memory: dict[str, float]
    connections: int


def load(serve: psutil.Process, postmaster: int) -> Load:
    cpu: dict[str, float] = defaultdict(float)
    memory: dict[str, float] = defaultdict(float)
    processes = {"supervisor": [serve], "web": [], "worker": []}
    for child in serve.children(recursive=True):
        command = " ".join(child.cmdline())
        if "uvicorn" in command:
            processes["web"].append(child)
        elif "procrastinate" in command:
            processes["worker"].append(child)
    server = psutil.Process(postmaster)
    processes["database"] = [server, *server.children(recursive=True)]
    backends = 0
    for name, found in processes.items():
        for process in found:
            try:
                times = process.cpu_times()
                cpu[name] += (
                    times.user
                    + times.system
                    + (times.children_user + times.children_system if process is server else 0)
                )
                memory[name] += process.memory_full_info().pss / 2**20
                backends += name == "database" and "[local]" in " ".join(process.cmdline())
            except psutil.NoSuchProcess:
                pass
    return Load(dict(cpu), dict(memory), backends)


async def together(scene: Scene, port: int, users: int, think: float, seconds: float) -> tuple[Tally, float]:
    tally = Tally()
    begun = time.monotonic()
    await asyncio.gather(*(Person(scene, n, port, think, tally).work(begun + seconds) for n in range(users)))
    return tally, time.monotonic() - begun


def line(users: int, think: float, tally: Tally, took: float, before: Load, after: Load, own: float) -> str:
    every = sorted(second for spent in tally.spent.values() for second in spent)
    number = len(every)
    cpu = {name: after.cpu[name] - before.cpu.get(name, 0) for name in after.cpu}
    return (
        f"| {users} | {think:g} | {number / took:.1f} | {sum(tally.errors.values())} | {statistics.median(every) * 1000:.0f} | "
        f"{every[int(number * 0.95)] * 1000:.0f} | {cpu['web'] / number * 1000:.1f} | {cpu['database'] / number * 1000:.1f} | "
        f"{sum(cpu.values()) / took * 100:.0f} % | {own / took * 100:.0f} % | {after.memory['web']:.0f} | "
        f"{after.memory['worker']:.0f} | {after.memory['database']:.0f} | {after.connections} |"
    )


def acts(tally: Tally) -> str:
    lines = ["| act | times | median ms | p95 ms |", "|---|---|---|---|"]
    for name, spent in sorted(tally.spent.items()):
        ordered = sorted(spent)
        lines.append(
            f"| {name} | {len(ordered)} | {statistics.median(ordered) * 1000:.0f} | {ordered[int(len(ordered) * 0.95)] * 1000:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=3)
    parser.add_argument("--saturate", type=int, nargs="*", default=[5, 20, 60])
    parser.add_argument("--warm", type=float, default=10)
    given = parser.parse_args()
    with embedded.running(settings.VAR_DIR) as server:
        django.setup()
        from django.core.management import call_command
        from django.db import connections

        from bench import report

        call_command("migrate", verbosity=0)
        found = scene(given.users)
        connections.close_all()
        connections["default"].close_pool()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        serve = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--without-demo"], cwd=ROOT, env=os.environ | {"PORT": str(port)}
        )
        try:
            deadline = time.monotonic() + 90
            while time.monotonic() < deadline:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.2)
            process = psutil.Process(serve.pid)
            postmaster = int((server.directory / "postmaster.pid").read_text().split()[0])
            asyncio.run(together(found, port, given.users, given.think, given.warm))
            rows, first = [], None
            for users, think in [(given.users, given.think), *((n, 0.0) for n in given.saturate)]:
                before, own = load(process, postmaster), time.process_time()
                tally, took = asyncio.run(
                    together(found, port, users, think, given.seconds if think else given.seconds / 3)
                )
                rows.append(
                    line(users, think, tally, took, before, load(process, postmaster), time.process_time() - own)
                )
                first = first or tally
                print(rows[-1], dict(tally.errors), flush=True)
        finally:
            serve.send_signal(signal.SIGTERM)
            serve.wait(40)
        assert first is not None
        errors = ", ".join(f"{name} {count}" for name, count in first.errors.items()) or "none"
        body = "\n".join(
            [
                f"`manage.py serve` (one web process, one worker, the embedded PostgreSQL) on {os.cpu_count()} cores that the clients "
                "share. Half of the people see the rows of two statuses and not one of the columns. CPU in ms a request; "
                "memory in MB (proportional set size); think 0: as fast as answers come, to saturation.",
                "",
                "| people | think s | requests/s | errors | median ms | p95 ms | CPU web | CPU database | CPU of all | of the clients "
                "| MB web | worker | database | connections |",
                "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
                *rows,
                "",
                f"The {given.users} people with think time, by act; errors: {errors}.",
                "",
                acts(first),
            ]
        )
        report.write(f"A hundred people at {found.size:,} records", body)


if __name__ == "__main__":
    main()
