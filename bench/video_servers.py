"""What the measurements of live video run against: a file to show, the product with it connected, and a bare server."""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil

from integram import embedded

ROOT = Path(__file__).resolve().parents[1]
FRAMES = 90


def pictures() -> list[np.ndarray]:
    """1280x720 with the detail of a real scene: about 105 KB a frame as JPEG of quality 80."""
    random = np.random.default_rng(8)
    coarse = random.integers(0, 255, (45, 100, 3), np.uint8)
    scene = cv2.resize(coarse, (1600, 720), interpolation=cv2.INTER_CUBIC)
    scene = cv2.add(scene, random.integers(0, 6, scene.shape, np.uint8))
    return [np.ascontiguousarray(scene[:, i * 3 : i * 3 + 1280]) for i in range(FRAMES)]


def make_source(folder: Path) -> tuple[Path, int]:
    """The video file, and the mean size of its frames as JPEGs, in bytes."""
    video = folder / "bench.mp4"
    writer = cv2.VideoWriter(str(video), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (1280, 720))
    for picture in pictures():
        writer.write(picture)
    writer.release()
    capture = cv2.VideoCapture(str(video), cv2.CAP_FFMPEG)
    sizes = []
    while (frame := capture.read())[0]:
        sizes.append(len(cv2.imencode(".jpg", frame[1], [cv2.IMWRITE_JPEG_QUALITY, 80])[1]))
    return video, round(statistics.mean(sizes))


@dataclass
class Server:
    """A server that listens on 127.0.0.1; ``path`` is that of the WebSocket."""

    name: str
    port: int
    path: str
    token: str
    #: The web process, then what works for it.
    processes: list[psutil.Process]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def start_product(
    stack: ExitStack, var_dir: Path, server: str, worker: bool = False, source: str = "bench.mp4"
) -> Server:
    """The product with a database of its own, a superuser's token and the source connected."""
    port = free_port()
    environment = os.environ | {
        "VAR_DIR": str(var_dir),
        "DATABASE_URL": "",
        "VIDEO_WORKER": "1" if worker else "",
        "VIDEO_MAX_VIEWERS": "200",
        "VIDEO_MAX_VIEWERS_PER_USER": "200",
        "VIDEO_ALLOWED_NETS": "127.0.0.0/8",
        "DJANGO_SETTINGS_MODULE": "integram.settings",
        "DJANGO_SUPERUSER_PASSWORD": "bench",
    }

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    def child(*words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        return process

    stack.enter_context(embedded.running(var_dir))
    manage("migrate", "--verbosity", "0")
    manage("createsuperuser", "--noinput", "--username", "bench", "--email", "bench@example.org")
    token = manage("create_token", "bench").split()[-1]
    workers = [child("manage.py", "video_worker")] if worker else []
    command = {
        "uvicorn": "-m uvicorn integram.asgi:application --port {} --log-level error --ws-per-message-deflate false",
        "daphne": "-m daphne -p {} -v 0 integram.asgi:application",
    }[server].format(port)
    process = child(*command.split())
    connect(port, token, source)
    return Server(server, port, "/video/stream/ws/bench", token, [psutil.Process(p.pid) for p in (process, *workers)])


def connect(port: int, token: str, source: str) -> None:
    body = json.dumps({"drone_id": "bench", "source_url": source}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for _attempt in range(100):
        time.sleep(0.3)
        request = urllib.request.Request(f"http://127.0.0.1:{port}/video/connect", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                if json.load(answer)["success"]:
                    return
        except OSError:
            continue
    raise SystemExit("the source cannot be connected")


def start_bare(stack: ExitStack, video: Path, *options: str) -> Server:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.video_bare", str(video), str(port), *options], cwd=ROOT)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    time.sleep(1)
    return Server(" ".join(["bare", *options]), port, "/", "x", [psutil.Process(process.pid)])


@contextmanager
def folder() -> Iterator[tuple[Path, Path, int, ExitStack]]:
    """VAR_DIR with the video in it, the video, the mean size of its JPEGs, and what ends the servers."""
    with tempfile.TemporaryDirectory(prefix="integram-bench-") as name, ExitStack() as stack:
        var_dir = Path(name)
        (var_dir / "video").mkdir()
        video, size = make_source(var_dir / "video")
        yield var_dir, video, size, stack
