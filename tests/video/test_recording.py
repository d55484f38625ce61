"""Recordings in segments with retention, snapshots into a row, telemetry as rows."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from qdm.access import Access
from qdm.selectors import records, structure
from qdm.services import records as writing
from qdm.services import tables
from qdm.types.base import BaseType
from tests.video.conftest import People
from tests.video.site import Site, close_code, committed, until

pytestmark = pytest.mark.django_db


def system() -> Access:
    return Access.system(structure.schema("flights"), "video tests")


def recordings(site: Site, people: People, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = site.request("GET", f"/video/recordings/{name}", people.owner).json["segments"]
    return found


def test_a_recording_is_cut_into_files_that_play(site: Site, people: People) -> None:
    assert site.connect(people.owner, "rec", "clip.avi", recording=True)["success"]
    # Segments of 2 s here, without any viewer.
    found = until(lambda: len(s := recordings(site, people, "rec")) >= 2 and s, 15)
    assert site.info(people.owner, "rec")["recording"] is True
    name = found[-1]["name"]
    path = f"/video/recordings/rec/{name}"
    answer = site.request("GET", path, people.viewer)
    assert answer.headers["Content-Type"] == "video/mp4"
    file = site.var_dir / "played.mp4"
    file.write_bytes(answer.body)
    capture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG)
    assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 320
    assert 15 <= capture.get(cv2.CAP_PROP_FRAME_COUNT) <= 25  # 2 s at 10 frames a second
    assert site.request("GET", path, people.stranger).status == 404
    assert site.request("GET", "/video/recordings/rec/..%2F..%2Fsecret_key", people.owner).status == 404
    site.disconnect(people.owner, "rec")
    assert not list((site.var_dir / "recordings").rglob("*.mp4"))


def test_the_oldest_recordings_are_deleted(site: Site, people: People) -> None:
    """Of 1 MiB in all: noise fills that in a few segments."""
    random = np.random.default_rng(1)
    writer = cv2.VideoWriter(
        str(site.var_dir / "video" / "noise.mjpg.avi"),
        cv2.CAP_FFMPEG,
        cv2.VideoWriter.fourcc(*"MJPG"),
        25.0,
        (320, 240),
    )
    for _ in range(25):
        writer.write(random.integers(0, 255, (240, 320, 3), np.uint8))
    writer.release()
    small = Site(site.var_dir, settings={"VIDEO_RECORD_MEGABYTES": 1, "VIDEO_RECORD_SEGMENT": 1.0}).start()
    try:
        assert small.connect(people.owner, "noise", "noise.mjpg.avi", recording=True)["success"]
        first = until(lambda: recordings(small, people, "noise"), 10)[0]["name"]
        until(lambda: first not in [s["name"] for s in recordings(small, people, "noise")], 15)
        assert sum(int(str(s["size"])) for s in recordings(small, people, "noise")) <= 2**20
        small.disconnect(people.owner, "noise")
    finally:
        small.stop()


@dataclass
class Drone:
    """A row of a table of drones, with a file column, and the table of its telemetry."""

    record_id: int
    photo: int
    telemetry_table: int


@pytest.fixture(scope="module")
def drone(people: People) -> Drone:
    def make() -> Drone:
        table = tables.create("Дроны", [tables.Spec("Фото", BaseType.FILE)], access=system())
        photo = system().term(table).requisites[0].id
        record = writing.create(table, 1, {table: "Ястреб"}, access=system())
        specs = [tables.Spec("Высота", BaseType.NUMBER), tables.Spec("Статус", BaseType.CHARS)]
        telemetry = tables.create("Телеметрия", specs, base=BaseType.DATETIME, access=system())
        assert record.id is not None
        return Drone(record.id, photo, telemetry)

    return committed(make)


@pytest.fixture
def hawk(site: Site, people: People, drone: Drone) -> Iterator[str]:
    """A stream attached to the row, with its telemetry."""
    more = {"record_id": drone.record_id, "telemetry_table": drone.telemetry_table}
    assert site.connect(people.owner, "hawk", "clip.avi", **more)["success"]
    yield "hawk"
    site.disconnect(people.owner, "hawk")


def test_a_snapshot_is_saved_to_the_file_column_of_the_row(site: Site, people: People, hawk: str, drone: Drone) -> None:
    picture = site.request("GET", f"/video/snapshot/{hawk}", people.viewer)
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.body.startswith(b"\xff\xd8")
    body = {"requisite_id": drone.photo}
    assert site.request("POST", f"/video/snapshot/{hawk}", people.viewer, body).status == 403
    saved = site.request("POST", f"/video/snapshot/{hawk}", people.owner, body)
    assert saved.json == {"record_id": drone.record_id, "requisite_id": drone.photo}
    address = committed(lambda: records.get(drone.record_id, access=system())).cells[drone.photo]
    assert site.request("GET", str(address), people.viewer).body.startswith(b"\xff\xd8")
    assert site.request("GET", str(address), people.stranger).status == 404
    assert site.request("GET", str(address).replace(".jpg", "x.jpg"), people.owner).status == 404


def test_telemetry_over_the_socket_becomes_rows_and_what_does_not_fit_is_said(
    site: Site, people: People, hawk: str, drone: Drone
) -> None:
    def say(viewer: object, message: object) -> dict[str, dict[str, object]]:
        viewer.send(json.dumps(message))
        answer: dict[str, dict[str, object]] = json.loads(viewer.recv(5))
        return answer

    with site.websocket(people.owner, hawk, "?profile=none") as sender:
        answer = say(sender, {"telemetry": {"Высота": 120.5, "статус": "взлёт"}})
        record = committed(lambda: records.get(int(str(answer["telemetry"]["record"])), access=system()))
        assert sorted(str(value) for value in record.cells.values()) == ["120.5", "взлёт"]
        assert record.val.startswith("20")
        assert say(sender, {"telemetry": {"Скорость": 1}})["error"]["code"] == "unknown_field"
        assert say(sender, {"telemetry": {"Высота": "высоко"}})["error"]["code"] == "invalid_value"
        assert say(sender, {"telemetry": [1]})["error"]["code"] == "invalid_request"
        assert say(sender, {"hello": 1})["error"]["code"] == "invalid_request"
        time.sleep(1)
        codes = set()
        for _ in range(15):
            codes.add(say(sender, {"telemetry": {"Высота": 1}}).get("error", {}).get("code"))
        assert codes <= {None, "telemetry_too_fast"}
    with site.websocket(people.viewer, hawk, "?profile=none") as sender:
        assert say(sender, {"telemetry": {"Высота": 1}})["error"]["code"] == "forbidden"


def test_a_row_that_is_deleted_takes_its_stream_from_those_who_saw_it_through_the_row(
    site: Site, people: People, hawk: str, drone: Drone
) -> None:
    assert site.request("GET", f"/video/info/{hawk}", people.viewer).status == 200
    with site.websocket(people.viewer, hawk) as viewer:
        assert viewer.recv(5)
        committed(lambda: writing.delete(drone.record_id, access=system()))
        assert close_code(viewer) == 4403
    assert site.request("GET", f"/video/info/{hawk}", people.viewer).status == 404
    assert site.request("GET", f"/video/info/{hawk}", people.owner).status == 200
