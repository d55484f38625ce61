"""From the camera's glass to the viewer's: a clock filmed by a real RTSP server, read from the JPEGs of one WebSocket.

    .venv/bin/python -m bench.video_rtsp [--seconds 20]

Latency is from drawing the picture at the server to the decoded picture at the viewer: x264, RTP over TCP, OpenCV's capture,
our encode and socket, and the viewer's own decode. Goal (docs/video.md): p95 at most 1.5 times p50.
"""

import argparse
import asyncio
import json
import subprocess
import time

import cv2
import numpy as np
import websockets

from bench import report
from bench.video_servers import ROOT, Server, folder, free_port, start_product

BLOCK, BITS = 16, 48
HEADER = 12


def clock(picture: np.ndarray) -> int:
    """The milliseconds that stand in the first row of blocks (bench/rtsp_clock.py)."""
    centres = picture[BLOCK // 2, BLOCK // 2 : BLOCK * BITS : BLOCK]
    return sum(1 << bit for bit, value in enumerate(centres) if value > 127)


async def watch(server: Server, seconds: float) -> list[float]:
    """Milliseconds from glass to glass of each picture, after a second of warming up."""
    address = f"ws://127.0.0.1:{server.port}{server.path}"
    headers = {"Authorization": f"Bearer {server.token}"}
    latencies = []
    protocols = [websockets.Subprotocol("integram.video")]
    async with websockets.connect(address, additional_headers=headers, subprotocols=protocols, max_size=None) as socket:
        started = time.monotonic()
        while (at := time.monotonic() - started) < seconds + 1:
            packet = await asyncio.wait_for(socket.recv(), 20)
            if isinstance(packet, str):
                continue
            jpeg = np.frombuffer(packet, np.uint8, offset=HEADER)
            picture = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
            assert picture is not None
            drawn = clock(picture)
            if at > 1:
                latencies.append(time.time() * 1000 - drawn)
            await socket.send(json.dumps({"ack": int.from_bytes(packet[:4])}))
    return sorted(latencies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    rows = []
    for worker in (False, True):
        with folder() as (var_dir, _video, _size, stack):
            port = free_port()
            camera = subprocess.Popen(
                ["/usr/bin/python3", "bench/rtsp_clock.py", str(port)], cwd=ROOT, stdout=subprocess.PIPE
            )
            stack.callback(camera.wait)
            stack.callback(camera.terminate)
            assert camera.stdout is not None
            camera.stdout.readline()
            server = start_product(stack, var_dir, "uvicorn", worker, f"rtsp://127.0.0.1:{port}/live")
            latencies = asyncio.run(watch(server, given.seconds))
        p50, p95 = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.95)]
        kept = "kept" if p95 <= 1.5 * p50 else "missed"
        name = "video_worker" if worker else "in the web process"
        rate = len(latencies) / given.seconds
        rows.append(f"| {name} | {rate:.1f} | {p50:.0f} | {p95:.0f} | {p95 / p50:.2f} | {kept} |")
    head = "| capture | frames/s | p50, ms | p95, ms | p95 / p50 (goal 1.5) | |\n|---|---|---|---|---|---|\n"
    report.write(
        "Live video: RTSP, glass to glass, one viewer", f"{__doc__.split(chr(10) * 2)[2]}\n\n{head}" + "\n".join(rows)
    )


if __name__ == "__main__":
    main()
