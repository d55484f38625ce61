"""What kind of file it is, by its content; name and MIME type prove nothing."""

import zipfile
from enum import StrEnum
from pathlib import Path

from qdm.sheets.reading.failure import ReadFailure, Reason

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
#: Stream names of an OLE container, UTF-16 as in its directory.
_ENCRYPTED, _WORKBOOK, _BOOK = (name.encode("utf-16-le") for name in ("EncryptedPackage", "Workbook", "Book"))
#: Starts of files that are text or look like it, yet are no table.
_FOREIGN = (
    b"%PDF",
    b"{\\rtf",
    b"<!doctype",
    b"<html",
    b"<?xml",
    b"<svg",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
)


class Kind(StrEnum):
    XLSX = "xlsx"
    XLSM = "xlsm"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"


def sniff(path: Path) -> Kind:
    """Kind of the file. Raises ReadFailure where it is no workbook, or an encrypted one."""
    with path.open("rb") as file:
        head = file.read(8192)
    if not head.strip():
        raise ReadFailure(Reason.EMPTY)
    if head.startswith(_ZIP):
        return _zip_kind(path)
    if head.startswith(_OLE):
        return _ole_kind(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(tuple(f.lower() for f in _FOREIGN)):
        raise ReadFailure(Reason.NOT_A_WORKBOOK)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.CSV
    if b"\0" in head:
        raise ReadFailure(Reason.NOT_A_WORKBOOK)
    return Kind.CSV


def _zip_kind(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as part:
                    if part.read(len(_ODS)) == _ODS:
                        if _is_encrypted_ods(archive):
                            raise ReadFailure(Reason.ENCRYPTED)
                        return Kind.ODS
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise ReadFailure(Reason.DAMAGED) from error
    if "xl/workbook.bin" in names:
        raise ReadFailure(Reason.BINARY_WORKBOOK)
    if not any(name.lower().startswith("xl/") for name in names) and "[Content_Types].xml" not in names:
        raise ReadFailure(Reason.NOT_A_WORKBOOK)
    return Kind.XLSM if any(name.lower().endswith("vbaproject.bin") for name in names) else Kind.XLSX


def _is_encrypted_ods(archive: zipfile.ZipFile) -> bool:
    try:
        with archive.open("META-INF/manifest.xml") as part:
            return b"encryption-data" in part.read(1 << 20)
    except KeyError:
        return False


def _ole_kind(path: Path) -> Kind:
    """The directory of a compound file lies anywhere in it: its stream names are searched for."""
    content = path.read_bytes()
    if _ENCRYPTED in content:
        raise ReadFailure(Reason.ENCRYPTED)
    if _WORKBOOK in content or _BOOK in content:
        return Kind.XLS
    # without its directory it is half a file; with the streams of another program it is that program's
    foreign = any(name.encode("utf-16-le") in content for name in ("WordDocument", "PowerPoint Document", "__nameid"))
    raise ReadFailure(Reason.NOT_A_WORKBOOK if foreign else Reason.DAMAGED)
