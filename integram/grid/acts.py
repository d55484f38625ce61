"""What a user did to the columns of a sheet by forms: batches of the history that his next sight of it may undo.

A form ends with another page, so what it did waits in the session until the sheet is shown again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from qdm.access import Access
from qdm.services.transaction import batch

ACTS = "sheet_acts"
#: Sheets whose acts wait, acts of each: what the live sheet remembers.
MOST_SHEETS, MOST = 20, 100


@contextmanager
def act(request: HttpRequest, access: Access, term_id: int, note: str) -> Iterator[None]:
    """What is written inside is one batch, to be undone in the sheet."""
    with batch(access, note) as batch_id:
        yield
    waiting = request.session.get(ACTS, {})
    key = _key(access.workspace, term_id)
    waiting[key] = [*waiting.pop(key, []), batch_id][-MOST:]
    request.session[ACTS] = dict(list(waiting.items())[-MOST_SHEETS:])


def take(session: SessionBase, workspace: str, term_id: int) -> list[int]:
    """The batches since the sheet was last shown, oldest first; they wait no longer."""
    waiting = session.get(ACTS, {})
    found: list[int] = waiting.pop(_key(workspace, term_id), [])
    if found:
        session[ACTS] = waiting
    return found


def _key(workspace: str, term_id: int) -> str:
    return f"{workspace}/{term_id}"
