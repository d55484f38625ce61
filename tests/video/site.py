"""A real web server as a child process, and small clients for it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import psutil
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from rbac.models import User

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until(condition: Any, timeout: float = 10.0, step: float = 0.02) -> Any:
    """Wait until the condition gives something true, and return that. Fails after ``timeout`` seconds."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(step)
    raise AssertionError(f"not true within {timeout} s")


def committed(function: Callable[[], T]) -> T:
    """Do it on a connection of its own, outside the test's transaction, so that the servers see it."""

    def work() -> T:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(work).result()


def session_cookie(user: User) -> tuple[SessionBase, str]:
    def make() -> SessionBase:
        session: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session.save()
        return session

    session = committed(make)
    return session, f"sessionid={session.session_key}"


def close_code(viewer: ClientConnection, timeout: float = 5.0) -> int | None:
    """Read until the server closes, and say with what."""
    end = time.monotonic() + timeout
    try:
        while time.monotonic() < end:
            viewer.recv(timeout)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    raise AssertionError("still open")


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def connected_ports(pid: int) -> set[int]:
    """The clients' ports of the process's established connections."""
    found = psutil.Process(pid).net_connections("tcp")
    return {at.raddr.port for at in found if at.status == psutil.CONN_ESTABLISHED}


COMMANDS = {
    "uvicorn": "uvicorn integram.asgi:application --port {port} --log-level warning --ws-per-message-deflate false"
    " --timeout-graceful-shutdown 1",
    "daphne": "daphne -p {port} -v 0 --proxy-headers integram.asgi:application",
}


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """``var_dir`` holds the video folder; ``settings`` override those of ``server_settings``."""

    var_dir: Path
    server: str = "uvicorn"
    settings: dict[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        at = connection.settings_dict
        query = urlencode({"host": at["HOST"], "user": at["USER"]} | ({"port": at["PORT"]} if at["PORT"] else {}))
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.video.server_settings",
            "VAR_DIR": str(self.var_dir),
            "DATABASE_URL": f"postgresql:///{quote(at['NAME'])}?{query}",
            "TEST_VIDEO_SETTINGS": json.dumps(self.settings),
            "SECRET_KEY": settings.SECRET_KEY,
        }

    def start(self) -> "Site":
        command = COMMANDS[self.server].format(port=self.port).split()
        self.process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=self.environment)
        until(self._answers, 40, 0.1)
        return self

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the server has ended"
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def request(
        self, method: str, path: str, token: str = "", body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def open(self, path: str, token: str) -> Any:
        """The answer to a GET, to be read as it comes."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {token}"}
        )
        return urllib.request.urlopen(request, timeout=30)

    def connect(self, token: str, name: str, url: str, **more: Any) -> dict[str, Any]:
        answer = self.request("POST", "/video/connect", token, {"drone_id": name, "source_url": url, **more})
        assert answer.status == 200, answer
        outcome: dict[str, Any] = answer.json
        return outcome | {"reason": answer.headers.get("X-Integram-Reason")}

    def disconnect(self, token: str, name: str) -> None:
        answer = self.request("POST", f"/video/disconnect/{name}", token)
        assert answer.status == 200, answer

    def info(self, token: str, name: str) -> dict[str, Any]:
        answer = self.request("GET", f"/video/info/{name}", token)
        assert answer.status == 200, answer
        info: dict[str, Any] = answer.json
        return info

    def websocket(self, token: str, name: str, query: str = "", **options: Any) -> ClientConnection:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        uri = f"ws://127.0.0.1:{self.port}/video/stream/ws/{name}{query}"
        return connect(
            uri,
            additional_headers=headers | options.pop("headers", {}),
            compression=None,
            proxy=None,
            close_timeout=0.5,
            **options,
        )

    def mjpeg(self, token: str, name: str, query: str = "") -> socket.socket:
        """A connection that has asked for the stream and read nothing yet."""
        viewer = socket.create_connection(("127.0.0.1", self.port), 10)
        head = f"GET /video/stream/{name}{query} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        head += f"Authorization: Bearer {token}\r\n" if token else ""
        viewer.sendall((head + "\r\n").encode())
        return viewer
