"""What stands around the tables of a workspace, at random: views, forms and doors, deliveries, webhooks, files."""

import random
from datetime import UTC, datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from integram.api.models import Webhook
from integram.deliveries.models import Delivery, Recipient
from integram.intake.models import MailDoor, WebSource
from qdm.models import SavedView, UploadForm, Workspace
from rbac.models import User
from video.models import Source

MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def surround(workspace: Workspace, term: int, record: int | None, person: User, chance: random.Random) -> None:
    """``person`` owns it all; ``record`` has a stream and a saved picture."""

    def some() -> range:
        return range(chance.randint(1, 3))

    workspace.history_days = chance.choice([None, 100, 3650])
    workspace.save(update_fields=["history_days"])
    for n in some():
        gone = MOMENT if chance.random() < 0.3 else None
        SavedView.objects.create(
            workspace=workspace, term=term, title=f"Вид {n}", owner=person.pk, shared=chance.random() < 0.5,
            spec={"columns": [n]}, deleted_at=gone,
        )  # fmt: skip
    for n in some():
        form = UploadForm.objects.create(
            workspace=workspace, owner=person.pk, slug=f"form-{n}", title=f"Форма {n}", term=term,
            plan={"sheets": [n, "два"]}, automatic=chance.choice([None, 2.5]), is_open=chance.random() < 0.5,
        )  # fmt: skip
        if chance.random() < 0.7:
            MailDoor.objects.create(form=form, senders="@plant.example\nanna@example.org")
        if chance.random() < 0.7:
            WebSource.objects.create(form=form, url=f"https://example.org/{n}?key=secret", minutes=60, etag='"a"',
                                     digest=chance.randbytes(32))  # fmt: skip
    for n in some():
        delivery = Delivery.objects.create(
            workspace=workspace, owner=person, title=f"Рассылка {n}", term=term, asked={"q": "x"}, frequency="weekly",
            weekday=n, hour=7, time_zone="Europe/Moscow", is_active=chance.random() < 0.7,
            next_at=MOMENT + timedelta(days=n),
        )  # fmt: skip
        Recipient.objects.create(delivery=delivery, user=person, unsubscribed_at=chance.choice([None, MOMENT]))
        Webhook.objects.create(workspace=workspace, owner=person, term_id=term, url=f"https://example.org/hook/{n}",
                               nonce=f"{n}", active=chance.random() < 0.7, seen="1:1:")  # fmt: skip
    source = Source(workspace=workspace, name="gate", record_id=record, created_by=person)
    source.url = "rtsp://user:secret@camera/1"
    source.save()
    default_storage.save(f"video/{workspace.slug}/{record or 1}/one.jpg", ContentFile(chance.randbytes(50)))
