"""The embedded server: shared by any number of processes, stopped by the last, none the worse for kill -9."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from integram.embedded import DATABASE, Server, ServerError, running

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from integram.embedded import running
with running(Path(sys.argv[1])):
    print("running", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("var")
    with running(directory):
        pass
    yield directory
    Server(directory).stop()


class Holder:
    """Another process that uses the server until it is let go or killed."""

    def __init__(self, var_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(var_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def wait_until_running(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"running\n"

    def let_go(self) -> None:
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


def postmaster(var_dir: Path) -> psutil.Process:
    return psutil.Process(int((Server(var_dir).directory / "postmaster.pid").read_text().split()[0]))


def test_the_server_runs_while_entered_and_has_stopped_after(var_dir: Path) -> None:
    server = Server(var_dir)
    assert not server.is_running()
    with running(var_dir):
        with psycopg.connect(server.conninfo(DATABASE)) as connection:
            assert connection.execute("SELECT lower('ЖУК')").fetchone() == ("жук",)
        assert server.is_running()
    assert not server.is_running()
    assert not (server.directory / "postmaster.pid").exists()


def test_the_server_stops_with_the_last_of_its_users(var_dir: Path) -> None:
    first, second = Holder(var_dir), Holder(var_dir)
    for holder in (first, second):
        holder.wait_until_running()
    first.let_go()
    assert Server(var_dir).is_running()
    second.let_go()
    assert not Server(var_dir).is_running()


def test_many_processes_at_once_get_one_server_and_leave_none(var_dir: Path) -> None:
    holders = [Holder(var_dir) for _ in range(6)]
    for holder in holders:
        holder.wait_until_running()
    assert Server(var_dir).is_running()
    for holder in holders:
        holder.let_go()
    assert not Server(var_dir).is_running()


def test_a_killed_user_is_not_counted(var_dir: Path) -> None:
    """The wheel's own handles would keep the server for ever."""
    killed = Holder(var_dir)
    killed.wait_until_running()
    killed.kill()
    assert Server(var_dir).is_running(), "nobody was there to stop it"
    with running(var_dir):
        pass
    assert not Server(var_dir).is_running()


def test_a_killed_server_comes_back_with_what_was_committed(var_dir: Path) -> None:
    with running(var_dir) as server:
        with psycopg.connect(server.conninfo(DATABASE)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
        killed = postmaster(var_dir)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(10)
        assert not server.is_running()
        server.ensure_started()
        with psycopg.connect(server.conninfo(DATABASE)) as connection:
            assert connection.execute("SELECT id FROM kept").fetchone() == (1,)


def test_a_pid_file_of_another_process_deceives_nobody(var_dir: Path) -> None:
    """After a power cut the pid in it may belong to anything, which must not be stopped in the server's place."""
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        pid_file = Server(var_dir).directory / "postmaster.pid"
        pid_file.write_text(f"{bystander.pid}\n{Server(var_dir).directory}\n{int(time.time())}\n5432\n\n\n\n\n")
        assert not Server(var_dir).is_running()
        with running(var_dir) as server:
            assert server.is_running()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_only_its_user_can_reach_the_server(var_dir: Path) -> None:
    """It asks for no password, so its directory and its socket are closed to everybody else."""
    with running(var_dir) as server:
        assert server.directory.stat().st_mode & 0o077 == 0
        assert (server.socket_directory / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
        assert not [c for c in postmaster(var_dir).net_connections() if c.status == psutil.CONN_LISTEN and c.laddr.port]


def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    directory = tmp_path / ("long" * 20)
    directory.mkdir()
    with running(directory) as server:
        assert server.socket_directory != server.directory
        assert server.socket_directory.stat().st_mode & 0o077 == 0
        psycopg.connect(server.conninfo(DATABASE)).close()


def test_a_first_start_that_was_killed_is_done_again(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with running(tmp_path) as server:
        assert server.is_running()


def test_data_of_another_version_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServerError, match="made by PostgreSQL 16; this is PostgreSQL 18"), running(tmp_path):
        pass


def test_a_server_that_cannot_start_says_what_it_logged(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="max_connections"), running(tmp_path, (("max_connections", "many"),)):
        pass
