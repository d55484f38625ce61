"""What is vendored is what was vendored, and what the pages name is there."""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"


def test_vendored_files_are_those_of_the_list() -> None:
    listed = dict(line.split("  ", 1)[::-1] for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert there == listed


def test_every_vendored_package_has_its_licence() -> None:
    assert all((folder / "LICENSE").exists() for folder in VENDOR.iterdir() if folder.is_dir())


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    (sprite,) = VENDOR.glob("icons@*/sprite.svg")
    drawn = set(re.findall(r'id="i-([a-z0-9-]+)"', sprite.read_text()))
    named = set()
    for path in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text()))
    kinds = (ROOT / "integram" / "grid" / "column_kinds.py").read_text()
    named |= set(re.findall(r'Kind\("[a-z]+", "([a-z0-9-]+)"', kinds))
    assert named - drawn == set()


def test_templates_and_modules_have_no_inline_style_or_script() -> None:
    offending = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        if re.search(r"""\sstyle=["']|\son[a-z]+=["']|<script(?![^>]*\bsrc=)""", text):
            offending.append(path.name)
    assert offending == []
