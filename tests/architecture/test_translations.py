"""The Russian catalogue is complete: every text a user may read has its translation, with the same places in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "ru" / "LC_MESSAGES" / "django.po"
PLACE = re.compile(r"%\(\w+\)[a-z.0-9]*[sdf]|%[sd]")


def messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def forms(text: object) -> list[str]:
    return list(text) if isinstance(text, tuple | list) else [str(text)]


def test_every_text_is_translated_with_the_same_places() -> None:
    for message in messages():
        assert all(forms(message.string)), message.id
        wanted = sorted(PLACE.findall(forms(message.id)[0]))
        for form in forms(message.string):
            assert sorted(PLACE.findall(form)) == wanted, message.id
        assert not message.fuzzy, message.id


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("xgettext") is None, reason="no xgettext here: new texts are not looked for")
def test_no_text_of_the_sources_is_missing(tmp_path: Path) -> None:
    copy = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "var", "node_modules", "vendor", "tests", "bench", "__pycache__", "*.xlsx")
    shutil.copytree(ROOT, copy, ignore=ignored)
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", "ru", "--no-obsolete", "-i", "demo/*", "-i", "static/*"],
        cwd=copy,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        check=True,
        capture_output=True,
    )
    with (copy / "locale" / "ru" / "LC_MESSAGES" / "django.po").open("rb") as file:
        missing = [m.id for m in read_po(file) if m.id and (m.fuzzy or not all(forms(m.string)))]
    assert missing == []
