"""Open sheets under load: sockets on one table, writers at a steady rate, half of the sockets with part of the rows and
columns.

    .venv/bin/python -m bench.live [--sockets 50 200] [--writers 20] [--rate 5] [--seconds 8]

One uvicorn process with a VAR_DIR of its own, sockets and writers in this one. Four people look: two see everything,
one half of the rows, one not the column that is written; what each socket was sent is held against what it may see and
against what was written. The same four with 50 and with 200 sockets: the cost of an event is that of distinct rights.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if "VAR_DIR" not in os.environ:  # the scene is made anew each time
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="integram-live-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")
os.environ["DATABASE_URL"] = ""
os.environ["API_RATE_TOKEN"] = os.environ["API_RATE_ADDRESS"] = "0"

import django
import psutil
from django.conf import settings

from integram import embedded

ROWS = 40
OWNER, HALF, BLIND = "owner", "half", "blind"


@dataclass(frozen=True)
class Scene:
    """The table, its two columns, its rows and who has which cookie."""

    term: int
    shown: int
    secret: int
    rows: list[int]
    cookies: dict[str, str]
    token: str


@dataclass
class Seat:
    """One open sheet and what it was sent: row -> the latest number, and each delay in seconds."""

    who: str
    latest: dict[int, int] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    leaks: int = 0
    refetches: int = 0


def scene() -> Scene:
    """Even rows are the ones that ``half`` sees; ``blind`` does not see the column that is written."""
    from django.test import Client

    from qdm.access import Action
    from qdm.services import records, tables
    from qdm.services.column_types import Spec
    from qdm.services.writes import Create
    from qdm.types.base import BaseType
    from rbac import grants, tokens
    from rbac.access import access_for
    from rbac.models import Lock, User
    from rbac.workspaces import create_workspace

    people = {name: User.objects.create_user(name, password=name) for name in (OWNER, HALF, BLIND)}
    create_workspace("live", "Live", people[OWNER])

    def access() -> Any:
        return access_for(people[OWNER], "live", via="bench")

    term = tables.create("Rows", [Spec("Even", BaseType.CHARS), Spec("Number", BaseType.NUMBER)], access=access())
    even, number = (column.id for column in access().term(term).cells)
    rows = [
        result.id
        for result in records.write(
            term,
            [Create({term: f"row {n}", even: "yes" if n % 2 == 0 else "no", number: 0}) for n in range(ROWS)],
            access=access(),
        )
        if result.id is not None
    ]
    view = [Action.VIEW]
    grants.grant(people[HALF], view, grants.on_table(term, "Even = yes", access=access()), access=access())
    grants.grant(people[BLIND], view, grants.on_table(term, access=access()), access=access())
    grants.grant(people[HALF], view, grants.on_field(number, access=access()), access=access())
    grants.lock(grants.on_field(number, access=access()), Lock.VIEW, access=access())
    cookies = {}
    for name, user in people.items():
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookies[name] = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    return Scene(term, even, number, rows, cookies, tokens.create(people[OWNER]))


async def sit(port: int, scene: Scene, seat: Seat, ready: asyncio.Event) -> None:
    import websockets

    url = f"ws://127.0.0.1:{port}/w/live/t/{scene.term}/live"
    headers = {"Cookie": scene.cookies[seat.who], "Origin": f"http://127.0.0.1:{port}"}
    async with websockets.connect(url, additional_headers=headers, compression=None, open_timeout=60) as link:
        ready.set()
        async for text in link:
            take(json.loads(text), scene, seat)


def take(message: dict[str, Any], scene: Scene, seat: Seat) -> None:
    """The number of a row is the microsecond it was written at."""
    now = time.time()
    seat.refetches += "refetch" in message
    for row in message.get("rows", ()):
        at, texts = scene.rows.index(row[0]), [text for text in row[2] if isinstance(text, str)]
        numbers = [int(text) for text in texts if text.isdigit() and len(text) > 12]
        hidden = (seat.who == HALF and at % 2 == 1) or (seat.who == BLIND and numbers)
        seat.leaks += bool(hidden)
        if numbers:
            seat.latest[row[0]] = numbers[0]
            seat.delays.append(now - numbers[0] / 1e6)
        else:
            seat.latest[row[0]] = 0


async def write(port: int, scene: Scene, mine: list[int], rate: float, until: float, written: dict[int, int]) -> None:
    """One writer with rows of his own, so that it is known which number a row has in the end."""
    turn = 0
    while time.time() < until:
        begun, row = time.time(), mine[turn % len(mine)]
        number = int(begun * 1e6)
        body = json.dumps({f"t{scene.secret}": str(number)}).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"PATCH /live/objects/{row} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {scene.token}\r\n"
            f"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        answer = await reader.read()
        writer.close()
        assert b" 200 " in answer[:20], answer[:500]
        written[row] = number
        turn += 1
        written["edits"] = written.get("edits", 0) + 1  # type: ignore[index, call-overload]
        await asyncio.sleep(max(1 / rate - (time.time() - begun), 0))


async def measure(port: int, server: psutil.Process, scene: Scene, sockets: int, options: Any) -> dict[str, Any]:
    who = [OWNER, HALF, OWNER, BLIND]
    seats = [Seat(who[n % 4]) for n in range(sockets)]
    tasks = []
    for seat in seats:
        ready = asyncio.Event()
        tasks.append(asyncio.create_task(sit(port, scene, seat, ready)))
        await asyncio.wait_for(ready.wait(), 60)
    await asyncio.sleep(2)
    before, begun = server.cpu_times(), time.time()
    written: dict[Any, int] = {}
    share = len(scene.rows) // options.writers
    await asyncio.gather(
        *(write(port, scene, scene.rows[n * share : (n + 1) * share], options.rate, begun + options.seconds, written)
          for n in range(options.writers))
    )  # fmt: skip
    spent, after = time.time() - begun, server.cpu_times()
    await asyncio.sleep(3)
    edits = written.pop("edits")
    lost = sum(
        seat.latest.get(row) != (0 if seat.who == BLIND else number)
        for seat in seats if not seat.refetches
        for row, number in written.items() if seat.who != HALF or scene.rows.index(row) % 2 == 0
    )  # fmt: skip
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    delays = sorted(delay for seat in seats for delay in seat.delays)
    cpu = after.user + after.system - before.user - before.system
    return {
        "sockets": sockets,
        "edits/s": round(edits / spent, 1),
        "delivered": len(delays),
        "lost": lost,
        "leaked": sum(seat.leaks for seat in seats),
        "refetches": sum(seat.refetches for seat in seats),
        "p50": statistics.median(delays),
        "p95": delays[int(len(delays) * 0.95)],
        "cpu": cpu / spent,
        "ms per edit": cpu / edits * 1000,
    }


def serve() -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "integram.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--lifespan", "off", "--no-access-log", "--log-level", "warning", "--ws-per-message-deflate", "false"]
    server = subprocess.Popen(command, env=os.environ | {"LOG_LEVEL": "WARNING"})
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server, port
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server does not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--rate", type=float, default=5)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    with embedded.running(Path(settings.VAR_DIR)):
        django.setup()
        from django.core.management import call_command

        from bench import report

        call_command("migrate", verbosity=0)
        made = scene()
        server, port = serve()
        try:
            found = [
                asyncio.run(measure(port, psutil.Process(server.pid), made, sockets, options))
                for sockets in options.sockets
            ]
        finally:
            server.terminate()
            server.wait(20)
        heads = list(found[0])
        lines = [
            " | ".join(f"{run[h]:.3g}" if isinstance(run[h], float) else str(run[h]) for h in heads) for run in found
        ]
        report.write(
            "Live sheets under load",
            f"{options.writers} writers at {options.rate:g} edits/s each, {options.seconds:g} s, one web process that "
            "serves the writers too; sockets of 3 people, half restricted in rows or columns. p50, p95: seconds from "
            "before the edit to its arrival.\n\n"
            f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n" + "\n".join(f"| {line} |" for line in lines),
        )


if __name__ == "__main__":
    main()
