"""Textual base types: what was typed is kept exactly."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.translation import gettext as _

from qdm.types.base import BaseType, Locale
from qdm.types.files import HOLDERS, name_of
from qdm.types.misfit import misfit

MASK = "••••••"


def plain(raw: object) -> str | None:
    """Text of a scalar, unchanged where it is text already; None for None and ''.

    Raises InvalidValue for a NUL or a lone surrogate (PostgreSQL holds neither) and for anything that is not a scalar.
    """
    match raw:
        case None | "":
            return None
        case str():
            return storable(raw)
        case bool():
            return "true" if raw else "false"
        case float():
            return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
        case int():
            try:
                return str(raw)
            except ValueError:
                raise misfit(raw, _("a text")) from None
        case Decimal():
            return format(raw, "f") if raw.is_finite() and abs(raw.adjusted()) < 1000 else str(raw)
        case datetime() | date() | time():
            return raw.isoformat()
        case uuid.UUID():
            return str(raw)
        case _:
            raise misfit(raw, _("a text"))


def storable(text: str) -> str:
    """The text itself. Raises InvalidValue where PostgreSQL could not hold it."""
    if "\0" in text:
        raise misfit(text, _("a text without NUL characters"))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise misfit(text, _("a text of whole Unicode characters")) from None
    return text


@dataclass(frozen=True, slots=True)
class TextCodec:
    """Any textual base type; nothing is trimmed or normalised."""

    base: BaseType
    sql_type: str = "text"

    def parse(self, raw: object, locale: Locale) -> str | None:
        return plain(raw)

    def display(self, canonical: str, locale: Locale) -> str:
        if self.base in HOLDERS:
            return name_of(canonical)
        return MASK if self.base is BaseType.PWD else canonical
