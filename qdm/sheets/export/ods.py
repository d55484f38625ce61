"""OpenDocument spreadsheets, written row by row into the archive: the libraries build the whole document in memory."""

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from io import TextIOWrapper
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from xlsxwriter.utility import xl_col_to_name

from qdm.record import CellValue
from qdm.sheets.export.layout import Column, Row
from qdm.sheets.export.typed import Exact, decimals, typed
from qdm.types.base import Locale

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
_SPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"
    for name, space in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
        "fo": "xsl-fo-compatible",
    }.items()
}
_DAY = {
    "ru": '<number:day number:style="long"/><number:text>.</number:text><number:month number:style="long"/>'
    '<number:text>.</number:text><number:year number:style="long"/>',
    "en": '<number:year number:style="long"/><number:text>-</number:text><number:month number:style="long"/>'
    '<number:text>-</number:text><number:day number:style="long"/>',
}
_CLOCK = (
    '<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/><number:text>:</number:text><number:seconds number:style="long"/>'
)
#: Characters XML cannot hold.
_ILLEGAL = dict.fromkeys([*(set(range(0x20)) - {0x9, 0xA, 0xD}), 0xFFFE, 0xFFFF], "\ufffd")
_APOSTROPHE = "'"
#: Decimals that have a style of their own.
_DECIMALS = 6


class Ods:
    """One sheet with a filter. ``cut``: texts with characters the format cannot hold, shown as U+FFFD."""

    ending = "ods"

    def __init__(self, path: Path, title: str, columns: Sequence[Column], locale: Locale) -> None:
        self.cut = 0
        self._columns = columns
        self._rows = 1
        self._title = title
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._archive.writestr("mimetype", _TYPE, zipfile.ZIP_STORED)
        self._archive.writestr("META-INF/manifest.xml", _MANIFEST)
        self._out = TextIOWrapper(self._archive.open("content.xml", "w", force_zip64=True), encoding="utf-8")
        spaces = " ".join(f'xmlns:{name}="{address}"' for name, address in _SPACES.items())
        self._out.write(
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.3">'
            f"<office:automatic-styles>{_styles(_DAY.get(locale.language, _DAY['en']))}</office:automatic-styles>"
            f"<office:body><office:spreadsheet><table:table table:name={quoteattr(title)}>"
            f'<table:table-column table:number-columns-repeated="{len(columns)}"/><table:table-header-rows>'
        )
        self._line("".join(self._text(column.name, ' table:style-name="head"') for column in columns))
        self._out.write("</table:table-header-rows>")

    def write(self, rows: Sequence[Row]) -> None:
        self._rows += len(rows)
        for row in rows:
            self._line("".join(self._cell(value, column) for value, column in zip(row, self._columns, strict=True)))

    def _line(self, cells: str) -> None:
        self._out.write(f"<table:table-row>{cells}</table:table-row>\n")

    def _cell(self, value: CellValue | None, column: Column) -> str:
        match typed(value, column):
            case None:
                return "<table:table-cell/>"
            case bool(flag):
                text = "true" if flag else "false"
                return f'<table:table-cell office:value-type="boolean" office:boolean-value="{text}"/>'
            case Exact() as number:
                digits = decimals(value) if isinstance(value, str) else 0
                style = f' table:style-name="n{digits}"' if digits <= _DECIMALS else ""
                return f'<table:table-cell{style} office:value-type="float" office:value="{number}"/>'
            case datetime() as moment:
                return _dated("moment", moment.isoformat())
            case date() as day:
                return _dated("day", day.isoformat())
            case text:
                return self._text(str(text))

    def _text(self, text: str, style: str = "") -> str:
        clean = text.translate(_ILLEGAL)
        self.cut += clean != text
        lines = "".join(f"<text:p>{_spaced(line)}</text:p>" for line in clean.split("\n"))
        return f'<table:table-cell{style} office:value-type="string">{lines}</table:table-cell>'

    def close(self) -> None:
        end = f"{xl_col_to_name(len(self._columns) - 1)}{self._rows}"
        address = quoteattr(f"'{self._title.replace(_APOSTROPHE, _APOSTROPHE * 2)}'.A1:{end}")
        self._out.write(
            '</table:table><table:database-ranges><table:database-range table:name="filter"'
            f' table:display-filter-buttons="true" table:target-range-address={address}/></table:database-ranges>'
            "</office:spreadsheet></office:body></office:document-content>"
        )
        self._out.close()
        self._archive.close()


def _dated(style: str, text: str) -> str:
    return f'<table:table-cell table:style-name="{style}" office:value-type="date" office:date-value="{text}"/>'


def _spaced(line: str) -> str:
    """Text of a paragraph: spaces that readers would run together, tabs and returns as elements."""
    text = escape(line).replace("\t", "<text:tab/>").replace("\r", "&#13;")
    if "  " in text or text.startswith(" ") or text.endswith(" "):
        return text.replace(" ", "<text:s/>")
    return text


def _styles(day: str) -> str:
    """Data styles, and cell styles of the same names that use them."""
    data = {"day": ("date", day), "moment": ("date", day + _CLOCK)}
    for digits in range(_DECIMALS + 1):
        number = f'<number:number number:decimal-places="{digits}" number:min-decimal-places="{digits}"/>'
        data[f"n{digits}"] = ("number", number.replace("/>", ' number:min-integer-digits="1"/>'))
    styles = [
        f'<number:{kind}-style style:name="d-{name}">{inside}</number:{kind}-style>'
        f'<style:style style:name="{name}" style:family="table-cell" style:data-style-name="d-{name}"/>'
        for name, (kind, inside) in data.items()
    ]
    head = '<style:style style:name="head" style:family="table-cell"><style:text-properties fo:font-weight="bold"/>'
    return "".join([*styles, head, "</style:style>"])
