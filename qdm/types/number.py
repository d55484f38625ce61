"""NUMBER (exact decimal) and FLOAT (double precision)."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from qdm.types.base import BaseType, Locale
from qdm.types.misfit import misfit

#: Digits a NUMBER may have on each side of its point: what ``qdm.to_number`` reads (numeric takes 131072).
MAX_DIGITS = 38
#: Magnitudes of a FLOAT other than 0: what ``qdm.to_float`` reads, inside double precision with its full digits.
MIN_FLOAT, MAX_FLOAT = 1e-307, 9.999e307
#: Longer text is no number a person typed; also bounds the work of the patterns below.
MAX_LENGTH = 200

GROUP = " \u00a0\u2007\u2009\u202f"
_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_WHOLE = re.compile(
    rf"(?P<sign>[+-]?)(?P<prefix>[$€£₽]?)[{GROUP}]*(?P<body>[0-9.,][0-9.,{GROUP}]*)(?P<exponent>[eE][+-]?[0-9]{{1,4}})?"
    rf"[{GROUP}]*(?P<suffix>%|[$€£₽]|руб\.?|р\.?|rub\.?|usd|eur)?",
    re.IGNORECASE,
)
_SPACED = re.compile(rf"[0-9]{{1,3}}(?:[{GROUP}][0-9]{{3}})+(?:[.,][0-9]*)?")
_COMMAS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_DOTS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?")
_SIMPLE = re.compile(r"[0-9]+[.,]?[0-9]*|[.,][0-9]+")
#: Spellings of one currency.
_UNITS = {"руб": "₽", "р": "₽", "rub": "₽", "usd": "$", "eur": "€"}


class Scanned(NamedTuple):
    """A number found in text. ``unit``: '', '%', '₽', '$', '€' or '£'; a percentage is already divided by 100."""

    value: Decimal
    unit: str


def scan(text: str, language: str = "ru") -> Scanned | None:
    """The number a person wrote, or None.

    Groups by space, NBSP and its narrow kin; decimal comma or point; the Unicode minus; percent; currency signs. In
    ``1,234`` the comma is a decimal one, except in English; ``1.234`` is always a decimal point; ``1.234,50`` and
    ``1,234.50`` can be read in one way only.
    """
    if len(text) > MAX_LENGTH:
        return None
    text = text.strip().replace("\u2212", "-")
    if _PLAIN.fullmatch(text):
        return Scanned(Decimal(text), "")
    match = _WHOLE.fullmatch(text)
    if match is None or (match["prefix"] and match["suffix"]):
        return None
    digits = _digits(match["body"].rstrip(GROUP), language)
    if digits is None:
        return None
    value = Decimal(f"{match['sign']}{digits}{match['exponent'] or ''}")
    unit = (match["prefix"] or match["suffix"] or "").lower().rstrip(".")
    if unit == "%":
        value = value.scaleb(-2)
    return Scanned(value, _UNITS.get(unit, unit))


def _digits(body: str, language: str) -> str | None:
    """Digits with a decimal point and nothing else, or None when the separators make no number."""
    if _SPACED.fullmatch(body):
        return re.sub(f"[{GROUP}]", "", body).replace(",", ".")
    if _COMMAS.fullmatch(body) and (language == "en" or "." in body or body.count(",") > 1):
        return body.replace(",", "")
    if _DOTS.fullmatch(body) and ("," in body or body.count(".") > 1):
        return body.replace(".", "").replace(",", ".")
    if _SIMPLE.fullmatch(body):
        return body.replace(",", ".")
    return None


def _grouped(digits: str, separator: str) -> str:
    """Thousands set apart from five digits on, so that a year or a house number stays as it is."""
    return digits if len(digits) < 5 else f"{int(digits):,}".replace(",", separator)


def _localised(canonical: str, locale: Locale) -> str:
    """Canonical number as read in the locale; text that is not one comes back unchanged."""
    if not _PLAIN.fullmatch(canonical):
        return canonical.replace(".", ",") if locale.language == "ru" and scan(canonical) else canonical
    sign, digits = ("-", canonical[1:]) if canonical[0] == "-" else ("", canonical.lstrip("+"))
    whole, point, fraction = digits.partition(".")
    if locale.language == "ru":
        return f"{sign}{_grouped(whole, chr(0xA0))}{',' if point else ''}{fraction}"
    return f"{sign}{_grouped(whole, ',')}{point}{fraction}"


@dataclass(frozen=True, slots=True)
class NumberCodec:
    """Exact decimal: canonical ``-1234.50`` keeps the typed scale, has no exponent, group or leading zero."""

    base: BaseType = BaseType.NUMBER
    sql_type: str = "numeric"

    def parse(self, raw: object, locale: Locale) -> str | None:
        """Number or text -> canonical; at most MAX_DIGITS digits on each side of the point."""
        match raw:
            case None:
                return None
            case bool():
                value = None
            case int():
                value = Decimal(raw) if abs(raw) < 10**MAX_DIGITS else None
            case float():
                value = Decimal(repr(raw)) if math.isfinite(raw) else None
                if value is not None and raw.is_integer():
                    value = value.to_integral_value()
            case Decimal():
                value = raw if raw.is_finite() else None
            case str():
                if not raw.strip():
                    return None
                scanned = scan(raw, locale.language)
                value = scanned.value if scanned else None
            case _:
                value = None
        if value is None or not _fits(value):
            raise misfit(
                raw,
                _("a number such as 1234.50, with at most %(digits)s digits on each side of the point")
                % {"digits": MAX_DIGITS},
            )
        return format(value if value else abs(value), "f")

    def display(self, canonical: str, locale: Locale) -> str:
        return _localised(canonical, locale)


def _fits(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_DIGITS and (not value or value.adjusted() < MAX_DIGITS)


@dataclass(frozen=True, slots=True)
class FloatCodec:
    """Double precision: canonical is the shortest text that reads back as the same number (``0.1``, ``1e+300``)."""

    base: BaseType = BaseType.FLOAT
    sql_type: str = "double precision"

    def parse(self, raw: object, locale: Locale) -> str | None:
        match raw:
            case None:
                return None
            case bool():
                value = math.nan
            case int() | float() | Decimal():
                value = _to_float(raw)
            case str():
                if not raw.strip():
                    return None
                scanned = scan(raw, locale.language)
                value = _to_float(scanned.value) if scanned else math.nan
            case _:
                value = math.nan
        if not (value == 0 or MIN_FLOAT <= abs(value) <= MAX_FLOAT):
            raise misfit(raw, _("a number such as 1234.5"))
        return float_text(value)

    def display(self, canonical: str, locale: Locale) -> str:
        return _localised(canonical, locale)


def _to_float(value: float | Decimal) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def float_text(value: float) -> str:
    """Shortest text of a finite double; whole numbers without ``.0``, zero without a sign."""
    text = repr(value or 0.0)
    return text.removesuffix(".0")
