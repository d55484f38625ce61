"""Every package that is pinned has its reason written down, and is pinned exactly."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Come with another package that has its row: pinned because their versions matter.
WITH_OTHERS = {"pyyaml", "uvloop", "httptools", "redis", "python-ldap", "drf-spectacular-sidecar"}


def pinned() -> dict[str, str]:
    """Name -> the line it stands on."""
    lines = [line for path in ROOT.glob("requirements*.txt") for line in path.read_text("utf-8").splitlines()]
    return {match[0].lower(): line for line in lines if line[:1].isalpha() and (match := re.match(r"[\w.-]+", line))}


def test_every_package_has_its_reason() -> None:
    text = (ROOT / "docs" / "decisions" / "0001-packages.md").read_text("utf-8").lower()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"[a-z][\w.-]*", row)}
    missing = {name for name in pinned() if name not in named and not name.startswith("types-")}
    assert missing - WITH_OTHERS == set()
    assert len(pinned()) > 40


def test_every_package_is_pinned_exactly() -> None:
    assert [line for line in pinned().values() if not re.search(r"==\d", line)] == []
