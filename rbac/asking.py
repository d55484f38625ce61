"""@me and @groups in a question, which mean whoever asks it."""

from qdm.access import Access
from qdm.query.ast import Filter
from qdm.query.within import depends_on_reader
from rbac import granted
from rbac.models import User
from rbac.rules import NOBODY, Person, asked_by


def for_reader(item: Filter, access: Access) -> Filter:
    """The question as the actor of the Access asks it. Raises BadFilter for a variable that means nothing."""
    return asked_by(item, _person(access)) if depends_on_reader(item) else item


def _person(access: Access) -> Person:
    user = User.objects.filter(pk=access.actor.id).first() if access.actor.id is not None else None
    if user is None:
        return NOBODY
    return granted.person(user, granted.load(access.workspace, user.pk))
