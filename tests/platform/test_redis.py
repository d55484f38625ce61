"""With ``REDIS_URL`` several processes share a cache and hear each other; a real Redis shows it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform.redis_server import RedisServer
from tests.platform.test_serve import ROOT, TIMEOUT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server (Debian: redis-server)"),
]

SETUP = "import django, sys; django.setup(); from asgiref.sync import async_to_sync as wait;"
LAYER = "from channels.layers import get_channel_layer; layer = get_channel_layer();"
#: Joins a group, says so, and prints the first message that comes to it.
LISTEN = f"""{SETUP} {LAYER}
async def listen():
    mine = await layer.new_channel()
    await layer.group_add("table.7", mine)
    print("listening", flush=True)
    print((await layer.receive(mine))["ids"], flush=True)
wait(listen)()
"""
SEND = f"""{SETUP} {LAYER} wait(layer.group_send)("table.7", {{"type": "changed", "ids": [1, 2]}})"""


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.kill()


class Processes:
    """Python programs with the project's settings, each in a process of its own."""

    def __init__(self, var_dir: Path, redis_url: str) -> None:
        self.environment = {
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(var_dir),
            "REDIS_URL": redis_url,
            "DJANGO_SETTINGS_MODULE": "integram.settings",
        }

    def start(self, program: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program]
        return subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def run(self, program: str) -> str:
        process = self.start(program)
        printed, _ = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0
        return printed


@pytest.fixture
def processes(tmp_path: Path, redis_url: str) -> Processes:
    return Processes(tmp_path, redis_url)


def test_what_one_process_caches_another_finds(processes: Processes) -> None:
    cache = f"{SETUP} from django.core.cache import cache;"
    processes.run(f"{cache} cache.set('position', 17)")
    assert processes.run(f"{cache} print(cache.get('position'))") == "17\n"


def test_what_one_process_sends_another_hears(processes: Processes) -> None:
    listener = processes.start(LISTEN)
    assert listener.stdout is not None
    assert listener.stdout.readline() == "listening\n"
    processes.run(SEND)
    printed, _ = listener.communicate(timeout=TIMEOUT)
    assert printed == "[1, 2]\n"
