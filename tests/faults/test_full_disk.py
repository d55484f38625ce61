"""A full disk: writes are refused while it is full, nothing acknowledged is lost, and it goes on once there is room."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.report import record
from tests.faults.site import Site
from tests.faults.traffic import Traffic, prove

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root"),
]

SIZE = "400m"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "integram-test", folder])
    if mounted.returncode != 0:
        pytest.skip("a tmpfs cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_refuses_writes_and_loses_none(small: Path) -> None:
    site = Site(small)
    try:
        with Traffic(site.served.port, site.place) as traffic:
            traffic.wait_for(5)
            filler = small / "filler"
            with filler.open("wb") as file:
                try:
                    while True:
                        os.write(file.fileno(), bytes(2**20))
                except OSError:
                    pass
            # WAL that is there already is used up first
            limit, failed = time.monotonic() + 60, traffic.failed
            while traffic.failed < failed + 3 and time.monotonic() < limit:
                time.sleep(0.1)
            assert traffic.failed >= failed + 3, "writes are refused"
            filler.unlink()
            traffic.wait_for(5)
        record("the disk is full, then has room", prove(site.database, site.place, traffic))
    finally:
        site.stop()
