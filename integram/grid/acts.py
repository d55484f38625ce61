"""What a user did to the columns of a sheet by forms: batches of the history that his next sight of it may undo.

A form ends with another page, so what it did is in the session when the sheet is shown again. Showing it does not take
it away: a page may be fetched and not shown.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from qdm.access import Access
from qdm.services.transaction import batch
from qdm.view_spec import Layout

ACTS = "sheet_acts"
#: ``{"at", "batch": id}``, or ``{"at", "colours": those there were before}``; ``at``: when, in microseconds.
Act = dict[str, Any]
#: Sheets whose acts wait, acts of each: what the live sheet remembers.
MOST_SHEETS, MOST = 20, 100


@contextmanager
def act(request: HttpRequest, access: Access, term_id: int, note: str) -> Iterator[None]:
    """What is written inside is one batch, to be undone in the sheet."""
    with batch(access, note) as batch_id:
        yield
    remember(request.session, access.workspace, term_id, {"batch": batch_id})


def remember(session: SessionBase, workspace: str, term_id: int, done: Act) -> None:
    """``done``: the act without its time."""
    waiting = session.get(ACTS, {})
    key = _key(workspace, term_id)
    waiting[key] = [*waiting.pop(key, []), {"at": time.time_ns() // 1000, **done}][-MOST:]
    session[ACTS] = dict(list(waiting.items())[-MOST_SHEETS:])


def plain_colours(layout: Layout) -> list[dict[str, Any]]:
    return [colour.as_plain() for colour in layout.colours]


def of_sheet(session: SessionBase, workspace: str, term_id: int) -> list[Act]:
    """The last acts, oldest first; the sheet knows by ``at`` which it has not seen."""
    found: list[Act] = session.get(ACTS, {}).get(_key(workspace, term_id), [])
    return found


def _key(workspace: str, term_id: int) -> str:
    return f"{workspace}/{term_id}"
