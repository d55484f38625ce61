"""Fan-out of live video: 1 / 10 / 50 / 100 viewers of one 1280x720 source at 30 frames a second, beside bare asyncio.

    .venv/bin/python -m bench.video [--seconds 4] [--viewers 1 10 50 100] [--server daphne] [--worker]

All servers read the same file and hand out the same pictures; each count of viewers runs on one and then on the other,
by the same client, in rounds, since the machine may be busy. Goals: frames per viewer at least 0.9 of the bare one's, p95
of latency at most 1.5 times (issue 8); CPU per delivered frame at 10 viewers at most a quarter of that of a server that
encodes for each viewer, at 100 at most a quarter of that at 10 (IO.md 2.8). ``--worker`` puts the capture into ``manage.py
video_worker``, whose CPU counts too.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass

from bench import report
from bench.video_servers import ROOT, Server, folder, start_bare, start_product

PER_VIEWER = "--encode-per-viewer"


@dataclass
class Measured:
    """Frames a second of each viewer, latency in ms, CPU in % of a core and in ms for each frame that arrived."""

    frames: list[float]
    p50: float
    p95: float
    cpu: float
    cpu_per_frame: float


def measure(server: Server, viewers: int, seconds: float) -> Measured:
    command = [sys.executable, "-m", "bench.video_client", "--port", str(server.port), "--path", server.path]
    command += ["--token", server.token, "--viewers", str(viewers), "--seconds", str(seconds)]
    command += ["--processes", *(str(process.pid) for process in server.processes)]
    answer = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)
    share = answer["cpu"] / seconds
    frames = [count / seconds for count in answer["frames"]]
    return Measured(frames, answer["p50"], answer["p95"], share * 100, share * 1000 / sum(frames))


def row(name: str, viewers: int, rounds: list[Measured]) -> str:
    """The medians of the rounds."""

    def middle(name: str) -> float:
        return statistics.median(getattr(m, name) for m in rounds)

    frames = statistics.median(min(m.frames) for m in rounds), statistics.median(max(m.frames) for m in rounds)
    return (
        f"| {name} | {viewers} | {frames[0]:.1f} / {frames[1]:.1f} | {middle('p50'):.0f} / {middle('p95'):.0f} |"
        f" {middle('cpu'):.0f} | {middle('cpu_per_frame'):.2f} |"
    )


def goal(what: str, ratio: float, limit: float, *, at_least: bool = False) -> str:
    kept = ratio >= limit if at_least else ratio <= limit
    return (
        f"| {what} | {ratio:.2f} | {'at least' if at_least else 'at most'} {limit:g} | {'kept' if kept else 'missed'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3, help="each figure is the median of so many")
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 10, 50, 100])
    parser.add_argument("--server", choices=["uvicorn", "daphne"], default="uvicorn")
    parser.add_argument("--worker", action="store_true")
    given = parser.parse_args()
    rows, goals = [], []
    cost: dict[int, float] = {}
    with folder() as (var_dir, video, size, stack):
        ours = start_product(stack, var_dir, given.server, given.worker)
        bare = start_bare(stack, video)
        for viewers in given.viewers:
            pairs = [
                (measure(bare, viewers, given.seconds), measure(ours, viewers, given.seconds))
                for _ in range(given.rounds)
            ]
            rows += [
                row(s.name, viewers, list(of)) for s, of in zip((bare, ours), zip(*pairs, strict=True), strict=True)
            ]
            cost[viewers] = statistics.median(own.cpu_per_frame for _other, own in pairs)
            frames = statistics.median(min(own.frames) / min(other.frames) for other, own in pairs)
            latency = statistics.median(own.p95 / max(other.p95, 1.0) for other, own in pairs)
            fair = statistics.median(min(own.frames) / max(own.frames) for _other, own in pairs)
            goals.append(goal(f"{viewers} viewers: frames of the slowest, ours / bare", frames, 0.9, at_least=True))
            goals.append(goal(f"{viewers} viewers: p95 of latency, ours / bare", latency, 1.5))
            goals.append(goal(f"{viewers} viewers: frames of the slowest / of the fastest", fair, 0.95, at_least=True))
        if 10 in cost:
            other = start_bare(stack, video, PER_VIEWER)
            naive = [measure(other, 10, given.seconds) for _ in range(given.rounds)]
            rows.append(row("bare, one encode for each viewer", 10, naive))
            goals.append(
                goal(
                    "10 viewers: CPU of a frame, ours / one encode for each viewer",
                    cost[10] / statistics.median(m.cpu_per_frame for m in naive),
                    0.25,
                )
            )
        if 10 in cost and 100 in cost:
            goals.append(goal("CPU of a frame, 100 viewers / 10 viewers", cost[100] / cost[10], 0.25))
    head = "| server | viewers | frames/s, slowest / fastest | latency p50 / p95, ms | CPU, % of a core | CPU of a frame, ms |"
    where = ", captured by video_worker" if given.worker else ""
    report.write(
        f"Live video: {given.server}{where}",
        f"One source of 1280x720 at 30 frames a second, {size / 1000:.0f} KB a frame; medians of {given.rounds} rounds of "
        f"{given.seconds:g} s; load {os.getloadavg()[0]:.1f} at the end. Latency is from capture to the last byte but the "
        "picture's own at the client; viewers are on the same machine.\n\n"
        + "\n".join(
            [head, "|---|---|---|---|---|---|", *rows, "", "| | ratio | goal | |", "|---|---|---|---|", *goals]
        ),
    )


if __name__ == "__main__":
    main()
