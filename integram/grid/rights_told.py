"""The rights that reach a place, as its manager reads them: those given there, and those that come from above."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from integram.grid import rows_builder
from integram.grid.rights_form import ACTIONS
from qdm.access import Access, Action
from qdm.schema import Term
from rbac import grants, standing
from rbac.grants import Place
from rbac.models import Kind


@dataclass(frozen=True, slots=True)
class Told:
    """One grant: who has it, what it lets him do, in which rows ('' for all), what is wrong with those."""

    key: str
    who: str
    is_role: bool
    actions: str
    rows: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Above:
    """A place whose rights reach further down: what it is, where its rights are given, and the grants there."""

    name: str
    url: str
    grants: list[Told]


def at(place: Place, term: Term | None, access: Access) -> list[Told]:
    """The grants on the place itself. Raises Forbidden."""
    return [
        Told(
            one.key,
            one.who,
            one.is_role,
            ", ".join(str(ACTIONS[action]) for action in one.actions),
            rows_builder.told(one.rows, one.shown, term, access) if one.rows and term is not None else "",
            one.problem,
        )
        for one in standing.at(place, access=access)
    ]


def above(place: Place, term: Term | None, access: Access) -> list[Above]:
    """The table and the workspace of the place, as far as the actor manages them and somebody has rights there."""
    found = []
    if term is not None and place.kind in (Kind.FIELD, Kind.ROW) and access.can(Action.MANAGE, term.id):
        url = reverse("grid:table-access", args=[access.workspace, term.id])
        found.append(Above(term.title, url, at(grants.on_table(term.id, access=access), term, access)))
    if place.kind != Kind.WORKSPACE and access.can(Action.MANAGE):
        url = reverse("grid:workspace-access", args=[access.workspace])
        found.append(Above(_("The whole workspace"), url, at(grants.on_workspace(access), None, access)))
    return [one for one in found if one.grants]
