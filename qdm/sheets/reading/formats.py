"""What a number format says of its column: percent, currency, leading zeros."""

import re

from qdm.sheets.reading.facts import Format

_ZEROS = re.compile(r"0{2,}")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_CURRENCY = re.compile(r"₽|руб|р\.|\$|€|£", re.IGNORECASE)
_SIGN = {"руб": "₽", "р.": "₽"}


def note_format(known: Format, number_format: str, value: float) -> None:
    """Count one number under its format code."""
    known.numbers += 1
    if number_format in ("General", ""):
        return
    if sign := _CURRENCY.search(number_format):
        known.currency = _SIGN.get(sign[0].lower(), sign[0])
    bare = _QUOTED.sub("", number_format)
    if "%" in bare:
        known.percent += 1
    elif _ZEROS.fullmatch(bare) and value >= 0 and float(value).is_integer():
        known.zeros = max(known.zeros, len(bare))
        known.padded += 1
