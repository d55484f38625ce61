"""One capture, any number of viewers: fair, shared, bounded."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.video.conftest import People
from tests.video.site import Site, connected_ports, descriptors, resident_mib, threads, until

pytestmark = pytest.mark.django_db

HEADER = struct.Struct(">IQ")


@pytest.fixture
def wide(site: Site, people: People) -> Iterator[str]:
    """A 1280x720 file source, 30 frames a second."""
    assert site.connect(people.owner, "wide", "wide.avi")["success"]
    yield "wide"
    site.disconnect(people.owner, "wide")


def count_frames(site: Site, token: str, name: str, seconds: float, counts: list[int], query: str = "") -> None:
    with site.websocket(token, name, query, max_size=None) as viewer:
        end = time.monotonic() + seconds
        count = 0
        while (left := end - time.monotonic()) > 0:
            try:
                viewer.recv(left)
            except TimeoutError:
                break
            count += 1
    counts.append(count)


def watch_together(site: Site, token: str, name: str, viewers: int, seconds: float, query: str = "") -> list[int]:
    counts: list[int] = []
    watching = [
        threading.Thread(target=count_frames, args=(site, token, name, seconds, counts, query)) for _ in range(viewers)
    ]
    for viewer in watching:
        viewer.start()
    for viewer in watching:
        viewer.join()
    return counts


def test_ten_viewers_get_every_frame_each_from_one_encode(site: Site, people: People, clip: str) -> None:
    before = site.info(people.owner, clip)
    counts = watch_together(site, people.owner, clip, 10, 3.0)
    after = site.info(people.owner, clip)
    source = after["frames_in"] - before["frames_in"]
    assert len(counts) == 10
    assert min(counts) >= 0.9 * max(counts)
    # Viewers watch for 3 s of the time between the two calls, so they may have missed its ends.
    assert min(counts) >= 0.75 * source
    assert after["frames_encoded"] - before["frames_encoded"] <= source + 1


def test_nothing_is_encoded_without_viewers_and_the_source_closes_after_a_while(
    site: Site, people: People, clip: str
) -> None:
    before = site.info(people.owner, clip)
    assert before["state"] == "live"
    closed = until(lambda: (i := site.info(people.owner, clip))["state"] == "closed" and i, 10)
    assert closed["frames_in"] > before["frames_in"]
    assert closed["frames_encoded"] == before["frames_encoded"]
    assert closed["connected"] is False
    with site.websocket(people.owner, clip) as viewer:
        assert viewer.recv(5)
    until(lambda: site.info(people.owner, clip)["state"] == "live")


def test_a_file_is_paced_at_its_own_rate_and_loops(site: Site, people: People, clip: str) -> None:
    counts = watch_together(site, people.owner, clip, 1, 4.0)
    assert 80 <= counts[0] <= 110  # 25 frames a second, of a file of 50


def test_profiles_differ_in_size_and_rate(site: Site, people: People, wide: str) -> None:
    sizes = {}
    for profile in ("full", "tile"):
        with site.websocket(people.owner, wide, f"?profile={profile}") as viewer:
            sizes[profile] = len(viewer.recv(5))
    assert sizes["tile"] < sizes["full"] / 2
    low = watch_together(site, people.owner, wide, 1, 4.0, "?profile=low")
    assert 3 <= low[0] <= 6


def test_the_header_has_sequence_and_capture_time_and_frames_are_acknowledged(
    site: Site, people: People, clip: str
) -> None:
    with site.websocket(people.owner, clip, subprotocols=["integram.video"]) as viewer:
        assert viewer.subprotocol == "integram.video"
        sequences = []
        for _ in range(10):
            packet = viewer.recv(5)
            assert isinstance(packet, bytes)
            sequence, captured = HEADER.unpack_from(packet)
            assert packet[HEADER.size :].startswith(b"\xff\xd8")
            assert abs(time.time() * 1000 - captured) < 5000
            sequences.append(sequence)
            viewer.send(json.dumps({"ack": sequence}))
        assert sequences == sorted(set(sequences))


@pytest.mark.parametrize("server", ["site", "daphne_site"])
def test_without_acknowledgements_three_frames_are_on_the_way_and_then_the_socket_is_closed(
    server: str, people: People, request: pytest.FixtureRequest
) -> None:
    site: Site = request.getfixturevalue(server)
    assert site.connect(people.owner, "silent", "clip.avi")["success"]
    with site.websocket(people.owner, "silent", subprotocols=["integram.video"]) as viewer:
        frames = [viewer.recv(5) for _ in range(3)]
        assert all(frames)
        with pytest.raises(ConnectionClosed):
            viewer.recv(10)
        assert viewer.close_code == 4408
    site.disconnect(people.owner, "silent")


def stalled_websocket(site: Site, token: str, name: str) -> socket.socket:
    """A viewer that completes the handshake and never reads again."""
    viewer = socket.create_connection(("127.0.0.1", site.port), 10)
    viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    viewer.sendall(
        (
            f"GET /video/stream/ws/{name} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
    )
    assert viewer.recv(12) == b"HTTP/1.1 101"
    return viewer


@pytest.mark.parametrize("server", ["site", "daphne_site"])
def test_viewers_that_stop_reading_slow_nobody_cost_no_memory_and_are_dropped(
    server: str, people: People, request: pytest.FixtureRequest
) -> None:
    site: Site = request.getfixturevalue(server)
    assert site.connect(people.owner, "stuck", "wide.avi")["success"]
    try:
        watch_together(site, people.owner, "stuck", 1, 1.0)
        before = resident_mib(site.pid)
        dead = [stalled_websocket(site, people.owner, "stuck") for _ in range(2)]
        dead += [site.mjpeg(people.owner, "stuck") for _ in range(2)]
        until(lambda: site.info(people.owner, "stuck")["viewers"] == 4)
        start = site.info(people.owner, "stuck")["frames_in"]
        beside = watch_together(site, people.owner, "stuck", 1, 3.0)
        # Of the frames that came between the two calls, whose ends the viewer may have missed.
        assert beside[0] >= 0.75 * (site.info(people.owner, "stuck")["frames_in"] - start)
        until(lambda: site.info(people.owner, "stuck")["viewers"] == 0, 20)
        assert resident_mib(site.pid) - before < 15
        # The connections are gone too, not only their places: nothing waits in the kernel for who never reads.
        ports = {viewer.getsockname()[1] for viewer in dead}
        until(lambda: not ports & connected_ports(site.pid), 20)
        for viewer in dead:
            viewer.close()
    finally:
        site.disconnect(people.owner, "stuck")


def test_daphne_serves_mjpeg_and_websocket(daphne_site: Site, people: People) -> None:
    assert daphne_site.connect(people.owner, "twisted", "clip.avi")["success"]
    counts = watch_together(daphne_site, people.owner, "twisted", 5, 2.0)
    assert min(counts) >= 40
    with daphne_site.open("/video/stream/twisted", people.owner) as viewer:
        assert b"\xff\xd8\xff" in viewer.read(200_000)
    daphne_site.disconnect(people.owner, "twisted")


def test_daphne_refuses_mjpeg_where_it_cannot_tell_whether_the_viewer_reads(daphne_site: Site, people: People) -> None:
    """Behind a proxy the viewer's connection is not here: nothing would bound what waits for it."""
    assert daphne_site.connect(people.owner, "proxied", "clip.avi")["success"]
    refused = daphne_site.request(
        "GET", "/video/stream/proxied", people.owner, headers={"X-Forwarded-For": "192.0.2.1", "Accept-Language": "en"}
    )
    assert refused.status == 503
    assert "Use the WebSocket stream" in refused.json["detail"]
    daphne_site.disconnect(people.owner, "proxied")


def test_two_hundred_connects_and_disconnects_leave_nothing_behind(site: Site, people: People) -> None:
    """Sources and viewers, after a first few that fill caches and pools."""

    def cycle() -> None:
        assert site.connect(people.owner, "cycle", "small.avi")["success"]
        with site.websocket(people.owner, "cycle") as viewer:
            assert viewer.recv(5)
        viewer_socket = site.mjpeg(people.owner, "cycle")
        viewer_socket.recv(1000)
        viewer_socket.close()
        site.disconnect(people.owner, "cycle")

    def counts() -> tuple[int, int]:
        return threads(site.pid), descriptors(site.pid)

    for _ in range(20):
        cycle()
    time.sleep(1)
    before, memory = counts(), resident_mib(site.pid)
    for _ in range(200):
        cycle()
    until(lambda: all(now <= then + 2 for now, then in zip(counts(), before, strict=True)), 10)
    assert resident_mib(site.pid) - memory < 12


def test_limits_of_sources_and_viewers_are_answered_with_a_reason(
    people: People, site: Site, video_folder: object
) -> None:
    small = Site(
        site.var_dir, settings={"VIDEO_MAX_SOURCES": 1, "VIDEO_MAX_VIEWERS": 2, "VIDEO_MAX_WIDTH": 640}
    ).start()
    try:
        wide = small.connect(people.owner, "wide", "wide.avi")
        assert (wide["success"], wide["reason"]) == (False, "the resolution is above the limit")
        assert small.connect(people.owner, "one", "clip.avi")["success"]
        two = small.connect(people.owner, "two", "clip.avi")
        assert (two["success"], two["reason"]) == (False, "The limit of video sources is reached.")
        viewers = [small.mjpeg(people.owner, "one") for _ in range(2)]
        until(lambda: small.info(people.owner, "one")["viewers"] == 2)
        refused = small.request("GET", "/video/stream/one", people.owner)
        assert refused.status == 429
        for viewer in viewers:
            viewer.close()
        small.disconnect(people.owner, "one")
    finally:
        small.stop()
