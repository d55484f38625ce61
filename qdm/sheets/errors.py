"""What is wrong with an uploaded file or with what was asked about it, in the user's words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from qdm.errors import Conflict, InvalidRequest, NotFound, QdmError
from qdm.sheets.reading.failure import Reason

_MESSAGES: Mapping[Reason, Any] = {
    Reason.NOT_A_WORKBOOK: _("This file is not a workbook. Excel (.xlsx, .xlsm, .xls), .ods and .csv can be read."),
    Reason.ENCRYPTED: _("The workbook is protected by a password. Save it without one and upload it again."),
    Reason.BINARY_WORKBOOK: _("This is a binary workbook (.xlsb). Save it as .xlsx and upload it again."),
    Reason.EMPTY: _("There is nothing in this file."),
    Reason.DAMAGED: _("The file is damaged and cannot be read. Open it in Excel, save it anew and upload that."),
    Reason.BOMB: _("The file unpacks to far more than a workbook holds, so it is not read."),
    Reason.TOO_MANY_PARTS: _("The file has too many parts (%(detail)s) for a workbook."),
    Reason.UNSAFE_PARTS: _("The file has parts that would lie outside it (%(detail)s), so it is not read."),
    Reason.UNSAFE_XML: _("The file has content no office program writes (%(detail)s), so it is not read."),
    Reason.TOO_WIDE: _("Too many columns (%(detail)s). A table takes up to 1000 columns."),
    Reason.TOO_LONG: _("Too many rows (%(detail)s)."),
    Reason.SCATTERED: _("A few cells lie very far apart (%(detail)s). Delete the far ones and upload the file again."),
    Reason.TOO_MANY_SHEETS: _("Too many sheets (%(detail)s)."),
    Reason.UNKNOWN_ENCODING: _("The text of this file cannot be read in the encoding %(detail)s."),
    Reason.LONG_FIELD: _("A field of this file is longer than a million characters, or a quote is never closed."),
    Reason.MEMORY: _("Reading this file takes more memory than a file of its size should."),
    Reason.TIME: _("Reading this file takes longer than a file of its size should."),
    Reason.CRASHED: _("The file could not be read."),
}


class UnreadableFile(QdmError):
    """The uploaded file cannot be read; ``reason`` says why."""

    code = "unreadable_file"
    status = 422

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(_MESSAGES[reason] % {"detail": detail})
        self.reason = reason


class FileTooLarge(QdmError):
    code = "too_large"
    status = 413
    default = _("The file is too large.")


class ImportNotFound(NotFound):
    code = "import_not_found"
    default = _("Import not found.")


class ExportNotFound(NotFound):
    """No export of this actor, or its file is gone."""

    code = "export_not_found"
    default = _("Export not found.")


class BulkNotFound(NotFound):
    """No change of many rows of this actor."""

    code = "bulk_not_found"
    default = _("Change not found.")


class FormNotFound(NotFound):
    code = "form_not_found"
    default = _("Upload form not found.")


class RunNotFound(NotFound):
    """No file sent to a form, or another's."""

    code = "run_not_found"
    default = _("Sent file not found.")


class WrongPhase(Conflict):
    """The import is not where this can be done: loading already, finished, cancelled."""

    code = "wrong_phase"
    default = _("This import has moved on in the meantime.")


class BadMapping(InvalidRequest):
    """The accepted mapping contradicts itself or the file; the message says where."""

    code = "bad_mapping"
    default = _("The mapping is not understood.")


class Cancelled(QdmError):
    """The user stopped the import; nothing was written."""

    code = "cancelled"
    status = 409
    default = _("The import was cancelled.")


class Superseded(Exception):
    """The running job was taken for dead, by a jump of the clock say, and ended or begun again: its work is dropped."""
