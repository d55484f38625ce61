"""Which base type the values of a column have. Rules: IO.md 1.6."""

from collections import Counter
from dataclasses import dataclass

from qdm.sheets.kinds import Kind, Look
from qdm.types.base import BaseType, Locale

#: A type wins when this share of the values fits it.
WINNING = 0.98
_NUMBERS = (Kind.INT, Kind.FLOAT, Kind.SCIENTIFIC)
_NAMES = (Kind.CODE, Kind.PHONE)  #: digits that are no quantity


@dataclass(frozen=True, slots=True)
class Verdict:
    """``kind``: the kind most values have; ``fit``: share of the values that fit ``base``."""

    base: BaseType
    kind: Kind
    fit: float
    unit: str = ""
    language: str = "ru"
    day_first: bool = True


def decide(looks: Counter[Look], locale: Locale) -> Verdict:
    """Base type of a column from how many of its values look like what. Blanks and errors have no vote."""
    votes = Counter({seen: n for seen, n in looks.items() if seen.kind not in (Kind.NULL, Kind.ERROR)})
    kinds: Counter[Kind] = Counter()
    for seen, n in votes.items():
        kinds[seen.kind] += n
    total = votes.total()
    if not total:
        return Verdict(BaseType.CHARS, Kind.TEXT, 1.0, language=locale.language, day_first=locale.day_first)
    language = _language(votes, locale)
    candidates = [
        _simple(BaseType.BOOLEAN, Kind.BOOL, kinds[Kind.BOOL], total, locale),
        _simple(BaseType.UUID, Kind.UUID, kinds[Kind.UUID], total, locale),
        _dates(votes, kinds, total, language, locale),
        _number(votes, kinds, total, language, locale),
    ]
    best = max(candidates, key=lambda verdict: verdict.fit)
    if best.fit >= WINNING:
        return best
    if kinds[Kind.LONG]:
        return Verdict(BaseType.MEMO, Kind.LONG, 1.0, "", language, locale.day_first)
    names = [kind for kind in (Kind.CODE, Kind.PHONE) if kinds[kind]]
    kind = names[0] if names and not kinds[Kind.TEXT] else Kind.TEXT
    return Verdict(BaseType.CHARS, kind, 1.0, "", language, locale.day_first)


def _simple(base: BaseType, kind: Kind, count: int, total: int, locale: Locale) -> Verdict:
    return Verdict(base, kind, count / total, "", locale.language, locale.day_first)


def _number(votes: Counter[Look], kinds: Counter[Kind], total: int, language: str, locale: Locale) -> Verdict:
    """One code forbids a number: 007 would become 7. So does a mixture of units: the sign would be lost."""
    units = {seen.unit for seen in votes if seen.kind in _NUMBERS}
    mixed = len(units - {""}) > 1 or ("%" in units and "" in units)
    count = 0 if mixed or any(kinds[kind] for kind in _NAMES) else sum(kinds[kind] for kind in _NUMBERS)
    kind = Kind.FLOAT if kinds[Kind.FLOAT] or kinds[Kind.SCIENTIFIC] else Kind.INT
    base = BaseType.FLOAT if kinds[Kind.SCIENTIFIC] else BaseType.NUMBER
    unit = max(units, default="")
    return Verdict(base, kind, count / total, unit, language, locale.day_first)


def _dates(votes: Counter[Look], kinds: Counter[Kind], total: int, language: str, locale: Locale) -> Verdict:
    """Dates of one order: the one that reads more of them, else the user's own."""
    dates = {seen: n for seen, n in votes.items() if seen.kind in (Kind.DATE, Kind.DATETIME)}
    day = sum(n for seen, n in dates.items() if not seen.orders or "d" in seen.orders)
    month = sum(n for seen, n in dates.items() if not seen.orders or "m" in seen.orders)
    day_first = day > month or (day == month and locale.day_first)
    base, kind = (BaseType.DATETIME, Kind.DATETIME) if kinds[Kind.DATETIME] else (BaseType.DATE, Kind.DATE)
    return Verdict(base, kind, max(day, month) / total, "", language, day_first)


def _language(votes: Counter[Look], locale: Locale) -> str:
    """How the column's commas are meant: by the values that leave no choice, else as the user writes."""
    decimal = sum(n for seen, n in votes.items() if seen.comma == "d")
    grouping = sum(n for seen, n in votes.items() if seen.comma == "g")
    if decimal == grouping:
        return locale.language
    return "ru" if decimal > grouping else "en"
