"""Answers as JSON."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpResponse


class Answer(HttpResponse):
    """A JSON answer with optional headers."""

    def __init__(self, content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_dumped(content), status=status, content_type="application/json", headers=headers)


def _dumped(content: Any) -> bytes:
    """JSON. What a client sent and is told again may be what orjson does not write: a huge number, half a character."""
    try:
        return orjson.dumps(content, default=_text)
    except TypeError:
        return json.dumps(content, default=_text).encode()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value))
