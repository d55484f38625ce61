"""``manage.py serve``: everything Integram needs, in one foreground process that watches its children."""

import errno
import fcntl
import logging
import signal
import socket
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from integram import first_start
from integram.embedded import Server
from integram.processes import Child, stop_all, supervise

logger = logging.getLogger("integram.serve")

START_TIMEOUT = 60.0  #: seconds until the web server must take connections
DATABASE_CHECK_INTERVAL = 2.0  #: seconds
ANY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104 compared, not bound
GRACE = "5"  #: seconds for open requests and running jobs when it stops


class Command(BaseCommand):
    help = "Run Integram: database, web server, background worker. Ctrl-C stops all of them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-worker", action="store_true", help="the worker runs elsewhere")
        parser.add_argument("--without-demo", action="store_true", help="do not load the demo on the first start")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            stop.set()

        with self._alone():
            self._require_free_port()
            password = self._prepare(with_demo=not options["without_demo"])
            children = [Child("web server", _web_command())]
            if not options["without_worker"]:
                children.append(Child("worker", _worker_command()))
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, ask_to_stop)
            try:
                for child in children:
                    child.start()
                self._wait_for_web(children[0], stop)
                if not stop.is_set():
                    self._welcome(password)
                    supervise(children, stop, _DatabaseWatch() if settings.EMBEDDED else lambda: None)
            finally:
                stop_all(children)
            self.stdout.write("Integram has stopped.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One ``serve`` for one VAR_DIR. The kernel gives the lock back whatever ends the process."""
        with (settings.VAR_DIR / "serve.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise CommandError(
                    f"Integram already runs with {settings.VAR_DIR}: {lock.read().strip()}\n"
                    "Stop it first, or start a second one with another VAR_DIR and PORT."
                ) from None
            lock.truncate(0)
            lock.write(_address())
            lock.flush()
            yield

    def _require_free_port(self) -> None:
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST, settings.PORT))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    reason = "another program uses it. Choose another one: PORT=8001 make run"
                else:
                    reason = str(error.strerror)
                raise CommandError(f"Port {settings.PORT} of {settings.HOST} cannot be used: {reason}") from None

    def _prepare(self, *, with_demo: bool) -> str | None:
        """Database, static files, first administrator, demo. Returns the new administrator's password."""
        if first_start.migrate():
            self.stdout.write("The database is up to date.")
        if not settings.DEBUG:
            first_start.collect_static()
        password = first_start.create_administrator()
        if password is not None and with_demo:
            self.stdout.write("Loading the demo…")
            try:
                first_start.load_demo()
            except Exception:
                logger.exception("The demo could not be loaded; `manage.py demo` tries again")
        # The children have connections of their own.
        connections.close_all()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's wrapper alone has it
        return password

    def _wait_for_web(self, web: Child, stop: threading.Event) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not _takes_connections() and not stop.wait(0.05):
            if not web.is_alive or time.monotonic() > deadline:
                raise CommandError("The web server did not start; the lines above say why.")

    def _welcome(self, password: str | None) -> None:
        self.stdout.write(f"\nIntegram runs at {_address()}")
        if password is not None:
            self.stdout.write(
                f"Sign in as {first_start.ADMINISTRATOR} with the password {password}\n"
                "It is shown this once: write it down or change it after signing in."
            )
        self.stdout.write("Ctrl-C stops it.\n")
        self.stdout.flush()


class _DatabaseWatch:
    """Starts the embedded server again if it was killed. It comes up with everything that was committed."""

    def __init__(self) -> None:
        self.server = Server(settings.VAR_DIR)
        self.next_check = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self.next_check:
            return
        if not self.server.is_running():
            logger.error("the database server is gone; it starts again")
            try:
                self.server.ensure_started()
            except Exception:
                logger.exception("the database server does not start")
        self.next_check = time.monotonic() + DATABASE_CHECK_INTERVAL


def _address() -> str:
    host = "127.0.0.1" if settings.HOST in ANY_ADDRESS else settings.HOST
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def _takes_connections() -> bool:
    host = "127.0.0.1" if settings.HOST in ANY_ADDRESS else settings.HOST
    try:
        socket.create_connection((host, settings.PORT), timeout=1).close()
    except OSError:
        return False
    return True


def _web_command() -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "integram.asgi:application", "--app-dir", str(settings.BASE_DIR)),
        *("--host", settings.HOST, "--port", str(settings.PORT)),
        # Frames of video and rows are small or packed already: compressing them costs more than it saves.
        *("--ws-per-message-deflate", "false"),
        *("--lifespan", "off", "--no-access-log", "--no-server-header", "--log-level", "warning"),
        *("--timeout-graceful-shutdown", GRACE),
        # Who asks again over a connection in the moment it is given up gets an error: longer than people pause.
        *("--timeout-keep-alive", "75"),
    ]


def _worker_command() -> list[str]:
    manage = str(settings.BASE_DIR / "manage.py")
    # Two at a time: an index that takes minutes keeps no import waiting.
    worker = [sys.executable, manage, "procrastinate", "worker", "--concurrency", "2"]
    return [*worker, "--shutdown-graceful-timeout", GRACE]
