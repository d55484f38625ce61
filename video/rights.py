"""Who may see and who may manage a stream. The one place that decides; everything goes through ``Access``.

A stream attached to a record is seen by whoever sees the record, another one by whoever may view the workspace as a
whole. Managing needs ``manage`` on the workspace. A stream without a workspace is for superusers.
"""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from qdm.access import Access, Action
from qdm.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    QdmError,
    RecordNotFound,
    TermNotFound,
    WorkspaceNotFound,
)
from qdm.models import Workspace
from qdm.schema import Term
from qdm.selectors import records
from rbac.access import access_for
from rbac.workspaces import visible_to
from video.callers import Caller
from video.errors import AmbiguousDrone, DroneNotConnected
from video.models import Source

VIA = "video"


def access(caller: Caller, slug: str) -> Access:
    """Raises WorkspaceNotFound."""
    return access_for(caller.user, slug, via=VIA, token=caller.token)


def visible(caller: Caller, workspace: str | None = None) -> list[Source]:
    """The sources the caller may see, of one workspace or of all."""
    return _seen(_sources(workspace), caller)


def find(name: str, caller: Caller, workspace: str | None = None) -> Source:
    """The source of this name that the caller may see. Raises DroneNotConnected, the same for hidden and missing."""
    found = _seen(_sources(workspace).filter(name=name), caller)
    if not found:
        raise DroneNotConnected(name)
    if len(found) > 1:
        raise AmbiguousDrone
    return found[0]


def by_id(source_id: int, caller: Caller) -> Source:
    """Raises DroneNotConnected."""
    found = _seen(_sources(None).filter(pk=source_id), caller)
    if not found:
        raise DroneNotConnected(str(source_id))
    return found[0]


def may_manage(source: Source, caller: Caller) -> bool:
    try:
        require_manage(source.workspace, caller)
    except QdmError:
        return False
    return True


def require_manage(workspace: Workspace | None, caller: Caller) -> None:
    """Raises WorkspaceNotFound, Forbidden."""
    if workspace is not None:
        access(caller, workspace.slug).require(Action.MANAGE)
    elif not _is_unbound_superuser(caller) or (caller.token and caller.token.read_only):
        raise Forbidden


def require_record(workspace: Workspace | None, record_id: int, caller: Caller) -> None:
    """Raises RecordNotFound, also where there is no workspace that could have it."""
    if workspace is None:
        raise RecordNotFound
    records.get(record_id, access=access(caller, workspace.slug))


def require_table(workspace: Workspace | None, term_id: int, caller: Caller) -> None:
    """Raises TermNotFound, also where there is no workspace that could have it."""
    if workspace is None:
        raise TermNotFound
    access(caller, workspace.slug).term(term_id)


def record_term(source: Source, caller: Caller) -> Term | None:
    """The table of the record the source is attached to, as the caller sees it."""
    if source.workspace is None or source.record_id is None:
        return None
    seen_by = access(caller, source.workspace.slug)
    try:
        return seen_by.term(records.get(source.record_id, access=seen_by).term_id)
    except NotFound:
        return None


def workspace_for(slug: str | None, caller: Caller) -> Workspace | None:
    """Where a source connected by the caller belongs: what he names, else what his token is bound to, else his only
    workspace; for a superuser without either, none. Raises WorkspaceNotFound, InvalidRequest when he has several.
    """
    bound = caller.token.workspace if caller.token else None
    if slug:
        access(caller, slug)
        return Workspace.objects.get(slug=slug)
    if bound is not None:
        return bound
    if caller.user.is_superuser:
        return None
    mine = list(visible_to(caller.user)[:2])
    if not mine:
        raise WorkspaceNotFound
    if len(mine) > 1:
        raise InvalidRequest(_("Name the workspace of the video source."))
    return mine[0]


def managed(caller: Caller) -> list[Workspace]:
    """Workspaces in which the caller may connect sources."""
    found = []
    for workspace in visible_to(caller.user).order_by("title"):
        try:
            require_manage(workspace, caller)
        except QdmError:
            continue
        found.append(workspace)
    return found


def _sources(workspace: str | None) -> QuerySet[Source]:
    sources = Source.objects.select_related("workspace")
    return sources.filter(workspace__slug=workspace) if workspace else sources


def _seen(sources: Iterable[Source], caller: Caller) -> list[Source]:
    accesses: dict[str, Access | None] = {}
    found = []
    for source in sources:
        if source.workspace is None:
            if _is_unbound_superuser(caller):
                found.append(source)
            continue
        slug = source.workspace.slug
        if slug not in accesses:
            try:
                accesses[slug] = access(caller, slug)
            except WorkspaceNotFound:
                accesses[slug] = None
        if _sees(source, accesses[slug]):
            found.append(source)
    return found


def _sees(source: Source, access: Access | None) -> bool:
    if access is None:
        return False
    if access.can(Action.MANAGE):
        return True
    if source.record_id is None:
        return access.can(Action.VIEW)
    try:
        records.get(source.record_id, access=access)
    except RecordNotFound:
        return False
    return True


def _is_unbound_superuser(caller: Caller) -> bool:
    return caller.user.is_superuser and (caller.token is None or caller.token.workspace_id is None)
