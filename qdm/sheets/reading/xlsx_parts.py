"""The small parts of an .xlsx archive: which sheets there are and which XML part holds each."""

import posixpath
import zipfile
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from qdm.sheets.reading import limits
from qdm.sheets.reading.failure import ReadFailure, Reason

_MAX_PART = 8 * limits.MIB


@dataclass(frozen=True, slots=True)
class SheetPart:
    name: str
    visible: bool
    path: str


def sheet_parts(archive: zipfile.ZipFile) -> list[SheetPart]:
    """Worksheets in workbook order; chart and dialog sheets are left out. Raises ReadFailure."""
    workbook = _workbook(archive)
    root = parse(archive, workbook)
    if local_name(root) != "workbook":
        raise ReadFailure(Reason.NOT_A_WORKBOOK)
    targets = _relations(archive, workbook)
    sheets = []
    for element in root.iter():
        if local_name(element) != "sheet":
            continue
        relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        kind, path = targets.get(relation, ("", ""))
        if kind.endswith("/worksheet"):
            sheets.append(SheetPart(element.get("name", ""), element.get("state", "visible") == "visible", path))
    if len(sheets) > limits.MAX_SHEETS:
        raise ReadFailure(Reason.TOO_MANY_SHEETS, str(len(sheets)))
    return sheets


def workbook_target(archive: zipfile.ZipFile, kind: str) -> str | None:
    """Part of the workbook with this end of its relation's type, such as ``/styles``. Raises ReadFailure."""
    return _target(archive, _workbook(archive), kind)


def _workbook(archive: zipfile.ZipFile) -> str:
    part = _target(archive, "", "/officeDocument")
    if part is None:
        raise ReadFailure(Reason.NOT_A_WORKBOOK)
    return part


def _target(archive: zipfile.ZipFile, part: str, kind: str) -> str | None:
    return next((path for k, path in _relations(archive, part).values() if k.endswith(kind)), None)


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation id -> (type, part it points to)."""
    folder, name = posixpath.split(part)
    root = parse(archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    found = {}
    for element in root:
        target = element.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if element.get("TargetMode") != "External":
            found[element.get("Id", "")] = (element.get("Type", ""), path)
    return found


def parse(archive: zipfile.ZipFile, part: str) -> Element:
    """Root of a small part. Raises ReadFailure for a missing, huge, damaged or unsafe one."""
    try:
        with archive.open(part) as stream:
            text = stream.read(_MAX_PART + 1)
        if len(text) > _MAX_PART:
            raise ReadFailure(Reason.BOMB, part)
        root: Element = fromstring(text)
    except KeyError:
        raise ReadFailure(Reason.NOT_A_WORKBOOK, part) from None
    except DefusedXmlException as error:
        raise ReadFailure(Reason.UNSAFE_XML, part) from error
    except (ParseError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise ReadFailure(Reason.DAMAGED, part) from error
    return root


def local_name(element: Element) -> str:
    """Tag without its namespace."""
    return element.tag.rpartition("}")[2]
