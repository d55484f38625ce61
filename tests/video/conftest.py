"""Sources to watch, servers to watch them from, people with and without rights."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from qdm.models import Workspace
from rbac import tokens
from rbac.models import User
from rbac.workspaces import create_workspace
from tests.video.site import Site, free_port, until

SYSTEM_PYTHON = "/usr/bin/python3"
RTSP_SCRIPT = Path(__file__).with_name("rtsp_server.py")


def make_video(path: Path, size: tuple[int, int] = (320, 240), fps: float = 25.0, frames: int = 50) -> Path:
    """A file in which every frame differs."""
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), fps, size)
    assert writer.isOpened()
    for number in range(frames):
        picture = np.full((size[1], size[0], 3), 40, np.uint8)
        cv2.putText(picture, str(number), (20, size[1] // 2), cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255), 3)
        writer.write(picture)
    writer.release()
    return path


@pytest.fixture(scope="session")
def rtsp_works() -> None:
    try:
        found = subprocess.run(
            [SYSTEM_PYTHON, "-c", "import gi; gi.require_version('GstRtspServer', '1.0')"], capture_output=True
        )
    except OSError:
        pytest.skip("no /usr/bin/python3")
    if found.returncode:
        pytest.skip("GStreamer's RTSP server is not installed: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi")


class Camera:
    """A real RTSP server in a child process: killed, frozen and started again on the same port."""

    def __init__(self, user: str = "") -> None:
        self.port = free_port()
        self.size = "640x360"
        self._user = user
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://{self._user + '@' if self._user else ''}127.0.0.1:{self.port}/live"

    def start(self, size: str = "") -> None:
        self.size = size or self.size
        command = [SYSTEM_PYTHON, str(RTSP_SCRIPT), "--port", str(self.port), "--size", self.size]
        if self._user:
            name, _colon, password = self._user.partition(":")
            command += ["--user", name, "--password", password]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == "ready"

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@pytest.fixture
def camera(rtsp_works: None) -> Iterator[Camera]:
    server = Camera()
    server.start()
    yield server
    server.kill()


class HttpCamera:
    """A stub of an HTTP camera. ``answer`` gets the handler of each request and writes what it likes."""

    def __init__(self, answer: Any) -> None:
        outer = self
        self.paths: list[str] = []
        self.hosts: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.paths.append(self.path)
                outer.hosts.append(self.headers["Host"])
                with suppress(OSError):
                    answer(self)

            def log_message(self, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class People:
    """Tokens by role, in the workspace ``flights``."""

    owner: str
    viewer: str
    stranger: str
    read_only: str
    superuser: str
    viewer_user: User
    workspace: Workspace


@pytest.fixture(scope="session")
def video_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VAR_DIR of the child servers; ``video/`` in it has the files that may be sources."""
    folder = tmp_path_factory.mktemp("video") / "video"
    folder.mkdir()
    make_video(folder / "clip.avi")
    make_video(folder / "small.avi", (64, 48), 30.0, 29)
    make_video(folder / "wide.avi", (1280, 720), 30.0, 60)
    return folder


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: Any) -> Iterator[People]:
    """Committed rows, since the servers are other processes; taken away at the end of the module."""
    from qdm.access import Access, Action
    from qdm.selectors import structure
    from qdm.services import workspaces
    from rbac import grants

    with django_db_blocker.unblock():
        users = {
            name: User.objects.create_user(f"video-{name}", is_superuser=name == "superuser")
            for name in ("owner", "viewer", "stranger", "superuser")
        }
        workspace = create_workspace("flights", "Полёты", users["owner"])
        access = Access.system(structure.schema("flights"), "video tests")
        grants.grant(users["viewer"], [Action.VIEW], grants.on_workspace(access), access=access)
        yield People(
            owner=tokens.create(users["owner"]),
            viewer=tokens.create(users["viewer"]),
            stranger=tokens.create(users["stranger"]),
            read_only=tokens.create(users["owner"], read_only=True),
            superuser=tokens.create(users["superuser"], workspace=workspace),
            viewer_user=users["viewer"],
            workspace=workspace,
        )
        workspaces.drop("flights", "flights")
        for user in users.values():
            user.delete()


@pytest.fixture(scope="module")
def site(people: People, video_folder: Path) -> Iterator[Site]:
    server = Site(video_folder.parent).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def daphne_site(people: People, video_folder: Path) -> Iterator[Site]:
    server = Site(video_folder.parent, server="daphne").start()
    yield server
    server.stop()


@pytest.fixture
def clip(site: Site, people: People) -> Iterator[str]:
    """The name of a file source that is connected; 25 frames a second."""
    assert site.connect(people.owner, "clip", "clip.avi")["success"]
    yield "clip"
    site.disconnect(people.owner, "clip")


__all__ = ["Camera", "HttpCamera", "People", "until"]
