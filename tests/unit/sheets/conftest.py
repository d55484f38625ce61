from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from qdm.sheets.reading.spool import read_rows, spool_path
from qdm.sheets.supervisor import Reading, read_file


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Names and messages the program makes, in the language of the source."""
    with override("en"):
        yield


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[Reading, list[list[list[Any]]]]]:
    """Read a file in the real child process: what it says, and the rows of each sheet in the spool."""

    def run(path: Path, **options: str) -> tuple[Reading, list[list[list[Any]]]]:
        folder = tmp_path / "spool"
        folder.mkdir(exist_ok=True)
        reading = read_file(path, folder, path.stem, **options)
        return reading, [list(read_rows(spool_path(folder, n))) for n in range(len(reading.sheets))]

    return run
