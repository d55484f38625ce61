"""What kinds of columns people choose from, and how each is drawn and edited in the spreadsheet."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from integram.grid import reading_locale
from qdm.schema import Requisite
from qdm.types import presentation
from qdm.types.base import BaseType


@dataclass(frozen=True, slots=True)
class Kind:
    """``name``: the editor of static/js/sheet; ``width`` in pixels; ``label`` None: not offered for a new column."""

    name: str
    icon: str
    width: int
    label: Any = None


KINDS: dict[BaseType, Kind] = {
    BaseType.CHARS: Kind("text", "typography", 180, _("Text")),
    BaseType.MEMO: Kind("memo", "align-left", 260, _("Long text")),
    BaseType.NUMBER: Kind("number", "number-123", 110, _("Number")),
    BaseType.DATE: Kind("date", "calendar", 112, _("Date")),
    BaseType.DATETIME: Kind("datetime", "calendar-time", 146, _("Date and time")),
    BaseType.BOOLEAN: Kind("boolean", "checkbox", 96, _("Yes or no")),
    BaseType.FLOAT: Kind("number", "number-123", 110, _("Number, approximate")),
    BaseType.UUID: Kind("text", "fingerprint", 280, _("UUID")),
    BaseType.HTML: Kind("memo", "code", 260, _("HTML")),
    BaseType.PWD: Kind("password", "password", 110, _("Password")),
    BaseType.PATH: Kind("text", "folder", 180, _("Path")),
    BaseType.FILE: Kind("file", "file", 180, _("File")),
    BaseType.MEDIA: Kind("file", "photo", 180),
    BaseType.BUTTON: Kind("text", "click", 120),
    BaseType.CALCULATABLE: Kind("text", "math-function", 140),
    BaseType.TERM: Kind("text", "table", 140),
}

REFERENCE = Kind("reference", "link", 180, _("Link to a table"))
LIST = "list"  #: editor of several plain values in one cell


#: What formats are shown by.
_SAMPLES = {
    BaseType.NUMBER: "1234.567",
    BaseType.FLOAT: "1234.567",
    BaseType.DATE: "2026-05-09",
    BaseType.DATETIME: "2026-05-09T14:05:00",
}


def formats(base: BaseType, present: str | None = None) -> list[tuple[str, str]]:
    """Codes a column of the type may have, each as it shows a sample; ``present``: the one it has, offered too."""
    codes = list(presentation.OFFERED.get(base, ()))
    if present and present not in codes and presentation.fits(present, base):
        codes.append(present)
    locale = reading_locale.current()
    return [(code, presentation.display(_SAMPLES[base], base, code, locale)) for code in codes]


def of_base(base: BaseType) -> Kind:
    return KINDS[base]


def of_requisite(requisite: Requisite) -> Kind:
    return REFERENCE if requisite.is_reference else KINDS[requisite.base]
