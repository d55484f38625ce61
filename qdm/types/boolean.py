"""BOOLEAN: canonical ``1`` / ``0``."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from qdm.types.base import BaseType, Locale
from qdm.types.misfit import misfit

#: Words that mean yes or no by themselves, without case.
YES = frozenset(["да", "истина", "true", "yes", "вкл", "on"])
NO = frozenset(["нет", "ложь", "false", "no", "выкл", "off"])
#: Marks that mean it only where a column is known to be boolean. The second x is the Cyrillic one.
_MARKED = frozenset(["1", "x", "х", "+", "✓", "✔", "☑", "y", "t", "д", "v"])
_UNMARKED = frozenset(["0", "-", "−", "–", "☐", "n", "f", "н"])


@dataclass(frozen=True, slots=True)
class BooleanCodec:
    base: BaseType = BaseType.BOOLEAN
    sql_type: str = "boolean"

    def parse(self, raw: object, locale: Locale) -> str | None:
        """Yes and no in words, marks, numbers 1 and 0 -> '1' / '0'."""
        match raw:
            case None:
                return None
            case bool():
                return "1" if raw else "0"
            case int() | float() | Decimal() if raw in (0, 1):
                return "1" if raw else "0"
            case str():
                word = raw.strip().casefold()
                if not word:
                    return None
                if word in YES or word in _MARKED:
                    return "1"
                if word in NO or word in _UNMARKED:
                    return "0"
        raise misfit(raw, _("yes or no"))

    def display(self, canonical: str, locale: Locale) -> str:
        yes, no = ("да", "нет") if locale.language == "ru" else ("yes", "no")
        return {"1": yes, "0": no}.get(canonical, canonical)
