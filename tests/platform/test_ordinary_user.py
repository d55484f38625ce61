"""``serve`` as a user who is not root: the database server has nobody to change to, the files are his own.

Root runs it under another user id. Of root's rights it keeps reading alone, for the interpreter may lie in his home.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from integram.embedded import Server
from tests.platform.test_serve import ROOT, TIMEOUT, free_port

NOBODY = 65534
AS_NOBODY = [
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
]  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.getuid() != 0, reason="every other test of `serve` runs as an ordinary user already"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv (Debian: util-linux)"),
]


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """Not below pytest's own folder, which is root's."""
    with tempfile.TemporaryDirectory(prefix="integram-") as made:
        os.chown(made, NOBODY, NOBODY)
        yield Path(made)
        Server(Path(made)).stop()


def start(var_dir: Path, port: int) -> tuple["subprocess.Popen[str]", str]:
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(var_dir), "PORT": str(port), "HOME": str(var_dir)}
    process = subprocess.Popen(
        [*AS_NOBODY, sys.executable, "-u", "manage.py", "serve", "--without-demo"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = ""
    assert process.stdout is not None
    for line in process.stdout:
        printed += line
        if "Ctrl-C stops it." in line:
            return process, printed
    pytest.fail("it ended before it ran:\n" + printed)


def test_it_runs_and_ends_as_an_ordinary_user_and_everything_is_his(var_dir: Path) -> None:
    for number, is_first in ((signal.SIGINT, True), (signal.SIGTERM, False)):
        port = free_port()
        process, printed = start(var_dir, port)
        assert ("Sign in as admin" in printed) == is_first, "the data is there the second time"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=TIMEOUT) as answer:
            assert json.load(answer)["db"] == "connected"
        postmaster = int((Server(var_dir).directory / "postmaster.pid").read_text().split()[0])
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        assert {one.uids().real for one in (*family, psutil.Process(postmaster))} == {NOBODY}
        process.send_signal(number)
        process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0
        assert psutil.wait_procs(family, timeout=5)[1] == []
        assert not Server(var_dir).is_running()
        assert {path.lstat().st_uid for path in var_dir.rglob("*")} == {NOBODY}
