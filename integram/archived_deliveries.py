"""Deliveries of a workspace with their recipients as rows of an archive, and back. The log of letters stays behind."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from integram.deliveries.models import Delivery, Recipient
from qdm.models import Workspace
from rbac.dump import ids_of

Row = dict[str, Any]
_FIELDS = ("title", "term", "asked", "frequency", "weekday", "monthday", "hour", "time_zone", "language", "is_active")


def rows(workspace: Workspace) -> Iterator[Row]:
    deliveries = Delivery.objects.filter(workspace=workspace).select_related("owner").order_by("pk")
    for delivery in deliveries.prefetch_related("recipients__user"):
        yield {name: getattr(delivery, name) for name in _FIELDS} | {
            "owner": delivery.owner.get_username(),
            "next_at": delivery.next_at.isoformat(),
            "recipients": {
                recipient.user.get_username(): _text(recipient.unsubscribed_at)
                for recipient in delivery.recipients.all()
            },
        }


def load(workspace: Workspace, archived: Iterable[Row]) -> list[str]:
    """Make the deliveries whose owners are here, for the recipients who are. Sentences about what was left out."""
    notes = []
    for row in archived:
        here = ids_of([row["owner"], *row["recipients"]])
        if row["owner"] not in here:
            notes.append(_("The owner of the delivery “%(title)s” is not here: left out.") % {"title": row["title"]})
            continue
        delivery = Delivery.objects.create(
            workspace=workspace,
            owner_id=here[row["owner"]],
            next_at=datetime.fromisoformat(row["next_at"]),
            **{name: row[name] for name in _FIELDS},
        )
        Recipient.objects.bulk_create(
            Recipient(delivery=delivery, user_id=here[name], unsubscribed_at=_moment(since))
            for name, since in row["recipients"].items()
            if name in here
        )
        if missing := row["recipients"].keys() - here.keys():
            told = {"title": row["title"], "names": ", ".join(sorted(missing))}
            notes.append(_("Recipients of the delivery “%(title)s” who are not here: %(names)s.") % told)
    return notes


def pause(workspace: Workspace) -> int:
    """Switch them off: nobody is to get a copy's letters beside those of the original. How many were on."""
    return Delivery.objects.filter(workspace=workspace, is_active=True).update(is_active=False)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
