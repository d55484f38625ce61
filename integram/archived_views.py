"""Saved views of a workspace as rows of an archive, and back. Those in the trash come along."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from qdm.models import SavedView, Workspace
from rbac.dump import ids_of, names_of

Row = dict[str, Any]
_FIELDS = ("term", "kind", "title", "shared", "is_default", "spec")


def rows(workspace: Workspace) -> Iterator[Row]:
    views = list(SavedView.objects.filter(workspace=workspace).order_by("pk"))
    owners = names_of([view.owner for view in views if view.owner is not None])
    for view in views:
        yield {name: getattr(view, name) for name in _FIELDS} | {
            "owner": owners.get(view.owner) if view.owner is not None else None,
            "deleted_at": view.deleted_at.isoformat() if view.deleted_at else None,
        }


def load(workspace: Workspace, archived: Iterable[Row]) -> list[str]:
    """Make the views; one's own of somebody who is not here are left out. A sentence about those."""
    left_out = 0
    for row in archived:
        owner = ids_of([row["owner"]]).get(row["owner"]) if row["owner"] else None
        if owner is None and not row["shared"]:
            left_out += 1
            continue
        deleted = datetime.fromisoformat(row["deleted_at"]) if row["deleted_at"] else None
        SavedView.objects.create(
            workspace=workspace, owner=owner, deleted_at=deleted, **{name: row[name] for name in _FIELDS}
        )
    return [_("Own views of people who are not here, left out: %(count)d.") % {"count": left_out}] if left_out else []
