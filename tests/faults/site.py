"""A whole installation under test: ``manage.py serve`` with its worker and PostgreSQL, a workspace to write to."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from websockets.sync.client import ClientConnection, connect

from integram.embedded import DATABASE, Server
from tests.faults.traffic import Place
from tests.platform.test_serve import ROOT, Running, free_port

PATIENCE = 60.0  #: seconds until it has to be back
SETUP = """
import json
from django.test import Client
from qdm.access import Access
from qdm.selectors import structure
from qdm.services import tables
from qdm.services.column_types import Spec
from qdm.types.base import BaseType
from rbac import tokens
from rbac.models import User
from rbac.workspaces import create_workspace

user = User.objects.get(username="admin")
for slug in ("traffic", "sheets"):
    create_workspace(slug, slug, user)
access = Access.system(structure.schema("traffic"), "faults")
term = tables.create("Things", [Spec("Number", BaseType.NUMBER)], access=access)
(column,) = structure.schema("traffic").terms[term].cells
client = Client()
client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
made = {"slug": "traffic", "term": term, "column": column.id, "token": tokens.create(user)}
print("MADE", json.dumps(made | {"session": client.cookies["sessionid"].value}))
"""


class Site:
    """The running installation, and a connection string to its database."""

    def __init__(self, var_dir: Path, **environment: str) -> None:
        self.var_dir = var_dir
        self.served = Running(var_dir, free_port(), **environment)
        self.served.wait_until("Ctrl-C stops it.")
        # What it says about the faults would fill the pipe, and it would wait for a reader.
        threading.Thread(target=self._listen, daemon=True).start()
        self.database = psycopg.conninfo.make_conninfo(Server(var_dir).conninfo(DATABASE))
        self.place = Place(**json.loads(self.shell(SETUP)))

    def _listen(self) -> None:
        assert self.served.process.stdout is not None
        for _line in self.served.process.stdout:
            pass

    def shell(self, script: str) -> str:
        done = self.served.manage("shell", "-v", "0", text=script)
        made = [line for line in done.stdout.splitlines() if line.startswith("MADE ")]
        assert made, done.stderr
        return made[-1].removeprefix("MADE ")

    def ask(self, question: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(question, values).fetchall()  # type: ignore[call-overload, no-any-return]

    def until(self, true: Callable[[], object], what: str) -> None:
        limit = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < limit, f"not {what} in {PATIENCE:.0f} s"
            time.sleep(0.05)

    @contextmanager
    def second_web_process(self) -> Iterator[int]:
        """One more beside that of ``serve``; its port."""
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "integram.asgi:application", "--port", str(port)]
        environment = self.served.environment | {"PORT": str(port)}
        process = subprocess.Popen([*command, "--lifespan", "off"], cwd=ROOT, env=environment)
        try:
            self.until(lambda: _answers(port), "listening")
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def open_sheet(self, port: int) -> ClientConnection:
        """The socket of an open sheet of the table written to, of the web process on that port."""
        address = f"127.0.0.1:{port}"
        headers = {"Cookie": f"sessionid={self.place.session}", "Origin": f"http://{address}"}
        path = f"/w/{self.place.slug}/t/{self.place.term}/live"
        return connect(f"ws://{address}{path}", additional_headers=headers, open_timeout=PATIENCE)

    def stop(self) -> None:
        if self.served.process.poll() is None:
            self.served.stop()
        Server(self.var_dir).stop()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
