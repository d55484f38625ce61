"""What every page of a workspace shows around its contents."""

from typing import Any

from qdm.access import Access, Action
from qdm.models import Workspace
from qdm.selectors import structure
from rbac.view_as import VIEWING


def workspace_page(access: Access, **more: Any) -> dict[str, Any]:
    """Context of templates/shell/workspace.html with what the page itself adds."""
    return {
        "workspace": Workspace.objects.get(slug=access.workspace),
        "tables": structure.tables(access=access),
        "can_manage": access.can(Action.MANAGE),
        "looking_as": access.actor.name if access.via == VIEWING else None,
        "base_template": "shell/workspace.html",
    } | more
