"""A whole installation under test: ``manage.py serve`` with its worker and PostgreSQL, a workspace to write to."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from integram.embedded import DATABASE, Server
from tests.faults.traffic import Place
from tests.platform.test_serve import Running, free_port

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

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.served = Running(var_dir, free_port())
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

    def stop(self) -> None:
        if self.served.process.poll() is None:
            self.served.stop()
        Server(self.var_dir).stop()
