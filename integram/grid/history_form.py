"""What an address asks of a history, and the form that asks it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from integram.grid import history_words
from qdm.errors import InvalidRequest
from qdm.query.changes import Asked
from qdm.schema import Term
from qdm.selectors.history import Entry

FIELDS = ("column", "who", "from", "to", "via", "batch")


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    text: str
    chosen: bool


def read(address: QueryDict, term: Term) -> Asked:
    """``column`` is an id as in the sheet, the table's own for the main value.

    Raises InvalidRequest for what is no date, number or place in the history.
    """
    before, batch = address.get("before", ""), address.get("batch", "")
    return Asked(
        column=_column(address.get("column", ""), term),
        who=address.get("who", "").strip()[:150],
        since=_day(address.get("from", "")),
        until=_day(address.get("to", ""), after=1),
        via=address.get("via", ""),
        batch=number(batch) if batch else None,
        before=_place(before) if before else None,
    )


def choices(term: Term, chosen: str | None, address: Mapping[str, str]) -> dict[str, list[Choice]]:
    """Columns and doors to choose from."""
    columns = {"": _("All columns"), "val": term.heading} | {str(r.id): r.name for r in term.cells}
    doors = {"": _("Any way")} | {via: str(text) for via, text in history_words.DOORS.items()}
    return {
        "columns": [Choice(key, text, key == (chosen or "")) for key, text in columns.items()],
        "doors": [Choice(key, text, key == address.get("via", "")) for key, text in doors.items()],
    }


def older(address: Mapping[str, str], last: Entry) -> str:
    """The address of the page after this entry, asking for the same."""
    said = {name: address[name] for name in FIELDS if address.get(name)}
    return "?" + urlencode(said | {"before": f"{last.version}.{last.record_id}"})


def _column(text: str, term: Term) -> str | None:
    if not text or text == "val":
        return text or None
    column = number(text)
    return "val" if column == term.id else str(column)


def number(text: str) -> int:
    """An id or a stamp of an address. Raises InvalidRequest."""
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    raise InvalidRequest


def _place(text: str) -> tuple[int, int]:
    stamp, _point, record = text.partition(".")
    return number(stamp), number(record)


def _day(text: str, after: int = 0) -> datetime | None:
    """Midnight before the day, or so many days later, by the clock of the site."""
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text) + timedelta(days=after), time()))
    except (ValueError, OverflowError):
        raise InvalidRequest(_("“%(text)s” is not a date.") % {"text": text[:40]}) from None
