"""A client that goes away takes its query with it, and one that sends too much is cut off."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.db import connection

from tests.api.conftest import Owner

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come about")


@pytest.fixture
def port(owner: Owner, tmp_path: Path) -> Iterator[int]:
    """A real server on the database of the tests."""
    at = connection.settings_dict
    query = urlencode({"host": at["HOST"], "user": at["USER"]} | ({"port": at["PORT"]} if at["PORT"] else {}))
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "integram.settings",
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"postgresql:///{quote(at['NAME'])}?{query}",
        "BODY_MEGABYTES": "1",
    }
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number = probe.getsockname()[1]
    command = ["uvicorn", "integram.asgi:application", "--port", str(number), "--lifespan", "off"]
    server = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment)
    try:
        until(lambda: server.poll() is None and answers(number), 60)
        yield number
    finally:
        server.terminate()
        server.wait(20)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def send(port: int, method: str, path: str, token: str, body: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), 20)
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
    client.sendall(f"{head}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode())
    return client


def received(client: socket.socket) -> bytes:
    found = b""
    while chunk := client.recv(65536):
        found += chunk
    return found


def test_a_client_that_goes_away_takes_its_query_with_it(port: int, owner: Owner) -> None:
    body = json.dumps({"id": 72, "up": 1, "attrs": {"t72": "x"}})
    created = received(send(port, "POST", "/office/objects", owner.token, body))
    record = json.loads(created.partition(b"\r\n\r\n")[2])["id"]
    at = connection.get_connection_params()
    given = {k: at[k] for k in ("dbname", "host", "user", "port") if k in at}

    with psycopg.connect(**given) as holder, psycopg.connect(**given, autocommit=True) as watcher:
        holder.execute("SELECT FROM ws_office.node WHERE id = %s FOR UPDATE", [record])

        def waiting() -> int:
            row = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            return row[0] if row else 0

        client = send(port, "PATCH", f"/office/objects/{record}", owner.token, json.dumps({"t72": "y"}))
        until(lambda: waiting() == 1)
        client.close()
        until(lambda: waiting() == 0)
    answer = received(send(port, "GET", f"/office/object/{record}", owner.token, ""))
    assert b'"val":"x"' in answer


def test_a_body_that_is_too_large_is_refused_before_it_is_read(port: int, owner: Owner) -> None:
    client = socket.create_connection(("127.0.0.1", port), 20)
    client.sendall(b"POST /office/terms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n")
    assert b" 413 " in client.recv(1000)
    client.close()


def test_a_body_of_no_told_length_is_cut_off(port: int, owner: Owner) -> None:
    client = socket.create_connection(("127.0.0.1", port), 20)
    client.sendall(b"POST /office/terms HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert poured(client, 100 * 2**20) < 100 * 2**20
    client.close()


def poured(client: socket.socket, most: int) -> int:
    """How many bytes the server takes of a body without an end."""
    sent = 0
    while sent < most:
        try:
            client.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except OSError:
            break
        sent += 65536
    return sent
