"""How a user left the columns of a sheet: remembered with the session, so that the first picture is right.

What stands in a saved view is for who opens it; what somebody moved since is his own until he saves the view.
"""

from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from qdm.models import SavedView
from qdm.view_spec import Layout, layout_from_plain

LAYOUTS = "sheet_layouts"
MOST_SHEETS = 200


def of_sheet(session: SessionBase, workspace: str, term_id: int, view: SavedView | None) -> Layout | None:
    """How the user left the columns, since the view was last saved; None where he left them as they were."""
    found = session.get(LAYOUTS, {}).get(_key(workspace, term_id, view))
    if found is None or found["of"] != _stamp(view):
        return None
    return layout_from_plain(found["layout"])


def remember(session: SessionBase, workspace: str, term_id: int, view: SavedView | None, sent: Any) -> None:
    """Keep a layout; the sheets touched longest ago are forgotten. Raises InvalidRequest for what is none."""
    layout = layout_from_plain(sent)
    held = session.get(LAYOUTS, {})
    held.pop(_key(workspace, term_id, view), None)
    held[_key(workspace, term_id, view)] = {"of": _stamp(view), "layout": layout.as_plain()}
    session[LAYOUTS] = dict(list(held.items())[-MOST_SHEETS:])


def forget(session: SessionBase, workspace: str, term_id: int, view: SavedView | None) -> None:
    held = session.get(LAYOUTS, {})
    if held.pop(_key(workspace, term_id, view), None) is not None:
        session[LAYOUTS] = held


def _key(workspace: str, term_id: int, view: SavedView | None) -> str:
    return f"{workspace}/{term_id}/{view.pk if view is not None else 0}"


def _stamp(view: SavedView | None) -> str:
    return view.updated_at.isoformat() if view is not None else ""
