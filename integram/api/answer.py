"""Answers as JSON."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse


class Answer(HttpResponse):
    """A JSON answer with optional headers."""

    def __init__(self, content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(orjson.dumps(content), status=status, content_type="application/json", headers=headers)
