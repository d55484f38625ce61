"""The calls of the wire contract, as docs/contract.md has them."""

import socket

import pytest
from websockets.exceptions import InvalidStatus

from tests.video.conftest import People
from tests.video.site import Site

pytestmark = pytest.mark.django_db

FAILED = "Failed to connect to video source"


def test_a_source_of_another_scheme_is_not_connected(site: Site, people: People) -> None:
    body = {"drone_id": "bad", "source_url": "invalid://test.url", "source_type": "rtsp"}
    answer = site.request("POST", "/video/connect", people.superuser, body)
    assert (answer.status, answer.json) == (200, {"success": False, "drone_id": "bad", "message": FAILED})


@pytest.mark.parametrize("body", [{"drone_id": "bad"}, {"drone_id": "", "source_url": "clip.avi"}, {}, [], "x"])
def test_a_body_that_does_not_fit_is_422_with_detail(site: Site, people: People, body: object) -> None:
    answer = site.request("POST", "/video/connect", people.superuser, body)
    assert answer.status == 422
    assert answer.json["detail"]


def test_an_unknown_drone_is_404_and_its_websocket_403(site: Site, people: People) -> None:
    for method, path in (("GET", "stream"), ("GET", "info"), ("POST", "disconnect"), ("GET", "snapshot")):
        answer = site.request(method, f"/video/{path}/nope", people.superuser)
        assert (answer.status, answer.json) == (404, {"detail": "Drone nope not connected"})
    with pytest.raises(InvalidStatus) as refused:
        site.websocket(people.superuser, "nope")
    assert refused.value.response.status_code == 403


def test_the_whole_life_of_a_source(site: Site, people: People) -> None:
    token = people.superuser
    body = {"drone_id": "d1", "source_url": "small.avi", "source_type": "file"}
    answer = site.request("POST", "/video/connect", token, body)
    assert answer.json == {
        "success": True,
        "drone_id": "d1",
        "message": "Successfully connected to video source",
    }
    again = site.request("POST", "/video/connect", token, body)
    assert again.json == {"success": False, "drone_id": "d1", "message": FAILED}

    with site.open("/video/stream/d1", token) as viewer:
        received = viewer.read(4096)
    assert viewer.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=frame"
    assert b"--frame\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff" in received

    with site.websocket(token, "d1") as viewer_socket:
        frame = viewer_socket.recv(5)
        assert isinstance(frame, bytes)
        assert frame.startswith(b"\xff\xd8")

    info = site.info(token, "d1")
    assert info["drone_id"] == "d1"
    assert info["connected"] is True
    gone = site.request("POST", "/video/disconnect/d1", token)
    assert gone.json == {
        "success": True,
        "drone_id": "d1",
        "message": "Successfully disconnected video source",
    }
    assert site.request("GET", "/video/info/d1", token).json == {"detail": "Drone d1 not connected"}
    assert site.connect(token, "d1", "small.avi")["success"]
    site.disconnect(token, "d1")


def test_a_caller_without_a_token_is_401_and_with_a_wrong_one_403(site: Site) -> None:
    for path in ("/video/info/x", "/video/stream/x", "/video/stats"):
        assert site.request("GET", path).status == 401
        assert site.request("GET", path, "wrong").status == 403
    for token in ("", "wrong"):
        with pytest.raises(InvalidStatus) as refused:
            site.websocket(token, "x")
        assert refused.value.response.status_code == 403


def test_a_viewer_that_hangs_up_gives_its_place_back(site: Site, people: People, clip: str) -> None:
    from tests.video.site import until

    viewers = [site.mjpeg(people.owner, clip) for _ in range(3)]
    until(lambda: site.info(people.owner, clip)["viewers"] == 3)
    for viewer in viewers:
        viewer.shutdown(socket.SHUT_RDWR)
        viewer.close()
    until(lambda: site.info(people.owner, clip)["viewers"] == 0)
