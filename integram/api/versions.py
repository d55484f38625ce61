"""Optimistic concurrency: ETag is the version of an object, If-Match the one a writer saw."""

import re
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integram.api import errors
from integram.api.answer import Answer
from integram.api.body import MAX_ID
from integram.api.errors import Malformed, problem
from qdm.errors import Conflict

_TAG = re.compile(r'(?:W/)?"([0-9]{1,19})"', re.ASCII)


def tag(version: int | None) -> str:
    return f'"{version}"'


def expected(request: HttpRequest) -> int | None:
    """The version of the If-Match header; None where it has none, or ``*``. Raises Malformed."""
    header = request.META.get("HTTP_IF_MATCH", "*").strip()
    if header == "*":
        return None
    match = _TAG.fullmatch(header)
    if match is None or int(match[1]) > MAX_ID:
        raise Malformed([problem(("header", "If-Match"), _("The ETag of an object is expected."))])
    return int(match[1])


def conflict(error: Conflict, sent: Any, current: Answer) -> Answer:
    """Both values: what was sent, and what is there now. Raises the error where it is about something else."""
    if "version" not in error.fields:
        raise error
    content = {"detail": str(error), "sent": sent, "current": orjson.loads(current.content)}
    return Answer(content, error.status, {errors.HEADER: error.code, "ETag": current.headers["ETag"]})
