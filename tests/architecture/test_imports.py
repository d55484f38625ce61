"""Imports run one way; the contracts are in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT


def test_the_contracts_of_imports_are_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
