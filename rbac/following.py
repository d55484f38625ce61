"""What rights do when the workspace changes: a new column beside a locked one starts locked, what is erased from
the trash loses its grants, a workspace takes its roles along. Called by events, inside the transaction of the write."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import pre_delete
from django.http import HttpRequest

from qdm import events
from qdm.models import Workspace
from rbac.models import Guard, Kind, Lock
from rbac.sessions import AGENT


def connect() -> None:
    events.columns_made.connect(_lock_beside_locked, dispatch_uid="rbac.columns_made")
    events.records_erased.connect(_forget, dispatch_uid="rbac.records_erased")
    pre_delete.connect(_forget_roles, sender=Workspace, dispatch_uid="rbac.workspace_deleted")
    user_logged_in.connect(_remember_browser, dispatch_uid="rbac.user_logged_in")


def new_columns_start_locked(workspace: str, term_id: int) -> bool:
    """Whether the table has a column that not everybody sees, so that a new one, which may hold the same, starts so."""
    return Guard.objects.filter(workspace__slug=workspace, table_id=term_id, kind=Kind.FIELD, lock=Lock.VIEW).exists()


def _lock_beside_locked(
    sender: Any, workspace: str, term_id: int, requisite_ids: Sequence[int], names: Sequence[str], **_: Any
) -> None:
    if new_columns_start_locked(workspace, term_id):
        there = Workspace.objects.get(slug=workspace)
        Guard.objects.bulk_create(
            Guard(
                workspace=there,
                node_id=requisite_id,
                table_id=term_id,
                kind=Kind.FIELD,
                lock=Lock.VIEW,
                label=name[:255],
            )
            for requisite_id, name in zip(requisite_ids, names, strict=True)
        )


def _forget(sender: Any, workspace: str, record_ids: Sequence[int], **_: Any) -> None:
    """In the trash a row, a column, a table keep their grants and locks, which come back with it; erased, they go."""
    Guard.objects.filter(workspace__slug=workspace, node_id__in=record_ids).delete()


def _forget_roles(sender: Any, instance: Workspace, **_: Any) -> None:
    """A role goes with its workspace: left behind it would count as one of the installation, in every @groups."""
    Group.objects.filter(role__workspace=instance).delete()


def _remember_browser(sender: Any, request: HttpRequest, **_: Any) -> None:
    request.session[AGENT] = request.headers.get("User-Agent", "")[:200]
