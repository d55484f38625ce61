"""Which addresses and files a source may have, and that nothing leads around it."""

import ipaddress
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.video.conftest import HttpCamera, People, make_video
from tests.video.site import Site
from video.address import AddressPolicy
from video.errors import SourceRefused
from video.location import FileLocation, NetworkLocation, parse
from video.screen import HttpScreen, RtspScreen


@pytest.mark.parametrize(
    "text",
    [
        "invalid://x",
        "ftp://host/x",
        "concat:/etc/passwd",
        "subfile,,start,0,end,0,,:/etc/passwd",
        "rtsp:///no-host",
        "rtsp://host:99999/",
        "http://host/a b",
        "http://host\\@other/",
        "rtsp://host/\r\nX: y",
        "http://хост..рф/",
        "http://host/ы",
        "",
        "x" * 3000,
        "pipe:0",
        "/dev/video0",
        "0",
    ],
)
def test_other_schemes_and_forms_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(SourceRefused):
        parse(text, tmp_path)


def test_network_addresses_are_shown_without_credentials_and_query(tmp_path: Path) -> None:
    location = parse("rtsp://user:p%40ss@Camera.example:8554/live?token=abc", tmp_path)
    assert isinstance(location, NetworkLocation)
    assert (location.host, location.port) == ("camera.example", 8554)
    assert location.userinfo == "user:p%40ss@"
    assert str(location) == repr(location) == "rtsp://***@camera.example:8554/live?***"


def test_files_are_regular_and_below_the_folder(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside.avi"
    (root / "sub").mkdir(parents=True)
    outside.write_bytes(b"x")
    (root / "sub" / "in.avi").write_bytes(b"x")
    (root / "link.avi").symlink_to(outside)
    (root / "inner.avi").symlink_to(root / "sub" / "in.avi")
    os.mkfifo(root / "pipe.avi")
    inside = root / "sub" / "in.avi"
    for text in ("sub/in.avi", str(inside), f"file://{inside}", "inner.avi", "sub/../sub/in.avi"):
        assert parse(text, root) == FileLocation(inside, "sub/in.avi")
    for text in ("../outside.avi", str(outside), "link.avi", "pipe.avi", "sub", "", ".", "missing.avi", "in.avi\0"):
        with pytest.raises(SourceRefused):
            parse(text, root)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.251", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:192.168.7.7", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("192.168.7.7", True),
        ("192.168.8.7", False),
    ],
)
def test_addresses_outside_the_public_internet_need_the_setting(address: str, allowed: bool) -> None:
    policy = AddressPolicy(nets=(ipaddress.ip_network("192.168.7.0/24"),))
    assert policy.allows(ipaddress.ip_address(address)) is allowed


async def test_names_and_odd_numbers_are_judged_by_what_they_resolve_to() -> None:
    policy = AddressPolicy()
    for host in ("localhost", "0x7f000001", "2130706433", "127.1", "no-such-host.invalid"):
        with pytest.raises(SourceRefused):
            await policy.resolve(host, 80, 3.0)
    allowed = AddressPolicy(hosts=("*.cam.example", "localhost"), nets=(ipaddress.ip_network("127.0.0.0/8"),))
    with pytest.raises(SourceRefused):
        await allowed.resolve("cam.example.evil", 80, 3.0)


def rtsp(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join((*lines, "", "")).encode() + body


FINE = [
    rtsp("RTSP/1.0 200 OK", "CSeq: 1", "Content-Length: 5", body=b"v=0\r\n"),
    b"$\x00\x00\x06RTSP/1",
    rtsp("RTSP/1.0 401 Unauthorized", "CSeq: 2"),
    rtsp("OPTIONS rtsp://x/ RTSP/1.0", "CSeq: 3"),
    b"$\x01\x00\x02\r\n",
]


@pytest.mark.parametrize("step", [1, 3, 7, 1000])
def test_the_screen_lets_rtsp_through_however_it_is_cut(step: int) -> None:
    screen, text = RtspScreen(), b"".join(FINE)
    for at in range(0, len(text), step):
        screen.feed(text[at : at + step])
    assert screen.ready


@pytest.mark.parametrize(
    "message",
    [
        rtsp("RTSP/1.0 302 Moved", "CSeq: 1", "Location: rtsp://10.0.0.1/"),
        rtsp("RTSP/1.0 301 Moved", "CSeq: 1"),
        rtsp("RTSP/1.0 200 OK", "location: rtsp://10.0.0.1/"),
        rtsp("RTSP/1.0 200 OK", "Content-Length: 5", "Content-Length: 500"),
        rtsp("RTSP/1.0 200 OK\nLocation: x"),
        rtsp("RTSP/1.0 0302 Moved"),
        rtsp("HTTP/1.1 302 Found"),
        b"noise" * 10_000,
    ],
)
@pytest.mark.parametrize("before", [b"", FINE[0], FINE[1]])
def test_the_screen_stops_redirects_and_what_is_not_plain(message: bytes, before: bytes) -> None:
    screen = RtspScreen()
    with pytest.raises(SourceRefused):
        screen.feed(before + message)


def test_the_screen_stops_http_redirects() -> None:
    for line in (b"HTTP/1.1 302 Found\r\n", b"HTTP/1.0 307 x\r\n", b"ICY 200 OK\r\n12", b"HTTP/1.1  302 Found\r\n"):
        with pytest.raises(SourceRefused):
            HttpScreen().feed(line)
    fine = HttpScreen()
    fine.feed(b"HTTP/1.1 20")
    assert not fine.ready
    fine.feed(b"0 OK\r\n")
    assert fine.ready


@pytest.fixture
def inner() -> Iterator[list[str]]:
    """What reached a server that no source is to reach: its port is the first entry."""
    hits: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))
    hits.append(str(server.getsockname()[1]))

    def listen() -> None:
        while True:
            try:
                client, _address = server.accept()
            except OSError:
                return
            hits.append("hit")
            client.close()

    threading.Thread(target=listen, daemon=True).start()
    yield hits
    server.close()


@pytest.mark.django_db
def test_redirects_and_playlists_of_a_camera_lead_nowhere(
    site: Site, people: People, inner: list[str], tmp_path: Path
) -> None:
    clip = make_video(tmp_path / "clip.avi", (64, 48), frames=10)
    target = f"http://127.0.0.1:{inner[0]}/clip.avi"

    def answer(handler: object) -> None:
        if handler.path == "/redirect":
            handler.send_response(302)
            handler.send_header("Location", target)
            handler.end_headers()
            return
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXTINF:2,\n{clip}\n#EXT-X-ENDLIST\n"
        body = {"/list.m3u8": playlist.encode(), "/concat": f"ffconcat version 1.0\nfile {target}\n".encode()}
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(body.get(handler.path, clip.read_bytes()))

    web = HttpCamera(answer)
    try:
        for path in ("redirect", "list.m3u8", "concat"):
            outcome = site.connect(people.owner, "hop", f"http://127.0.0.1:{web.port}/{path}")
            assert not outcome["success"], path
        assert inner[1:] == []
        assert site.connect(people.owner, "hop", f"http://127.0.0.1:{web.port}/plain.avi")["success"]
        site.disconnect(people.owner, "hop")
    finally:
        web.close()


@pytest.mark.django_db
def test_a_redirect_of_an_rtsp_camera_leads_nowhere(site: Site, people: People, inner: list[str]) -> None:
    def redirect(server: socket.socket) -> None:
        while True:
            try:
                client, _address = server.accept()
            except OSError:
                return
            while request := client.recv(4096):
                sequence = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"cseq"))
                location = f"Location: rtsp://127.0.0.1:{inner[0]}/live".encode()
                client.sendall(b"\r\n".join([b"RTSP/1.0 302 Moved", sequence, location, b"", b""]))

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=redirect, args=(server,), daemon=True).start()
        outcome = site.connect(people.owner, "hop", f"rtsp://127.0.0.1:{server.getsockname()[1]}/live")
        assert not outcome["success"]
        assert inner[1:] == []


@pytest.mark.django_db
def test_private_addresses_and_files_of_the_server_are_refused_over_the_api(people: People, site: Site) -> None:
    closed = Site(site.var_dir, settings={"VIDEO_ALLOWED_NETS": []}).start()
    try:
        for url in ("rtsp://127.0.0.1:554/", "http://localhost/", "http://169.254.169.254/latest", "/etc/passwd"):
            outcome = closed.connect(people.owner, "bad", url)
            assert not outcome["success"]
            assert outcome["reason"]
    finally:
        closed.stop()
