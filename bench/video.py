"""Fan-out of live video: 1 / 10 / 50 / 100 viewers of one 1280x720 source at 30 frames a second, beside bare asyncio.

    .venv/bin/python -m bench.video [--seconds 6] [--viewers 1 10 50 100] [--server daphne] [--worker] [--soak 10]

Both servers read the same file, encode each frame once and hand out the same pictures; each count of viewers runs on one and then on the other, by the same client, in rounds, since the machine may be busy.
Goals (issue 8): frames per viewer at least 0.9 of the bare one's, p95 of latency at most 1.5 times. ``--worker`` puts
the capture into ``manage.py video_worker``; ``--soak`` watches memory for so many minutes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
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
    name: str
    port: int
    path: str
    token: str
    process: psutil.Process


@dataclass
class Measured:
    frames: list[float]
    p50: float
    p95: float
    cpu: float
    rss_before: float
    rss_after: float


def measure(server: Server, viewers: int, seconds: float) -> Measured:
    def cpu() -> float:
        return sum(server.process.cpu_times()[:2])

    rss = server.process.memory_info().rss / 2**20
    started, used = time.monotonic(), cpu()
    command = [sys.executable, "-m", "bench.video_client", "--port", str(server.port), "--path", server.path]
    command += ["--token", server.token, "--viewers", str(viewers), "--seconds", str(seconds)]
    answer = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    share = (cpu() - used) / (time.monotonic() - started) * 100
    latencies = sorted(answer["latencies"])
    return Measured(
        [count / seconds for count in answer["frames"]],
        latencies[len(latencies) // 2],
        latencies[int(len(latencies) * 0.95)],
        share,
        rss,
        server.process.memory_info().rss / 2**20,
    )


def start_product(stack: ExitStack, var_dir: Path, server: str, worker: bool, port: int) -> Server:
    """The product with a database of its own, a superuser's token and the source connected."""
    environment = os.environ | {
        "VAR_DIR": str(var_dir),
        "DATABASE_URL": "",
        "VIDEO_WORKER": "1" if worker else "",
        "VIDEO_MAX_VIEWERS": "200",
        "VIDEO_MAX_VIEWERS_PER_USER": "200",
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
    if worker:
        child("manage.py", "video_worker")
    command = {
        "uvicorn": "-m uvicorn integram.asgi:application --port {} --log-level error --ws-per-message-deflate false",
        "daphne": "-m daphne -p {} -v 0 integram.asgi:application",
    }[server].format(port)
    process = child(*command.split())
    connect(port, token)
    return Server(server, port, "/video/stream/ws/bench", token, psutil.Process(process.pid))


def connect(port: int, token: str) -> None:
    body = json.dumps({"drone_id": "bench", "source_url": "bench.mp4"}).encode()
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


def start_bare(stack: ExitStack, video: Path, port: int) -> Server:
    process = subprocess.Popen([sys.executable, "-m", "bench.video_bare", str(video), str(port)], cwd=ROOT)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    time.sleep(1)
    return Server("bare asyncio", port, "/", "x", psutil.Process(process.pid))


def row(name: str, viewers: int, m: Measured) -> str:
    return (
        f"| {name} | {viewers} | {min(m.frames):.1f} / {statistics.median(m.frames):.1f} | {m.p50:.0f} / {m.p95:.0f} |"
        f" {m.cpu:.0f} | {m.rss_before:.0f} → {m.rss_after:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3, help="the ratio is the median of so many")
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 10, 50, 100])
    parser.add_argument("--server", choices=["uvicorn", "daphne"], default="uvicorn")
    parser.add_argument("--worker", action="store_true")
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="integram-bench-") as folder, ExitStack() as stack:
        var_dir = Path(folder)
        (var_dir / "video").mkdir()
        video, size = make_source(var_dir / "video")
        ours = start_product(stack, var_dir, given.server, given.worker, 18700)
        bare = start_bare(stack, video, 18701)
        print(f"JPEG {size / 1000:.0f} KB, load {os.getloadavg()[0]:.1f}, worker {given.worker}\n")
        print("| server | viewers | frames/s min / median | latency p50 / p95 ms | CPU % | RSS MiB |")
        print("|---|---|---|---|---|---|")
        ratios = []
        for viewers in given.viewers:
            rounds = []
            for _ in range(given.rounds):
                other = measure(bare, viewers, given.seconds)
                own = measure(ours, viewers, given.seconds)
                print(row(bare.name, viewers, other))
                print(row(ours.name, viewers, own), flush=True)
                rounds.append((min(own.frames) / min(other.frames), own.p95 / max(other.p95, 1.0)))
            frames, latency = (statistics.median(values) for values in zip(*rounds, strict=True))
            ratios.append((viewers, frames, latency))
        print("\n| viewers | frames, ratio (goal 0.9) | p95 latency, ratio (goal 1.5) |\n|---|---|---|")
        for viewers, frames, latency in ratios:
            print(f"| {viewers} | {frames:.2f} | {latency:.2f} |")
        if given.soak:
            soaked = measure(ours, max(given.viewers), given.soak * 60)
            print(f"\nsoak: {given.soak} min, RSS {soaked.rss_before:.0f} → {soaked.rss_after:.0f} MiB")


if __name__ == "__main__":
    main()
