"""JSON bodies: read exactly, and taken apart with every error told at once."""

import json
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integram.api.errors import Malformed, problem
from qdm.errors import TooLarge

MAX_ID = 2**63 - 1
BODY = ("body",)


def received(request: HttpRequest) -> bytes:
    """The whole body. Raises TooLarge."""
    limit = settings.API_BODY_BYTES
    raw = request.read(limit + 1)
    if len(raw) > limit:
        raise TooLarge(_("The body is larger than %(limit)d bytes.") % {"limit": limit})
    return raw


def read(raw: bytes) -> Any:
    """The JSON of a body; decimals as ``Decimal``, so that no digit is lost.

    Raises Malformed for what is no JSON, is nested too deep, or holds what no text can (NUL, half of a surrogate pair).
    """
    try:
        content = json.loads(raw.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except RecursionError:
        raise Malformed([problem(BODY, _("The body is nested too deep."), "json_invalid")]) from None
    except ValueError as error:
        raise Malformed([problem(BODY, f"JSON decode error: {error}", "json_invalid")]) from None
    # Such characters can come in by an escape only, so most bodies need no look.
    if b"\\u" in raw and (place := _unstorable(content)) is not None:
        raise Malformed([problem((*BODY, *place), _("This text holds a NUL or half a character."))])
    return content


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _unstorable(content: Any) -> tuple[str | int, ...] | None:
    """Where a text stands that PostgreSQL cannot hold."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), content)]
    while waiting:
        place, item = waiting.pop()
        if isinstance(item, str):
            if "\0" in item or not _is_whole(item):
                return place
        elif isinstance(item, dict):
            for key, value in item.items():
                if "\0" in key or not _is_whole(key):
                    return place
                waiting.append(((*place, key), value))
        elif isinstance(item, list):
            waiting += [((*place, at), value) for at, value in enumerate(item)]
    return None


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def mapping(raw: bytes) -> dict[str, Any]:
    """The body, which has to be an object."""
    content = read(raw)
    if not isinstance(content, dict):
        raise Malformed([problem(BODY, _("An object is expected."), "dict_type")])
    return content


class Form:
    """Reads fields of an object and collects what is wrong with them; ``check`` raises it all at once.

    A field in error gives a value of its type that is never used.
    """

    def __init__(self, content: dict[str, Any], place: tuple[str | int, ...] = BODY) -> None:
        self.content = content
        self.place = place
        self.problems: list[dict[str, Any]] = []

    def fail(self, name: str, message: Any, kind: str = "value_error") -> None:
        self.problems.append(problem((*self.place, name), message, kind))

    def check(self) -> None:
        if self.problems:
            raise Malformed(self.problems)

    def given(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.content.get(name) is not None

    def integer(self, name: str, *, minimum: int | None = None, maximum: int = MAX_ID, strict: bool = False) -> int:
        """A whole number; also its digits as text, the way metadata writes ids, unless ``strict``."""
        value = self.content.get(name)
        if name not in self.content:
            self.fail(name, _("Field required"), "missing")
            return 0
        if isinstance(value, str) and not strict and is_integer(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(name, _("A whole number is expected."), "int_type")
            return 0
        if (minimum is not None and value < minimum) or not -MAX_ID <= value <= maximum:
            low = -MAX_ID if minimum is None else minimum
            self.fail(name, _("A number from %(low)d to %(high)d is expected.") % {"low": low, "high": maximum})
            return 0
        return value

    def optional_integer(self, name: str, default: int, *, minimum: int | None = None, maximum: int = MAX_ID) -> int:
        return self.integer(name, minimum=minimum, maximum=maximum) if self.given(name) else default

    def text(self, name: str) -> str:
        """A text that is not blank."""
        value = self.content.get(name)
        if name not in self.content:
            self.fail(name, _("Field required"), "missing")
        elif not isinstance(value, str):
            self.fail(name, _("A text is expected."), "string_type")
        elif not value.strip():
            self.fail(name, _("Empty value"))
        else:
            return value
        return ""

    def mapping(self, name: str, *, required: bool = True) -> dict[str, Any]:
        value = self.content.get(name)
        if name not in self.content and required:
            self.fail(name, _("Field required"), "missing")
        elif isinstance(value, dict):
            return value
        elif value is not None or required:
            self.fail(name, _("An object is expected."), "dict_type")
        return {}


def is_integer(text: str) -> bool:
    digits = text[1:] if text[:1] in ("-", "+") else text
    return digits.isascii() and digits.isdigit() and len(digits) <= 30
