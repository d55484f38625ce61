"""The one tree of domain errors.

Every error carries a stable ``code`` (documented in docs/errors.md), the HTTP ``status`` an edge answers with, a
message in the user's words (translatable) and, where it is about one column or one row, the ``fields`` it is about.
The edges render them once; nothing below the edges knows HTTP beyond the number.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class QdmError(Exception):
    """Base of all domain errors. ``str(error)`` is the message in the user's language."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    default: ClassVar[Any] = _("The request cannot be carried out.")

    def __init__(self, message: Any = None, *, fields: Mapping[str, Any] | None = None) -> None:
        self.message = self.default if message is None else message
        self.fields: dict[str, Any] = dict(fields or {})
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class NotFound(QdmError):
    """Missing and hidden look the same: both raise this with the same text."""

    code = "not_found"
    status = 404
    default = _("Not found.")


class WorkspaceNotFound(NotFound):
    code = "workspace_not_found"
    default = _("Workspace not found.")


class TermNotFound(NotFound):
    code = "term_not_found"
    default = _("Table not found.")


class RequisiteNotFound(NotFound):
    code = "requisite_not_found"
    default = _("Column not found.")


class ViewNotFound(NotFound):
    code = "view_not_found"
    default = _("View not found.")


class RecordNotFound(NotFound):
    code = "record_not_found"
    default = _("Row not found.")


class Forbidden(QdmError):
    """The thing is visible, the action is not allowed."""

    code = "forbidden"
    status = 403
    default = _("You have no right to do this.")


class InvalidRequest(QdmError):
    """Malformed input that no schema could make right."""

    code = "invalid_request"
    status = 400
    default = _("The request is not understood.")


class UnknownField(InvalidRequest):
    """A name or id that resolves to nothing in the pruned schema; hidden fields included."""

    code = "unknown_field"
    default = _("Unknown column.")


class BadFilter(InvalidRequest):
    code = "bad_filter"
    default = _("The filter is not understood.")


class InvalidType(InvalidRequest):
    code = "invalid_type"
    default = _("Invalid type.")


class InvalidReference(InvalidRequest):
    """A reference that names no visible record of the target table."""

    code = "invalid_reference"
    default = _("Invalid reference.")


class IsMetadata(InvalidRequest):
    code = "is_metadata"
    default = _("This is a part of the structure, not a row.")


class InvalidValue(QdmError):
    """A value that does not fit its column: the message names the value and what was expected."""

    code = "invalid_value"
    status = 422
    default = _("The value does not fit the column.")


class ValueRequired(InvalidValue):
    code = "value_required"
    default = _("A value is required.")


class Conflict(QdmError):
    code = "conflict"
    status = 409
    default = _("Somebody changed this in the meantime.")


class NotUnique(Conflict):
    code = "not_unique"
    default = _("Value is not unique.")


class NameTaken(Conflict):
    code = "name_taken"
    default = _("This name is taken.")


class HasDependents(Conflict):
    """Other rows refer to this one. Never says which or how many."""

    code = "has_dependents"
    default = _("Other rows refer to this one.")


class InUse(Conflict):
    code = "in_use"
    default = _("This is in use.")


class TooLarge(QdmError):
    code = "too_large"
    status = 413
    default = _("This is too large.")


class QueryTimeout(QdmError):
    code = "query_timeout"
    status = 503
    default = _("The query took too long and was stopped.")
