"""Number formats of the first rows of an .xlsx sheet, from its styles part and the first megabyte of its XML.

Hints only: a sheet written in another way simply has none. openpyxl would read all shared texts of the book first.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence

from qdm.sheets.reading.facts import Format
from qdm.sheets.reading.failure import ReadFailure
from qdm.sheets.reading.formats import note_format
from qdm.sheets.reading.xlsx_parts import local_name, parse, workbook_target
from qdm.sheets.reading.xlsx_scan import column_number

#: Built-in formats that mean something here: ECMA-376 part 1, 18.8.30.
_BUILT_IN = {9: "0%", 10: "0.00%"}
_LOOKED_AT = 1 << 20
_NUMBER = re.compile(rb'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="n")?><v>(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)</v>')


def cell_formats(archive: zipfile.ZipFile) -> Sequence[str]:
    """Format code by index of the cell style; empty where the book has no readable styles."""
    try:
        part = workbook_target(archive, "/styles")
        root = parse(archive, part) if part else None
    except ReadFailure:
        return ()
    if root is None:
        return ()
    own: dict[int, str] = {}
    codes: list[str] = []
    for group in root:
        if local_name(group) == "numFmts":
            own = {int(e.get("numFmtId", "0")): e.get("formatCode", "") for e in group}
        elif local_name(group) == "cellXfs":
            numbers = [int(e.get("numFmtId", "0")) for e in group]
            codes = [own.get(number, _BUILT_IN.get(number, "")) for number in numbers]
    return codes


def column_formats(archive: zipfile.ZipFile, part: str, codes: Sequence[str]) -> Mapping[int, Format]:
    """Formats of the numbers in the first rows, by column from 0."""
    with archive.open(part) as stream:
        head = stream.read(_LOOKED_AT)
    found: dict[int, Format] = defaultdict(Format)
    for letters, style, number in _NUMBER.findall(head):
        index = int(style or 0)
        code = codes[index] if index < len(codes) else ""
        note_format(found[column_number(letters) - 1], code, float(number))
    return dict(found)
