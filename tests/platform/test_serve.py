"""``manage.py serve`` as a person runs it: a real start, a second one, an end by signal, a start after it."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from integram.embedded import Server

ROOT = Path(__file__).resolve().parents[2]
GROUPS = "from django.contrib.auth.models import Group"
TIMEOUT = 120  # seconds; on a loaded machine too

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """One ``manage.py serve`` with its output."""

    started: ClassVar[list["Running"]] = []

    def __init__(self, var_dir: Path, port: int, *options: str, **environment: str) -> None:
        self.port = port
        self.environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(var_dir), "PORT": str(port), **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-u", "manage.py", "serve", "--without-demo", *options],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""
        self.started.append(self)

    def wait_until(self, line: str) -> None:
        assert self.process.stdout is not None
        while line not in self.printed:
            read = self.process.stdout.readline()
            assert read, f"it ended before it said {line!r}:\n{self.printed}"
            self.printed += read

    def manage(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment,
            cwd=ROOT,
            input=text,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )

    def get(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        connection.request("GET", path)
        return connection.getresponse()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        return next(process for process in self.family() if word in process.cmdline())

    def stop(self, number: int = signal.SIGTERM) -> list[psutil.Process]:
        """End it by a signal. Returns the processes it had that are still alive."""
        family = self.family()
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=TIMEOUT)
        self.printed += rest
        return psutil.wait_procs(family, timeout=1)[1]


@pytest.fixture(autouse=True)
def leave_nothing_running() -> Iterator[None]:
    """Ends what a failed test has left."""
    yield
    while Running.started:
        served = Running.started.pop()
        if served.process.poll() is None:
            served.stop()


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("var")
    yield directory
    Server(directory).stop()


@pytest.fixture
def running(var_dir: Path) -> Running:
    served = Running(var_dir, free_port())
    served.wait_until("Ctrl-C stops it.")
    return served


def test_the_first_start_shows_the_administrators_password_and_the_next_does_not(tmp_path: Path) -> None:
    first = Running(tmp_path, free_port())
    first.wait_until("Ctrl-C stops it.")
    shown = re.search(r"Sign in as admin with the password (\S+)", first.printed)
    assert shown is not None
    check = f"from rbac.models import User; print(User.objects.get(username='admin').check_password('{shown[1]}'))"
    checked = first.manage("shell", "-c", check)
    assert "True" in checked.stdout.splitlines(), checked.stderr
    assert first.stop(signal.SIGINT) == []
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and shown[1].encode() in path.read_bytes()]
    assert kept == [], "the password is kept nowhere"

    second = Running(tmp_path, free_port())
    second.wait_until("Ctrl-C stops it.")
    assert "password" not in second.printed
    assert second.stop() == []


def test_it_answers_on_its_port(running: Running) -> None:
    answer = running.get("/health")
    assert answer.status == 200
    assert json.load(answer) == {"status": "ok", "db": "connected"}


def test_static_files_are_served_compressed_and_for_ever(running: Running) -> None:
    manifest = json.loads((Path(running.environment["VAR_DIR"]) / "static" / "staticfiles.json").read_text())
    answer = running.get("/static/" + manifest["paths"]["admin/css/base.css"])
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process_and_stops_the_database(running: Running, var_dir: Path, number: int) -> None:
    assert len(running.family()) >= 2, "a web server and a worker"
    assert running.stop(number) == []
    assert running.process.returncode == 0
    assert "Integram has stopped." in running.printed
    assert not Server(var_dir).is_running()


def test_data_is_there_after_a_restart(var_dir: Path) -> None:
    first = Running(var_dir, free_port())
    first.wait_until("Ctrl-C stops it.")
    made = first.manage(
        "shell", "-c", "from django.contrib.auth.models import Group; Group.objects.create(name='kept')"
    )
    assert made.returncode == 0, made.stderr
    first.stop()
    second = Running(var_dir, free_port())
    second.wait_until("Ctrl-C stops it.")
    found = second.manage(
        "shell", "-c", "from django.contrib.auth.models import Group; print(Group.objects.get().name)"
    )
    second.stop()
    assert "kept" in found.stdout.splitlines(), found.stderr


def test_a_second_start_beside_it_says_so(running: Running, var_dir: Path) -> None:
    second = running.manage("serve")
    assert second.returncode == 1
    assert f"Integram already runs with {var_dir}: http://127.0.0.1:{running.port}" in second.stderr
    assert running.get("/health").status == 200


def test_a_port_in_use_is_named(running: Running, tmp_path: Path) -> None:
    other = Running(tmp_path, running.port)
    printed, _ = other.process.communicate(timeout=TIMEOUT)
    assert other.process.returncode == 1
    assert f"Port {running.port} of 127.0.0.1 cannot be used: another program uses it." in printed


def test_commands_work_beside_it_and_leave_it_running(running: Running, var_dir: Path) -> None:
    shell = running.manage(
        "shell", text="from django.db import connection\nprint(connection.is_usable() or 'usable')\n"
    )
    assert shell.returncode == 0, shell.stderr
    assert Server(var_dir).is_running()
    assert running.get("/health").status == 200


def test_commands_work_without_it_and_stop_the_database_behind_them(var_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(var_dir)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    assert not Server(var_dir).is_running()


@pytest.mark.parametrize("word", ["uvicorn", "worker"])
def test_a_killed_child_is_started_again(running: Running, word: str) -> None:
    killed = running.child(word)
    killed.kill()
    running.wait_until("it starts again")
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if any(word in process.cmdline() and process.pid != killed.pid for process in running.family()):
            break
        time.sleep(0.1)
    else:
        pytest.fail(f"no new {word}")
    assert running.stop() == []


def test_a_killed_database_server_is_started_again(running: Running, var_dir: Path) -> None:
    pid = int((Server(var_dir).directory / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    running.wait_until("the database server is gone")
    deadline = time.monotonic() + TIMEOUT
    while json.load(running.get("/health"))["status"] != "ok":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_killed_parent_takes_its_children_with_it(var_dir: Path) -> None:
    served = Running(var_dir, free_port())
    served.wait_until("Ctrl-C stops it.")
    family = served.family()
    served.process.kill()
    served.process.communicate(timeout=TIMEOUT)
    assert psutil.wait_procs(family, timeout=TIMEOUT)[1] == []
