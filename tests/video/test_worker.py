"""Several web processes: one ``manage.py video_worker`` captures, frames reach the others over a unix socket."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.video.conftest import People
from tests.video.site import ROOT, Site, until
from tests.video.test_viewers import watch_together

pytestmark = pytest.mark.django_db


@pytest.fixture
def webs(people: People, tmp_path: Path, video_folder: Path) -> Iterator[tuple[Site, Site]]:
    """Two web processes that do not capture themselves. The worker is started by the test."""
    (tmp_path / "video").symlink_to(video_folder)
    webs = (
        Site(tmp_path, settings={"VIDEO_WORKER": True}).start(),
        Site(tmp_path, settings={"VIDEO_WORKER": True}).start(),
    )
    yield webs
    for web in webs:
        web.stop()


class Worker:
    def __init__(self, site: Site) -> None:
        self._site = site
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "video_worker"],
            cwd=ROOT,
            env=self._site.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert "video worker" in self.process.stdout.readline()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(15)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def test_both_web_processes_show_what_the_worker_captures_once(webs: tuple[Site, Site], people: People) -> None:
    first, second = webs
    worker = Worker(first)
    try:
        assert first.connect(people.owner, "far", "clip.avi")["success"]
        before = second.info(people.owner, "far")
        counts = [
            *watch_together(first, people.owner, "far", 3, 2.0),
            *watch_together(second, people.owner, "far", 3, 2.0),
        ]
        after = second.info(people.owner, "far")
        assert min(counts) >= 40
        assert after["frames_encoded"] <= after["frames_in"]
        # All viewers' frames are reported to the worker, though it sent each process one.
        until(lambda: second.info(people.owner, "far")["frames_out"] - before["frames_out"] >= 0.9 * sum(counts), 5)
        with (
            first.websocket(people.owner, "far"),
            first.websocket(people.owner, "far"),
            second.websocket(people.owner, "far"),
        ):
            until(lambda: first.info(people.owner, "far")["viewers"] == 3, 5)
        until(lambda: first.info(people.owner, "far")["viewers"] == 0, 5)
        second.disconnect(people.owner, "far")
        assert first.request("GET", "/video/info/far", people.owner).status == 404
    finally:
        assert worker.stop() == 0


def test_viewers_outlive_the_worker(webs: tuple[Site, Site], people: People) -> None:
    first, _second = webs
    worker = Worker(first)
    try:
        assert first.connect(people.owner, "far", "clip.avi")["success"]
        with first.websocket(people.owner, "far") as viewer:
            assert viewer.recv(5)
            worker.stop(signal.SIGKILL)
            info = until(lambda: (i := first.info(people.owner, "far"))["state"] == "lost" and i)
            assert info["connected"] is False
            assert info["error"]
            worker.start()
            until(lambda: first.info(people.owner, "far")["state"] == "live", 15)
            while viewer.recv(5) and first.info(people.owner, "far")["viewers"] < 1:
                pass
        first.disconnect(people.owner, "far")
    finally:
        worker.stop()


def test_a_second_worker_says_so_and_ends(webs: tuple[Site, Site]) -> None:
    worker = Worker(webs[0])
    try:
        second = subprocess.run(
            [sys.executable, "manage.py", "video_worker"],
            cwd=ROOT,
            env=webs[0].environment,
            capture_output=True,
            timeout=60,
        )
        assert second.returncode == 1
    finally:
        worker.stop()
