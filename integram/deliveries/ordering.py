"""Deliveries made, changed, found. Each belongs to who made it; who manages the workspace sees and changes all."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integram.deliveries.models import Delivery, Recipient, Sending
from integram.deliveries.schedule import next_time
from integram.deliveries.sending import order_of
from qdm.access import Access, Action
from qdm.errors import Forbidden, InvalidRequest, NotFound, QdmError
from qdm.models import Workspace
from rbac.access import access_for
from rbac.models import User
from rbac.view_as import VIEWING

MOST_RECIPIENTS = 50
#: Deliveries of one workspace.
MOST = 200


def create(term_id: int, asked: dict[str, str], when: dict[str, Any], people: str, *, access: Access) -> Delivery:
    """``when``: title, frequency, weekday, monthday, hour, time_zone. ``people``: sign-in names or addresses by line.

    Raises TermNotFound, Forbidden, ViewNotFound and what reading the question raises, InvalidRequest naming a line.
    """
    owner = _require_oneself(access)
    workspace = Workspace.objects.get(slug=access.workspace)
    if Delivery.objects.filter(workspace=workspace).count() >= MOST:
        raise InvalidRequest(_("This workspace has as many deliveries as it may have."))
    delivery = Delivery(workspace=workspace, owner_id=owner, term=term_id, asked=asked, language=get_language() or "ru")
    order_of(delivery, access)
    return _save(delivery, when, people)


def change(delivery_id: int, when: dict[str, Any], people: str, *, access: Access, is_active: bool) -> Delivery:
    """Raises NotFound, InvalidRequest naming a line."""
    _require_oneself(access)
    delivery = get(delivery_id, access=access)
    delivery.is_active = is_active
    return _save(delivery, when, people)


def delete(delivery_id: int, *, access: Access) -> None:
    """With its log. Raises NotFound."""
    _require_oneself(access)
    get(delivery_id, access=access).delete()


def get(delivery_id: int, *, access: Access) -> Delivery:
    """Raises NotFound, the same for another's and where its table is hidden."""
    found = _seen(access).filter(pk=delivery_id).first()
    if found is None or found.term not in access.schema.terms:
        raise NotFound
    return found


def of_workspace(*, access: Access) -> list[Delivery]:
    return [found for found in _seen(access) if found.term in access.schema.terms]


def log(delivery: Delivery, limit: int = 50) -> list[Sending]:
    """The latest letters of a delivery that ``get`` gave."""
    found = Sending.objects.filter(recipient__delivery=delivery).select_related("recipient__user")
    return list(found[:limit])


def send_now(delivery_id: int, *, access: Access) -> None:
    """Beside its times: the worker sends it within a minute. Raises NotFound."""
    _require_oneself(access)
    now = timezone.now()
    for recipient in get(delivery_id, access=access).recipients.filter(unsubscribed_at=None):
        Sending.objects.get_or_create(recipient=recipient, due_at=now, defaults={"retry_at": now})


def _seen(access: Access) -> QuerySet[Delivery]:
    everybody = Q() if access.can(Action.MANAGE) else Q(owner=access.actor.id or 0)
    return Delivery.objects.filter(everybody, workspace__slug=access.workspace).select_related("workspace")


def _require_oneself(access: Access) -> int:
    """The actor's id. Who looks as another may look only."""
    if access.actor.id is None or access.via == VIEWING:
        raise Forbidden
    return access.actor.id


@transaction.atomic
def _save(delivery: Delivery, when: dict[str, Any], people: str) -> Delivery:
    for name, value in when.items():
        setattr(delivery, name, value)
    delivery.next_at = next_time(delivery, timezone.now())
    users = _users(delivery, people.split("\n"))
    delivery.save()
    delivery.recipients.exclude(user__in=users).delete()
    for user in users:
        Recipient.objects.get_or_create(delivery=delivery, user=user)  # who wanted no more is not asked again
    return delivery


def _users(delivery: Delivery, lines: Sequence[str]) -> list[User]:
    """Whoever is not known, or may not export the table, is told in the same words."""
    texts = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not texts or len(texts) > MOST_RECIPIENTS:
        raise InvalidRequest(_("Name from 1 to %(most)d recipients.") % {"most": MOST_RECIPIENTS})
    users = []
    for text in texts:
        found = User.objects.filter(Q(username__iexact=text) | Q(email__iexact=text), is_active=True)
        user = next((one for one in found if _gets(one, delivery)), None)
        if user is None:
            raise InvalidRequest(_("“%(text)s” is nobody who may export this table.") % {"text": text[:100]})
        if not user.email:
            raise InvalidRequest(_("“%(text)s” has no e-mail address.") % {"text": text[:100]})
        users.append(user)
    return users


def _gets(user: User, delivery: Delivery) -> bool:
    try:
        order_of(delivery, access_for(user, delivery.workspace.slug, via="delivery"))
    except QdmError:
        return False
    return True
