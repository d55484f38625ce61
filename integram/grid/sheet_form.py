"""Forms about a sheet as its address shows it: to be saved, grouped, arranged; from each the way leads back to it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from integram.grid import shell
from integram.grid.presenting import Presented
from qdm.access import Access
from qdm.schema import Term


def page(
    request: HttpRequest, access: Access, term: Term, shown: Presented, *, heading: str, submit_label: str
) -> dict[str, Any]:
    """The context ``form_page.serve`` asks for."""
    context = shell.workspace_page(access, heading=heading, submit_label=submit_label, term=term)
    return context | {"back_url": address(access, term.id, shown.said), "address": request.get_full_path()}


def address(access: Access, term_id: int, said: dict[str, str]) -> str:
    """Of the sheet that shows what is ``said``."""
    path = reverse("grid:sheet", args=[access.workspace, term_id])
    return f"{path}?{urlencode(said)}" if said else path
