"""Two people of the demo's agency and what each may do there: the seed's case in docs/access.md, as grants."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from qdm.access import Access, Action
from qdm.query.ast import And, Compare, Op, Query
from qdm.schema import Term
from qdm.selectors import records
from rbac import grants
from rbac.models import Lock, User

READ = (Action.VIEW,)
WORK = (Action.VIEW, Action.ADD, Action.CHANGE)
OWN = "Рекрутёр = @me"


@dataclass(frozen=True, slots=True)
class SignIn:
    username: str
    password: str
    who: str


def create(access: Access) -> list[SignIn]:
    """Make the users and roles, or give the users new passwords; the grants of what they see.

    ``access``: of the imported agency. A recruiter sees his own candidates, a manager all of them, and a salary is
    seen by the managers and by the recruiter whose candidate it is.
    """
    with transaction.atomic():
        recruiters, managers = (Group.objects.get_or_create(name=name)[0] for name in ("Рекрутёры", "Руководители"))
        _grant(access, recruiters, managers)
        return [
            _user("recruiter", _name(access, "Рекрутёр"), recruiters),
            _user("manager", _name(access, "Руководитель группы"), managers),
        ]


def _grant(access: Access, recruiters: Group, managers: Group) -> None:
    tables = access.schema.by_name
    candidates, interviews = tables["кандидаты"], tables["интервью"]
    salary = candidates.by_name["зарплатные ожидания"].id
    for term in _linked_from((candidates, interviews), access):
        grants.grant(recruiters, READ, grants.on_table(term.id, access=access), access=access)
    grants.grant(recruiters, WORK, grants.on_table(candidates.id, OWN, access=access), access=access)
    grants.grant(recruiters, WORK, grants.on_table(interviews.id, OWN, access=access), access=access)
    everything = (*WORK, Action.DELETE, Action.EXPORT)
    grants.grant(managers, everything, grants.on_workspace(access), access=access)

    grants.lock(grants.on_field(salary, access=access), Lock.VIEW, access=access)
    seen = (Action.VIEW, Action.CHANGE)
    grants.grant(managers, seen, grants.on_field(salary, access=access), access=access)
    grants.grant(recruiters, seen, grants.on_field(salary, OWN, access=access), access=access)


def _linked_from(terms: Iterable[Term], access: Access) -> list[Term]:
    """The tables these link to, which must be seen to be chosen from; not the tables themselves."""
    own = {term.id for term in terms}
    targets = {r.target for term in terms for r in term.cells if r.target is not None}
    return [access.schema.terms[target] for target in sorted(targets - own)]


def _name(access: Access, role: str) -> str:
    """The first of the agency's recruiters who has the role and still works there."""
    staff = access.schema.by_name["рекрутёры"]
    at_work = And((Compare("Роль", Op.EQ, role), Compare("Уволен", Op.EMPTY)))
    found = records.page(staff.id, Query(filter=at_work, limit=1), access=access).records
    return found[0].val


def _user(username: str, name: str, role: Group) -> SignIn:
    surname, first = name.split()[:2]
    password = secrets.token_urlsafe(9)
    user, _made = User.objects.get_or_create(
        username=username, defaults={"known_as": name, "last_name": surname, "first_name": first}
    )
    user.set_password(password)
    user.save(update_fields=["password"])
    user.groups.add(role)
    return SignIn(username, password, name)
