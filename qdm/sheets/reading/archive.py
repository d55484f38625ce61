"""Checks of a zip archive that cost nothing: its directory alone, before anything is inflated."""

import zipfile
from pathlib import Path

from qdm.sheets.reading import limits
from qdm.sheets.reading.failure import ReadFailure, Reason

_PROLOGUE = 4096


def check_archive(path: Path) -> int:
    """Inflated size in bytes. Raises ReadFailure for a bomb, for too many parts and for names that climb out."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, EOFError) as error:
        raise ReadFailure(Reason.DAMAGED) from error
    if len(parts) > limits.MAX_PARTS:
        raise ReadFailure(Reason.TOO_MANY_PARTS, str(len(parts)))
    inflated = sum(part.file_size for part in parts)
    packed = max(1, path.stat().st_size)
    if inflated > limits.MAX_INFLATED or (inflated > limits.RATIO_FREE and inflated / packed > limits.MAX_RATIO):
        raise ReadFailure(Reason.BOMB, str(inflated // limits.MIB))
    for part in parts:
        name = part.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise ReadFailure(Reason.UNSAFE_PARTS, part.filename[:100])
        if part.flag_bits & 1:
            raise ReadFailure(Reason.ENCRYPTED)
    return inflated


def check_xml(archive: zipfile.ZipFile) -> None:
    """Refuse a document type (entity bombs) and encodings no office program writes, in every XML part.

    Both can stand only before the root element. A part whose prologue does not end within 4 KB is refused too.
    """
    for part in archive.infolist():
        if not part.filename.lower().endswith((".xml", ".rels")) or not part.file_size:
            continue
        with archive.open(part) as stream:
            head = stream.read(_PROLOGUE)
        prologue, root = _split(head)
        encoding = prologue.partition(b"encoding=")[2][1:6].lower()
        if not root or b"<!DOCTYPE" in prologue or b"<!ENTITY" in prologue or encoding not in (b"", b"utf-8", b"us-as"):
            raise ReadFailure(Reason.UNSAFE_XML, part.filename[:100])


def _split(head: bytes) -> tuple[bytes, bool]:
    """What stands before the root element, and whether that was found."""
    position = 0
    while (position := head.find(b"<", position)) >= 0:
        following = head[position + 1 : position + 2]
        if following.isalpha() or following == b"_":
            return head[:position], True
        if head[position : position + 4] == b"<!--":
            end = head.find(b"-->", position)
            position = end if end >= 0 else len(head)
        else:
            position += 1
    return head, False
