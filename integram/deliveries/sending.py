"""What is due becomes letters; each is written with the rights its recipient has at that moment, and tried again."""

import logging
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from integram.deliveries.models import Delivery, Recipient, Sending
from integram.deliveries.schedule import next_time
from integram.grid import as_shown
from qdm.access import Access, Action
from qdm.errors import QdmError, TooLarge
from qdm.sheets.export import jobs
from qdm.sheets.export.formats import CONTENT_TYPES
from rbac.access import access_for

logger = logging.getLogger("integram.deliveries")

#: Tried again after 2, 4, 8, … minutes: the last time after four hours.
MOST_ATTEMPTS = 7
#: A letter that is being written is nobody else's so long; then its worker counts as dead.
LEASE = timedelta(minutes=30)
#: Bytes that servers of e-mail take, less than the usual 25 MB for the letter.
LARGEST = 15 * 2**20
LOG_KEPT = timedelta(days=180)
_SALT = "integram.deliveries.unsubscribe"


def plan() -> list[int]:
    """Make the letters that are due and tell which are to be written now. What was missed is sent once."""
    now = timezone.now()
    with transaction.atomic():
        due = Delivery.objects.select_for_update(skip_locked=True).filter(is_active=True, next_at__lte=now)
        for delivery in due:
            for recipient in delivery.recipients.filter(unsubscribed_at=None):
                Sending.objects.get_or_create(recipient=recipient, due_at=delivery.next_at, defaults={"retry_at": now})
            delivery.next_at = next_time(delivery, now)
            delivery.save(update_fields=["next_at"])
    return list(Sending.objects.filter(state=Sending.State.PENDING, retry_at__lte=now).values_list("pk", flat=True))


def send(sending_id: int) -> None:
    """Write and send one letter, if nobody is at it. What goes wrong is in the log."""
    now = timezone.now()
    mine = Sending.objects.filter(pk=sending_id, state=Sending.State.PENDING, retry_at__lte=now)
    if not mine.update(retry_at=now + LEASE, attempts=F("attempts") + 1):
        return
    sending = Sending.objects.select_related("recipient__user", "recipient__delivery__workspace").get(pk=sending_id)
    recipient, delivery = sending.recipient, sending.recipient.delivery
    if recipient.unsubscribed_at is not None or not delivery.is_active:
        _end(sending, Sending.State.FAILED, "not wanted any more")
        return
    with override(delivery.language):
        try:
            message, sending.rows = _written(delivery, recipient)
            message.send()
        except (QdmError, SMTPRecipientsRefused) as error:
            _end(sending, Sending.State.FAILED, str(error))
        except Exception as error:  # the server of e-mail, the disk: another time it may work
            logger.warning("letter %s of a delivery is not sent", sending.pk, exc_info=True)
            sending.error = f"{type(error).__name__}: {error}"[:500]
            sending.retry_at = timezone.now() + timedelta(minutes=2**sending.attempts)
            if sending.attempts >= MOST_ATTEMPTS:
                _end(sending, Sending.State.FAILED, sending.error)
            sending.save()
        else:
            _end(sending, Sending.State.SENT, "")


def _end(sending: Sending, state: Sending.State, error: str) -> None:
    sending.state, sending.error, sending.ended_at = state, error[:500], timezone.now()
    sending.save()


def _written(delivery: Delivery, recipient: Recipient) -> tuple[EmailMessage, int]:
    """The letter and how many rows it has. Raises what building an Access and exporting raise, TooLarge."""
    access = access_for(recipient.user, delivery.workspace.slug, via="delivery")
    order = order_of(delivery, access)
    file, name, written = jobs.at_once(order, access=access, language=delivery.language)
    with file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise TooLarge(_("The workbook is too large for a letter."))
    unsubscribe = f"{settings.SITE_URL}{reverse('deliveries:unsubscribe', args=[token(recipient)])}"
    text = "\n\n".join(
        [
            _("%(title)s: %(rows)d rows, as you may see them now.") % {"title": delivery.title, "rows": written.rows},
            f"{settings.SITE_URL}{reverse('grid:sheet', args=[delivery.workspace.slug, delivery.term])}",
            _("To get this letter no more: %(address)s") % {"address": unsubscribe},
        ]
    )
    message = EmailMessage(
        " ".join(delivery.title.split()),
        text,
        settings.DEFAULT_FROM_EMAIL,
        [recipient.user.email],
        headers={
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        },
    )
    message.attach(name, content, CONTENT_TYPES["xlsx"])
    return message, written.rows


def order_of(delivery: Delivery, access: Access) -> jobs.Order:
    """What the actor gets of it. Raises TermNotFound, Forbidden, ViewNotFound, UnknownField."""
    term = access.term(delivery.term)
    access.require(Action.EXPORT, delivery.term)
    return jobs.Order(delivery.term, as_shown.read(term, delivery.asked, access=access).query, "xlsx")


def token(recipient: Recipient) -> str:
    """What stands in the address by which he wants no more."""
    return signing.dumps(recipient.pk, salt=_SALT)


def recipient_of(text: str) -> Recipient | None:
    """None for a text that was not made by ``token``, or whose delivery is gone."""
    try:
        pk = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    return Recipient.objects.select_related("delivery__workspace").filter(pk=pk).first()


def forget() -> None:
    """The log of long ago."""
    Sending.objects.filter(due_at__lt=timezone.now() - LOG_KEPT).delete()
