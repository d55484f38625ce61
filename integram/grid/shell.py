"""What every page of a workspace shows around its contents."""

from typing import Any

from qdm.access import Access, Action
from qdm.models import Workspace
from qdm.schema import Term
from qdm.selectors import structure
from rbac.view_as import VIEWING


def workspace_page(access: Access, **more: Any) -> dict[str, Any]:
    """Context of templates/shell/workspace.html with what the page itself adds."""
    tables, lists = _apart(access)
    return (
        workspace_part(access)
        | {
            "tables": tables + lists,
            "first_list": lists[0].id if lists and tables else None,
            "looking_as": access.actor.name if access.via == VIEWING else None,
            "base_template": "shell/workspace.html",
        }
        | more
    )


def workspace_part(access: Access, **more: Any) -> dict[str, Any]:
    """Context of what stands inside such a page, for a part of it fetched alone."""
    return {
        "workspace": Workspace.objects.get(slug=access.workspace),
        "can_manage": access.can(Action.MANAGE),
    } | more


def _apart(access: Access) -> tuple[list[Term], list[Term]]:
    """The tables, and apart from them the lists: tables of one column that others link to."""
    linked = {r.target for r in access.schema.requisites.values()}
    found = structure.tables(access=access)
    lists = [term for term in found if not term.requisites and term.id in linked]
    apart = {term.id for term in lists}
    return [term for term in found if term.id not in apart], lists
