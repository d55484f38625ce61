"""What the wire contract promises, call by call: the flows in the folder ``contract``."""

from pathlib import Path

import pytest

from tests.api.conftest import Owner
from tests.api.replaying import FOLDER, load, play

#: The whole sample of the contract, where the checkout has it beside itself.
SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "contract" / "cases.json"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_the_flow_is_answered_as_promised(path: Path, owner: Owner) -> None:
    known = {"ws": owner.ws, "token": owner.token, "large": "Ы" * 100_000, "long": "Д" * 20_000}
    assert play(load(path), known) == []


@pytest.mark.skipif(not SAMPLE.exists(), reason="the contract's own sample is not beside this checkout")
def test_the_contracts_own_sample_passes(owner: Owner) -> None:
    cases = [case for case in load(SAMPLE) if not case["path"].startswith(("/video", "/health", "/docs"))]
    assert play(cases, {"ws": owner.ws, "token": owner.token}) == []
