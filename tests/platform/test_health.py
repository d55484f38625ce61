"""``/health`` answers whatever happens to the database; ``/health/ready`` takes the server out of the line."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.platform.test_serve import ROOT, TIMEOUT, free_port


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_it_needs_no_sign_in(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "db": "connected"}


@pytest.fixture(scope="module")
def without_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a web server whose database does not answer."""
    port, nobody = free_port(), free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "integram.asgi:application", "--port", str(port), "--lifespan", "off"],
        env={
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path_factory.mktemp("var")),
            "DATABASE_URL": f"postgresql://somebody:secret@127.0.0.1:{nobody}/gone",
        },
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + TIMEOUT
        while not _is_open(port):
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(TIMEOUT)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_it_lives_without_a_database_and_says_so(without_database: str) -> None:
    with urllib.request.urlopen(f"{without_database}/health") as answer:
        assert json.load(answer) == {"status": "error", "db": "unavailable"}


@pytest.mark.slow
def test_it_is_not_ready_without_a_database(without_database: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{without_database}/health/ready")
    assert refused.value.code == 503
    assert json.load(refused.value)["status"] == "error"


@pytest.mark.slow
def test_metrics_are_told_without_a_database(without_database: str) -> None:
    with urllib.request.urlopen(f"{without_database}/metrics") as answer:
        told = answer.read().decode()
    assert "integram_database_up 0.0" in told
    assert "integram_pool_limit" in told
    assert "process_resident_memory_bytes" in told
