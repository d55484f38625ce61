"""How wide a user made the columns: remembered with the session, so that the first picture is right."""

from collections.abc import Mapping
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

WIDTHS = "sheet_widths"
NARROWEST, WIDEST = 48, 1200  #: pixels
MOST_COLUMNS, MOST_SHEETS = 1000, 200


def of_sheet(session: SessionBase, workspace: str, term_id: int) -> Mapping[str, int]:
    """Column id -> pixels, for the columns whose width was changed."""
    found: Mapping[str, int] = session.get(WIDTHS, {}).get(f"{workspace}/{term_id}", {})
    return found


def remember(session: SessionBase, workspace: str, term_id: int, sent: Any) -> None:
    """Keep the widths that a column can have; forget the sheets touched longest ago."""
    if not isinstance(sent, dict):
        return
    widths = {
        str(column): int(width)
        for column, width in list(sent.items())[:MOST_COLUMNS]
        if isinstance(width, int | float) and NARROWEST <= width <= WIDEST
    }
    held = session.get(WIDTHS, {})
    held.pop(f"{workspace}/{term_id}", None)
    held[f"{workspace}/{term_id}"] = widths
    session[WIDTHS] = dict(list(held.items())[-MOST_SHEETS:])
