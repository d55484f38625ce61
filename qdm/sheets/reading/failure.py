"""Why a file could not be read, as a code the parent turns into words (``qdm.sheets.errors``)."""

from enum import StrEnum


class Reason(StrEnum):
    NOT_A_WORKBOOK = "not_a_workbook"
    ENCRYPTED = "encrypted"
    BINARY_WORKBOOK = "binary_workbook"  #: .xlsb
    EMPTY = "empty"
    DAMAGED = "damaged"
    BOMB = "bomb"  #: inflates beyond any real workbook
    TOO_MANY_PARTS = "too_many_parts"
    UNSAFE_PARTS = "unsafe_parts"  #: absolute or climbing names in the archive
    UNSAFE_XML = "unsafe_xml"  #: a document type or an encoding no office program writes
    TOO_WIDE = "too_wide"
    TOO_LONG = "too_long"
    SCATTERED = "scattered"  #: a few cells far apart
    TOO_MANY_SHEETS = "too_many_sheets"
    UNKNOWN_ENCODING = "unknown_encoding"
    LONG_FIELD = "long_field"
    MEMORY = "memory"
    TIME = "time"
    CRASHED = "crashed"


class ReadFailure(Exception):
    """The file cannot be read. ``detail``: what the message names (a cell, a sheet, a number)."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
