"""How errors leave: ``{"detail": text}``, for input of the wrong form ``{"detail": [{"loc", "msg", "type"}]}``.

The code of the error (docs/errors.md) is in the header X-Integram-Error, because the contract fixes the body. Texts the
contract fixes are never translated; the interface speaks English to programs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from integram.api.answer import Answer
from integram.api.rates import RateLimited
from qdm import errors
from qdm.errors import QdmError

HEADER = "X-Integram-Error"

#: What the contract calls these errors, where a service has nothing more exact to say.
TEXTS: Mapping[type[QdmError], str] = {
    errors.TermNotFound: "Term not found",
    errors.RequisiteNotFound: "Requisite not found",
    errors.RecordNotFound: "Object not found",
    errors.InvalidType: "Invalid type",
    errors.InvalidReference: "Invalid reference",
    errors.IsMetadata: "Object is metadata and cannot be deleted",
    errors.NotUnique: "Value is not unique",
    errors.ValueRequired: "Empty value",
    errors.InUse: "Term is currently in use",
}


class Malformed(QdmError):
    """The input is not of the right form. ``problems``: place, message and type of each error."""

    code = "validation_error"
    status = 422

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("; ".join(str(problem["msg"]) for problem in problems))
        self.problems = list(problems)


class RouteNotFound(errors.NotFound):
    code = "route_not_found"
    default = _("Not Found")


class MethodNotAllowed(QdmError):
    code = "method_not_allowed"
    status = 405
    default = _("Method Not Allowed")

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__()
        self.allowed = allowed


class Referenced(errors.InvalidRequest):
    """The contract's answer where something refers to what is to be deleted."""

    code = "has_dependents"
    default = _("Object is referenced and cannot be deleted")


class Broken(QdmError):
    """Our mistake. The log has it, under the request id of the answer."""

    code = "internal"
    status = 500
    default = _("Internal Server Error")


def problem(place: Sequence[str | int], message: Any, kind: str = "value_error") -> dict[str, Any]:
    return {"loc": list(place), "msg": str(message), "type": kind}


def text(error: QdmError) -> str:
    if isinstance(error, errors.UnknownField) and error.fields:
        return "Unknown field: " + ", ".join(error.fields)
    fixed = TEXTS.get(type(error))
    return fixed if fixed is not None and error.message is error.default else str(error)


def render(error: QdmError) -> HttpResponse:
    detail = error.problems if isinstance(error, Malformed) else text(error)
    headers = {HEADER: error.code}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    return Answer({"detail": detail}, error.status, headers)
