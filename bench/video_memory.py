"""Memory of the web process under 100 viewers: WebSocket, MJPEG, and MJPEG viewers that never read.

    .venv/bin/python -m bench.video_memory [--server daphne] [--minutes 10 3 2]

Each kind watches for its minutes. A server without back-pressure grew to 500 MB with 100 MJPEG viewers (issue 8). Those that
do not read are dropped after 15 s and come again after 20 s.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

from bench import report
from bench.video_servers import ROOT, Server, folder, start_product

KINDS = ("websocket", "mjpeg", "mute")
NAMES = {"websocket": "WebSocket", "mjpeg": "MJPEG", "mute": "MJPEG, never read"}
VIEWERS = 100
#: Growth between the first and the last third that is called flat, in MiB: a few frames of 140 KB for each viewer's
#: connection come and go in between.
FLAT = 15


def watch(server: Server, kind: str, minutes: float) -> tuple[list[float], list[int], int]:
    """Resident MiB once a second; frames of each viewer in all; how often viewers came again."""
    path = server.path if kind == "websocket" else server.path.replace("/ws/", "/")
    command = [sys.executable, "-m", "bench.video_client", "--port", str(server.port), "--path", path, "--kind", kind]
    command += ["--token", server.token, "--viewers", str(VIEWERS), "--seconds", str(minutes * 60)]
    client = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    resident = []
    while client.poll() is None:
        resident.append(server.processes[0].memory_info().rss / 2**20)
        # What it prints is short of a pipe's room for this kind of answer.
        time.sleep(1)
    if client.returncode:
        raise SystemExit("the viewers ended with an error")
    answer = json.loads(client.stdout.read())
    return resident, answer["frames"], answer["again"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=["uvicorn", "daphne"], default="uvicorn")
    parser.add_argument(
        "--minutes", type=float, nargs=3, default=[10.0, 3.0, 2.0], metavar=("WEBSOCKET", "MJPEG", "MUTE")
    )
    given = parser.parse_args()
    rows = []
    with folder() as (var_dir, _video, size, stack):
        server = start_product(stack, var_dir, given.server)
        for kind, minutes in zip(KINDS, given.minutes, strict=True):
            if not minutes:
                continue
            resident, frames, again = watch(server, kind, minutes)
            third = len(resident) // 3
            first, last = statistics.mean(resident[third // 2 : third]), statistics.mean(resident[-third:])
            rate = f"{min(frames) / minutes / 60:.1f}" if kind != "mute" else f"came again {again} times"
            rows.append(
                f"| {NAMES[kind]} | {minutes:g} | {rate} | {resident[0]:.0f} | {first:.0f} | {last:.0f} | {max(resident):.0f} |"
                f" {'flat' if last - first <= FLAT else 'grows'} |"
            )
    report.write(
        f"Live video: memory under {VIEWERS} viewers, {given.server}",
        f"One source of 1280x720 at 30 frames a second, {size / 1000:.0f} KB a frame. Resident MiB of the web process, capture "
        "included, one kind after the other in one process.\n\n"
        "| viewers | minutes | frames/s of the slowest | before | first third | last third | most | |\n|---|---|---|---|---|---|---|---|\n"
        + "\n".join(rows),
    )


if __name__ == "__main__":
    main()
