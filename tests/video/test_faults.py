"""Sources that die, freeze, lie and change, under viewers."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import cv2
import numpy as np
import pytest
from websockets.sync.client import ClientConnection

from tests.video.conftest import Camera, HttpCamera, People
from tests.video.site import Site, threads, until

pytestmark = pytest.mark.django_db


def state(site: Site, people: People, name: str) -> str:
    return str(site.info(people.owner, name)["state"])


def test_a_killed_camera_is_lost_at_once_and_its_viewers_see_it_again_when_it_is_back(
    site: Site, people: People, camera: Camera
) -> None:
    assert site.connect(people.owner, "cam", camera.url)["success"]
    with site.websocket(people.owner, "cam") as viewer:
        assert viewer.recv(5)
        camera.kill()
        until(lambda: state(site, people, "cam") in ("lost", "connecting"), 1.5)
        assert site.info(people.owner, "cam")["connected"] is False
        drain(viewer)
        camera.start()
        assert viewer.recv(10)
        info = until(lambda: (i := site.info(people.owner, "cam"))["connected"] and i)
        assert info["reconnects"] >= 1
        assert info["error"] == ""
    site.disconnect(people.owner, "cam")


def drain(viewer: ClientConnection) -> None:
    """Read until no frame comes any more."""
    with suppress(TimeoutError):
        while True:
            viewer.recv(0.5)


def test_a_frozen_camera_is_stalled_then_lost_and_costs_no_thread(site: Site, people: People, camera: Camera) -> None:
    assert site.connect(people.owner, "ice", camera.url)["success"]
    with site.websocket(people.owner, "ice") as viewer:
        assert viewer.recv(5)
        running = threads(site.pid)
        camera.freeze()
        frozen = time.monotonic()
        until(lambda: state(site, people, "ice") == "stalled", 2.0)
        until(lambda: state(site, people, "ice") == "lost", 4.0)
        # Not before the read timeout (2 s here), and within a second of it.
        assert 1.5 < time.monotonic() - frozen < 3.5
        until(lambda: threads(site.pid) <= running, 10)
        camera.thaw()
        until(lambda: state(site, people, "ice") == "live", 15)
    site.disconnect(people.owner, "ice")


def test_a_camera_that_comes_back_in_another_size_goes_on(site: Site, people: People, camera: Camera) -> None:
    assert site.connect(people.owner, "size", camera.url)["success"]
    with site.websocket(people.owner, "size") as viewer:
        assert viewer.recv(5)
        assert site.info(people.owner, "size")["width"] == 640
        camera.kill()
        camera.start("320x240")
        until(lambda: (i := site.info(people.owner, "size"))["connected"] and i["width"] == 320, 15)
        until(lambda: picture_width(viewer.recv(5)) == 320, 15)
    site.disconnect(people.owner, "size")


def picture_width(jpeg: object) -> int:
    assert isinstance(jpeg, bytes)
    return int(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape[1])


@pytest.mark.usefixtures("rtsp_works")
def test_credentials_reach_the_camera_and_are_never_shown(site: Site, people: People) -> None:
    guarded = Camera("pilot:s3cret")
    guarded.start()
    try:
        wrong = guarded.url.replace("s3cret", "wrong")
        assert not site.connect(people.owner, "locked", wrong)["success"]
        assert site.connect(people.owner, "locked", guarded.url)["success"]
        for path in ("/video/info/locked", "/video/stats"):
            text = site.request("GET", path, people.owner).body.decode()
            assert "s3cret" not in text
            assert "pilot" not in text
        assert site.info(people.owner, "locked")["source"] == f"rtsp://***@127.0.0.1:{guarded.port}/live"
        site.disconnect(people.owner, "locked")
    finally:
        guarded.kill()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("scheme", ["rtsp", "http", "rtsps", "https"])
def test_a_silent_server_is_given_up_within_the_timeout(site: Site, people: People, silent: int, scheme: str) -> None:
    started = time.monotonic()
    assert not site.connect(people.owner, "silent", f"{scheme}://127.0.0.1:{silent}/x")["success"]
    assert time.monotonic() - started < 4.0


@pytest.fixture
def garbage() -> Iterator[int]:
    """The port of a server that answers everything with noise, without end."""
    noise = bytes(range(256)) * 256

    def serve(server: socket.socket) -> None:
        while True:
            try:
                client, _address = server.accept()
                while True:
                    client.sendall(noise)
            except OSError:
                if server.fileno() < 0:
                    return

    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(server,), daemon=True).start()
    yield server.getsockname()[1]
    server.close()


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_garbage_is_not_a_source_and_the_server_lives_on(
    site: Site, people: People, garbage: int, scheme: str, clip: str
) -> None:
    assert not site.connect(people.owner, "noise", f"{scheme}://127.0.0.1:{garbage}/x")["success"]
    assert site.info(people.owner, clip)["connected"]


def test_a_file_that_is_no_video_is_not_connected(site: Site, people: People) -> None:
    (site.var_dir / "video" / "noise.avi").write_bytes(bytes(range(256)) * 1000)
    assert not site.connect(people.owner, "noise", "noise.avi")["success"]


def jpeg_of(width: int, height: int) -> bytes:
    ok, jpeg = cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8))
    assert ok
    return bytes(jpeg)


def test_a_stream_that_changes_its_size_goes_on_and_one_that_turns_to_garbage_is_opened_again(
    site: Site, people: People
) -> None:
    stop = threading.Event()

    def answer(handler: object) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=x")
        handler.end_headers()
        for picture in [jpeg_of(320, 240)] * 40 + [jpeg_of(160, 120)] * 40:
            head = f"--x\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode()
            handler.wfile.write(head + picture + b"\r\n")
            if stop.wait(0.04):
                return
        handler.wfile.write(b"\xff\x00garbage" * 10_000)

    web = HttpCamera(answer)
    try:
        assert site.connect(people.owner, "web", f"http://127.0.0.1:{web.port}/mjpg?key=1")["success"]
        with site.websocket(people.owner, "web") as viewer:
            # OpenCV keeps to the size of the opening and scales.
            until(lambda: site.info(people.owner, "web")["frames_in"] > 60)
            assert site.info(people.owner, "web")["reconnects"] == 0
            assert picture_width(viewer.recv(5)) == 320
            until(lambda: site.info(people.owner, "web")["reconnects"] > 0, 15)
            until(lambda: picture_width(viewer.recv(5)) == 320, 15)
        assert web.hosts[0] == f"127.0.0.1:{web.port}"
        assert site.info(people.owner, "web")["source"] == f"http://127.0.0.1:{web.port}/mjpg?***"
        site.disconnect(people.owner, "web")
    finally:
        stop.set()
        web.close()
