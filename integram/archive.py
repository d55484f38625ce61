"""A workspace as one file: dumped and restored, with its ids, trash, history, rights, streams and files.

The file is a ZIP: ``manifest.json`` first, the tables of the workspace in COPY's text format, the parts of the apps as
JSON lines, ``files/`` (saved pictures), ``cells/`` (files of cells), and last ``checksums.json`` with the SHA-256 of
each of them. It is written and read as a stream. A restore reads the whole of it against its checksums before it
begins, and is one transaction.
"""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import rbac.dump
import video.dump
from integram import archived_deliveries, archived_forms, archived_views, archived_webhooks
from qdm.errors import QdmError
from qdm.managers.statements import one_state
from qdm.models import Workspace
from qdm.services import dump as tables
from qdm.services import files as cell_files
from rbac.audit import acting

FORMAT, VERSION = "integram workspace", 1
MANIFEST, CHECKSUMS, FILES, CELLS = "manifest.json", "checksums.json", "files/", "cells/"
BLOCK = 2**18  #: bytes read at once
#: Level of DEFLATE: half the time of the usual 6, a file larger by a tenth.
COMPRESSION = 3
_SAFE_FILE = re.compile(r"[0-9]+/[^/\\\0]{1,255}")
_SAFE_KEY = re.compile(r"[a-z]{16}")

Row = dict[str, Any]


class BadArchive(QdmError):
    """The file is no archive of a workspace, or not as it was written. Nothing has been changed."""

    code = "bad_archive"
    status = 400
    default = gettext_lazy("This file is no archive of a workspace.")


@dataclass(frozen=True, slots=True)
class Part:
    """What an app keeps of a workspace outside its tables: a row is a JSON object; loading says what was left out.

    ``always``: archives have had it from the first; the others may be older than it.
    """

    name: str
    rows: Callable[[Workspace], Iterable[Row]]
    load: Callable[[Workspace, Iterable[Row], bool], list[str]]
    always: bool = True


#: In the order they are restored.
PARTS = (
    Part("rights", rbac.dump.rows, lambda ws, rows, make_people: rbac.dump.load(ws, rows, make_people=make_people)),
    Part("forms", archived_forms.rows, lambda ws, rows, _make_people: archived_forms.load(ws, rows)),
    Part("streams", video.dump.rows, lambda ws, rows, _make_people: video.dump.load(ws, rows)),
    Part("views", archived_views.rows, lambda ws, rows, _make_people: archived_views.load(ws, rows), always=False),
    Part("files", cell_files.dumped, lambda ws, rows, _make_people: cell_files.restore(ws, rows), always=False),
    Part(
        "deliveries",
        archived_deliveries.rows,
        lambda ws, rows, _make_people: archived_deliveries.load(ws, rows),
        always=False,
    ),
    Part(
        "webhooks",
        archived_webhooks.rows,
        lambda ws, rows, _make_people: archived_webhooks.load(ws, rows),
        always=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Restored:
    """The workspace, and sentences about what could not be brought back or has to be done by hand."""

    workspace: Workspace
    notes: list[str]


def dump(workspace: Workspace, path: Path) -> int:
    """Write the archive, one state of the workspace; its size in bytes. The file has its name once it is whole."""
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive, one_state():
                _write(workspace, _Writer(archive))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path.stat().st_size


def _write(workspace: Workspace, writer: "_Writer") -> None:
    names = rbac.dump.names_of(tables.actors(workspace))
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "dumped_at": timezone.now().isoformat(),
        "slug": workspace.slug,
        "title": workspace.title,
        "created_at": workspace.created_at.isoformat(),
        "history_days": workspace.history_days,
        "counters": asdict(tables.counters(workspace)),
        "actors": {str(actor): names.get(actor) for actor in tables.actors(workspace)},
    }
    writer.add(MANIFEST, [json.dumps(manifest, ensure_ascii=False, indent=1).encode()])
    for table in tables.TABLES:
        writer.add(f"{table}.copy", tables.blocks(workspace, table))
    for part in PARTS:
        writer.add(f"{part.name}.jsonl", (_line(row) for row in part.rows(workspace)))
    for name, content in video.dump.files(workspace):
        with content:
            writer.add(FILES + name, iter(partial(content.read, BLOCK), b""))
    for key, content in cell_files.contents(workspace):
        with content:
            writer.add(CELLS + key, iter(partial(content.read, BLOCK), b""))
    writer.end()


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


class _Writer:
    """Members of a ZIP with their checksums."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._digests: dict[str, str] = {}

    def add(self, name: str, blocks: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as member:
            for block in blocks:
                digest.update(block)
                member.write(block)
        self._digests[name] = digest.hexdigest()

    def end(self) -> None:
        self._archive.writestr(CHECKSUMS, json.dumps(self._digests, indent=1))


def restore(path: Path, *, slug: str | None = None, make_people: bool = False) -> Restored:
    """Make the workspace of an archive, under another short name where one is given. All of it or nothing.

    ``make_people``: users and groups with grants that are not here are made, users inactive and without a password.
    Raises BadArchive for a file that is damaged, cut short, of a later version or something else; NameTaken and
    InvalidValue for the short name.
    """
    with _domain_errors(), _opened(path) as archive:
        manifest = _verified(archive)
        actors = {int(actor): name for actor, name in manifest["actors"].items()}
        here = rbac.dump.ids_of(name for name in actors.values() if name is not None)
        kept: list[str] = []
        cells: list[Path] = []
        try:
            with transaction.atomic(), acting(None):
                workspace = tables.restore(
                    slug or manifest["slug"],
                    manifest["title"],
                    {table: _blocks(archive, f"{table}.copy") for table in tables.TABLES},
                    tables.Counters(**manifest["counters"]),
                    {actor: here.get(name) if name is not None else None for actor, name in actors.items()},
                )
                workspace.created_at = datetime.fromisoformat(manifest["created_at"])
                workspace.history_days = manifest.get("history_days")  # older archives have none
                workspace.save(update_fields=["created_at", "history_days"])
                notes = [
                    note
                    for part in PARTS
                    if part.always or f"{part.name}.jsonl" in archive.namelist()
                    for note in part.load(workspace, _rows(archive, f"{part.name}.jsonl"), make_people)
                ]
                if workspace.slug != manifest["slug"]:
                    notes += _paused(workspace)
                for name in _files(archive):
                    with archive.open(FILES + name) as content:
                        kept.append(video.dump.put(workspace, name, content))
                for key in _files(archive, CELLS):
                    with archive.open(CELLS + key) as content:
                        cells.append(cell_files.put(workspace, key, content))
        except BaseException:
            for stored in kept:
                default_storage.delete(stored)
            for path in cells:
                path.unlink(missing_ok=True)
            raise
    if slug is not None and slug != manifest["slug"] and kept:
        notes.append(_("Cells with saved pictures name the old short name; the pictures themselves are here."))
    return Restored(workspace, notes)


def _paused(workspace: Workspace) -> list[str]:
    """A copy tells nobody outside anything beside the original, until its owners switch it on."""
    count = archived_deliveries.pause(workspace) + archived_webhooks.pause(workspace)
    return [_("Deliveries and webhooks of the copy are switched off: %(count)d.") % {"count": count}] if count else []


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with path.open("rb") as file:
            if file.read(4) != b"PK\3\4":
                raise BadArchive
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise BadArchive(_("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror}) from error
    except zipfile.BadZipFile as error:
        raise BadArchive(_("The archive is cut short.")) from error
    with archive:
        yield archive


@contextmanager
def _domain_errors() -> Iterator[None]:
    """What reading a damaged ZIP raises. Its own errors name no reason a user could use."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, UnicodeDecodeError) as error:
        raise BadArchive(_("The archive is damaged.")) from error


def _verified(archive: zipfile.ZipFile) -> Mapping[str, Any]:
    """The manifest, once every member is known to be what was written."""
    names = archive.namelist()
    if MANIFEST not in names:
        raise BadArchive
    try:
        manifest = json.loads(archive.read(MANIFEST))
        digests = json.loads(archive.read(CHECKSUMS))
        if manifest["format"] != FORMAT:
            raise BadArchive
        if manifest["version"] > VERSION:
            raise BadArchive(_("The archive was written by a later version of Integram. Update first."))
    except (ValueError, KeyError, TypeError) as error:
        raise BadArchive(_("The archive is damaged.")) from error
    if sorted(names) != sorted([*digests, CHECKSUMS]):
        raise BadArchive(_("The archive is damaged: parts of it are missing."))
    for name, expected in digests.items():
        digest = hashlib.sha256()
        for block in _blocks(archive, name):
            digest.update(block)
        if digest.hexdigest() != expected:
            raise BadArchive(_("The archive is damaged: “%(name)s” is not what was written.") % {"name": name})
    missing = {f"{table}.copy" for table in tables.TABLES} | {f"{part.name}.jsonl" for part in PARTS if part.always}
    unsafe = [name for name in _files(archive) if not _SAFE_FILE.fullmatch(name)]
    unsafe += [key for key in _files(archive, CELLS) if not _SAFE_KEY.fullmatch(key)]
    if missing - set(names) or unsafe:
        raise BadArchive
    return dict(manifest)


def _blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        while block := member.read(BLOCK):
            yield block


def _rows(archive: zipfile.ZipFile, name: str) -> Iterator[Row]:
    with archive.open(name) as member:
        for line in member:
            yield json.loads(line)


def _files(archive: zipfile.ZipFile, folder: str = FILES) -> Iterator[str]:
    return (name.removeprefix(folder) for name in archive.namelist() if name.startswith(folder))
