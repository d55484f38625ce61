"""A hostile file gets a clear error, soon, and takes little memory with it."""

import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from string import ascii_uppercase

import orjson
import pytest
import xlwt

from qdm.sheets import supervisor
from qdm.sheets.errors import UnreadableFile
from qdm.sheets.reading.failure import Reason
from qdm.sheets.supervisor import read_file
from tests.unit.sheets import files

SCATTERED = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="{corner}1048576"><v>1</v></c></row>'
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>{rows}</sheetData></worksheet>{before}'
)


def zip_bomb(path: Path) -> Path:
    """1 GiB of one letter in a megabyte."""
    files.raw_xlsx(path, "")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(1024):
            part.write(b"a" * (1 << 20))
    return path


def many_parts(path: Path) -> Path:
    files.raw_xlsx(path, "")
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(3000):
            archive.writestr(f"xl/media/{number}.xml", "")
    return path


def wide(path: Path) -> Path:
    cells = "".join(f'<c r="{"".join(name)}1"><v>1</v></c>' for name in product("AB", ascii_uppercase, ascii_uppercase))
    return files.raw_xlsx(path, f'<row r="1">{cells}</row>')


def scattered(path: Path) -> Path:
    """Large enough for calamine to begin before the scan is through."""
    filler = "".join(f'<row r="{n}"><c r="A{n}"><v>123456789</v></c></row>' for n in range(2, 100_000))
    return files.raw_xlsx(path, filler + SCATTERED.format(corner="XFD"))


def ods_bomb(path: Path) -> Path:
    row = [files.ods_cell("x", valuetype="string", numbercolumnsrepeated="900")]
    document = files.ods(path, [row])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    repeated = b'<table:table-row table:number-rows-repeated="1000000">'
    parts["content.xml"] = parts["content.xml"].replace(b"<table:table-row>", repeated)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return document


def encrypted(path: Path) -> Path:
    """An OLE container with the streams of an encrypted workbook: its directory names them in UTF-16."""
    xlwt_path = path.with_suffix(".tmp")
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "x")
    book.save(str(xlwt_path))
    content = xlwt_path.read_bytes()
    path.write_bytes(
        content.replace("Workbook".encode("utf-16-le"), b"\0" * 16) + "EncryptedPackage".encode("utf-16-le")
    )
    return path


def written(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


HOSTILE: dict[str, tuple[Callable[[Path], Path], Reason]] = {
    "two cells at the far corners": (lambda p: files.raw_xlsx(p, SCATTERED.format(corner="XFD")), Reason.SCATTERED),
    "two cells a million rows apart": (lambda p: files.raw_xlsx(p, SCATTERED.format(corner="L")), Reason.SCATTERED),
    "a zip bomb": (zip_bomb, Reason.BOMB),
    "entity expansion": (lambda p: files.raw_xlsx(p, "", sheet=BOMB), Reason.UNSAFE_XML),
    "a far corner beside much else": (scattered, Reason.SCATTERED),
    "too many columns": (wide, Reason.TOO_WIDE),
    "too many parts": (many_parts, Reason.TOO_MANY_PARTS),
    "a climbing name": (lambda p: files.raw_xlsx(p, "", **{"../../x": "a"}), Reason.UNSAFE_PARTS),
    "repeated rows of an ods": (ods_bomb, Reason.BOMB),
    "an encrypted workbook": (encrypted, Reason.ENCRYPTED),
    "html named xls": (written(b"<html><table><tr><td>1</td></tr></table></html>"), Reason.NOT_A_WORKBOOK),
    "a pdf": (written(b"%PDF-1.7\n"), Reason.NOT_A_WORKBOOK),
    "a picture": (written(b"\x89PNG\r\n\x1a\n\0\0\0"), Reason.NOT_A_WORKBOOK),
    "another archive": (lambda p: _archive(p, {"a.txt": "x"}), Reason.NOT_A_WORKBOOK),
    "a binary workbook": (lambda p: _archive(p, {"xl/workbook.bin": "x"}), Reason.BINARY_WORKBOOK),
    "a cut archive": (lambda p: _cut(files.xlsx(p, S=[["a"] * 9] * 999)), Reason.DAMAGED),
    "a cut xls": (lambda p: _cut(files.xls(p, [["a", 1.5]] * 999)), Reason.DAMAGED),
    "an empty file": (written(b""), Reason.EMPTY),
    "blanks": (written(b" \n \n"), Reason.EMPTY),
    "a workbook without cells": (lambda p: files.raw_xlsx(p, ""), Reason.EMPTY),
    "an unclosed quote": (written(b'a,"' + b"x" * (2 << 20)), Reason.LONG_FIELD),
    "bytes": (written(bytes(range(256)) * 100), Reason.NOT_A_WORKBOOK),
}


def _archive(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _cut(path: Path) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_clear_error(tmp_path: Path, name: str) -> None:
    make, reason = HOSTILE[name]
    path = make(tmp_path / "file.xlsx")
    with pytest.raises(UnreadableFile) as caught:
        read_file(path, tmp_path, "file")
    assert caught.value.reason == reason
    assert str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_takes_little_cpu_and_memory(tmp_path: Path, name: str) -> None:
    """CPU seconds and peak memory of the child and of what it forks: below 5 s and 200 MB."""
    path = HOSTILE[name][0](tmp_path / "file.xlsx")
    program = (
        "import resource, sys; from qdm.sheets.reading import child; child.main(sys.argv[1:]);"
        "used = resource.getrusage(resource.RUSAGE_SELF); forked = resource.getrusage(resource.RUSAGE_CHILDREN);"
        # ru_maxrss would be that of the process it was forked from, if larger.
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1];"
        "seconds = used.ru_utime + used.ru_stime + forked.ru_utime + forked.ru_stime;"
        "sys.stderr.write(f'{seconds} {max(int(peak), forked.ru_maxrss)}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), str(tmp_path), "f"], capture_output=True, check=True
    )
    assert "failure" in orjson.loads(done.stdout.splitlines()[-1])
    seconds, kilobytes = done.stderr.split()[-2:]
    assert float(seconds) < 5
    assert int(kilobytes) < 200 * 1024


def test_a_child_that_dies_is_an_error_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (0, 0))\nwhile True: pass\n"
    )
    monkeypatch.setattr(supervisor, "_ROOT", tmp_path)
    with pytest.raises(UnreadableFile) as caught:
        read_file(files.xlsx(tmp_path / "a.xlsx", S=[[1]]), tmp_path, "a")
    assert caught.value.reason in (Reason.TIME, Reason.MEMORY, Reason.CRASHED)


def test_the_parent_opens_nothing_and_stays_small(tmp_path: Path) -> None:
    path = files.xlsx(tmp_path / "a.xlsx", S=[[n, "x" * 50, n / 7] for n in range(20_000)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_file(path, tmp_path, "a")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024
