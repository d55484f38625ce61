"""The README's promise: after one command, its REST example works when pasted."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from integram.embedded import Server
from tests.platform.test_serve import ROOT, TIMEOUT, free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(map(shutil.which, ("curl", "sh", "python3"))), reason="the example needs curl and sh"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation that runs with its demo."""
    var_dir = tmp_path_factory.mktemp("readme")
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(var_dir), "PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "-u", "manage.py", "serve"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if "Ctrl-C stops it." in line:
            break
    else:
        pytest.fail("it ended before it ran:\n" + "".join(printed))
    yield environment
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=TIMEOUT)
    Server(var_dir).stop()


def _example(readme: str, environment: dict[str, str]) -> str:
    """The block that calls the REST interface, for this port and this Python."""
    blocks = (ROOT / readme).read_text().split("```sh\n")[1:]
    (block,) = (text for text in (block.partition("```")[0] for block in blocks) if "curl" in text)
    assert "127.0.0.1:8000" in block
    assert ".venv/bin/python" in block
    return block.replace(":8000", ":" + environment["PORT"]).replace(".venv/bin/python", sys.executable)


def _answers(text: str) -> list[Any]:
    """The JSON values that were printed one after another."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


@pytest.mark.parametrize("readme", ["README.md", "README.ru.md"])
def test_the_rest_example_works_when_pasted(readme: str, served: dict[str, str]) -> None:
    ran = subprocess.run(
        ["sh", "-e", "-c", _example(readme, served)],
        env=served,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert ran.returncode == 0, ran.stderr
    tables, candidates, made = _answers(ran.stdout)
    assert "Кандидаты" in {table["val"] for table in tables}
    assert len(candidates["objects"]) == 3
    assert all("Казань" in candidate["reqs"].values() for candidate in candidates["objects"])
    assert made["val"] == "Мельникова Вера Игоревна"


@pytest.mark.parametrize("readme", ["README.md", "README.ru.md"])
def test_every_file_it_names_is_there(readme: str) -> None:
    text = (ROOT / readme).read_text()
    named = {part.partition(")")[0] for part in text.split("](")[1:]}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
