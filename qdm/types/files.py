"""How a file stands in a cell: ``name/key``. The name comes first, so that cells are sorted, searched and filtered by
it.

The key is letters nobody looks for: a search for digits or for a word finds names alone. Any other text is what it
says, a path on somebody's disk for instance.
"""

import re
import secrets
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

from qdm.types.base import BaseType

#: Types whose cells may hold files.
HOLDERS = frozenset({BaseType.FILE, BaseType.MEDIA})
MAX_NAME = 150
_LETTERS = "bcdfghjklmnpqrstvwxz"
_LENGTH = 16
#: A key behind its name as a regular expression, for the database too.
KEY = f"/([{_LETTERS}]{{{_LENGTH}}})"
_TEXT = re.compile(rf"([^/]+){KEY}")


def new_key() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def text_of(name: str, key: str) -> str:
    return f"{name}/{key}"


def parts(text: str) -> tuple[str, str] | None:
    """Name and key; None for a text that names no file kept here."""
    match = _TEXT.fullmatch(text)
    return (match[1], match[2]) if match else None


def name_of(text: str) -> str:
    """What people read."""
    found = parts(text)
    return found[0] if found else text


def clean_name(name: str) -> str:
    """The name of a file as text to show: no folders, NFC, at most MAX_NAME characters, its ending kept."""
    name = PureWindowsPath(PurePosixPath(name).name).name
    name = "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable() and c != "/").strip() or "file"
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: MAX_NAME - 11]}{dot}{ending[:10]}" if dot else name[:MAX_NAME]
    return name
