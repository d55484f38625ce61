"""The formats a table can be exported to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from qdm.errors import InvalidRequest
from qdm.sheets.export.delimited import Delimited
from qdm.sheets.export.json_file import JsonFile
from qdm.sheets.export.layout import Column, Row
from qdm.sheets.export.ods import Ods
from qdm.sheets.export.pdf import Pdf
from qdm.sheets.export.xlsx import Xlsx
from qdm.types.base import Locale


class Sink(Protocol):
    """A file being written. ``cut``: cells the format could not hold whole; whoever exports is told."""

    @property
    def cut(self) -> int: ...

    def write(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


class Format(Protocol):
    """Opens a file of one format. Raises TooLarge for a table that does not fit."""

    def __call__(self, path: Path, title: str, columns: Sequence[Column], locale: Locale) -> Sink: ...


#: By the ending of the file, in the order they are offered.
FORMATS: Mapping[str, Format] = {"xlsx": Xlsx, "csv": Delimited, "ods": Ods, "json": JsonFile, "pdf": Pdf}
CONTENT_TYPES: Mapping[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "json": "application/json",
    "pdf": "application/pdf",
}


def format_of(name: str) -> Format:
    """Raises InvalidRequest for a name that is none."""
    try:
        return FORMATS[name]
    except KeyError:
        raise InvalidRequest(
            _("The format “%(name)s” is not known. Choose one of: %(known)s.")
            % {"name": name[:20], "known": ", ".join(FORMATS)}
        ) from None
