"""UUID: canonical lower case with hyphens."""

import re
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.types.base import BaseType, Locale
from qdm.types.misfit import misfit

_HEX = "[0-9a-fA-F]"
_FORM = re.compile(rf"(?:urn:uuid:)?(?:{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}|{_HEX}{{32}})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UuidCodec:
    base: BaseType = BaseType.UUID
    sql_type: str = "uuid"

    def parse(self, raw: object, locale: Locale) -> str | None:
        """With or without hyphens, braces or ``urn:uuid:``."""
        if raw is None or isinstance(raw, uuid.UUID):
            return str(raw) if raw is not None else None
        if isinstance(raw, str):
            text = raw.strip()
            if not text:
                return None
            if text.startswith("{") and text.endswith("}"):
                text = text[1:-1]
            if _FORM.fullmatch(text):
                return str(uuid.UUID(text))
        raise misfit(raw, _("a UUID such as 123e4567-e89b-12d3-a456-426614174000"))

    def display(self, canonical: str, locale: Locale) -> str:
        return canonical
