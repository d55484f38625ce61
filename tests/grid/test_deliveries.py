"""Tables sent by e-mail: on time, to each what he may see, again where a server refuses, until it is not wanted."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from aiosmtpd.smtp import Envelope
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from integram.deliveries import sending
from integram.deliveries.models import Delivery, Recipient, Sending
from integram.deliveries.schedule import next_time
from qdm.access import Action
from qdm.query.parser import parse
from qdm.services import views
from qdm.view_spec import Layout, ViewSpec
from rbac import grants
from rbac.models import User
from rbac.models.guard import Lock
from tests.grid.staff import SLUG, Staff
from tests.smtp_server import serving

pytestmark = pytest.mark.django_db
WHEN = {
    "title": "Кандидаты",
    "frequency": "daily",
    "weekday": "0",
    "monthday": "1",
    "hour": "9",
    "time_zone": "Europe/Moscow",
}


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr(settings, "SITE_URL", "https://integram.example")


@pytest.fixture
def clerk(staff: Staff) -> User:
    """Exports the candidates, but for their pay."""
    clerk = User.objects.create_user("clerk", email="clerk@example.com")
    User.objects.filter(pk=staff.owner.pk).update(email="owner@example.com")
    access = staff.access()
    grants.grant(clerk, [Action.EXPORT], grants.on_table(staff.candidates, access=access), access=access)
    grants.lock(grants.on_field(staff.columns["Зарплата"], access=access), Lock.VIEW, access=access)
    return clerk


def ordered(owner: Client, staff: Staff, people: str, question: str = "", **when: str) -> Delivery:
    answer = owner.post(f"/w/{SLUG}/t/{staff.candidates}/deliver/{question}", WHEN | when | {"people": people})
    assert answer.status_code == 302, answer.content.decode()
    return Delivery.objects.latest("pk")


def worked() -> None:
    """A minute of the worker."""
    for pk in sending.plan():
        sending.send(pk)


def is_due() -> None:
    Delivery.objects.update(next_at=timezone.now() - timedelta(minutes=1))


def rows_of(message: EmailMessage) -> list[tuple[object, ...]]:
    ((_name, content, _kind),) = message.attachments
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def test_each_recipient_gets_what_he_may_see_when_it_is_sent(staff: Staff, owner: Client, clerk: User) -> None:
    staff.add(4)
    ordered(owner, staff, "owner\nclerk@example.com", f"?sort=-{staff.columns['Переезд']}&q=Кандидат")
    worked()
    assert mail.outbox == [], "not before its time"
    is_due()
    staff.add(1, first=5)
    worked()
    worked()
    letters = {message.to[0]: rows_of(message) for message in mail.outbox}
    assert len(mail.outbox) == 2, "once"
    assert "Зарплата" in letters["owner@example.com"][0]
    assert "Зарплата" not in letters["clerk@example.com"][0]
    for found in letters.values():
        assert [row[0][-1] for row in found[1:]] == ["5", "3", "1", "4", "2"]
    assert {(s.state, s.rows) for s in Sending.objects.all()} == {("sent", 5)}
    # his right is taken away
    access = staff.access()
    grants.revoke(clerk, [Action.EXPORT], grants.on_table(staff.candidates, access=access), access=access)
    is_due()
    worked()
    assert [message.to for message in mail.outbox[2:]] == [["owner@example.com"]]
    assert Sending.objects.get(state="failed").recipient.user == clerk
    log = owner.get(f"/w/{SLUG}/deliveries/{Delivery.objects.get().pk}/").content.decode()
    assert "clerk@example.com" in log


def test_a_saved_view_is_sent_as_it_is_by_then(staff: Staff, owner: Client, clerk: User) -> None:
    staff.add(4)
    hidden = Layout(hidden=frozenset({staff.columns["Телефон"]}))
    spec = ViewSpec(filter=parse(f"#{staff.columns['Переезд']} = да"), layout=hidden)
    view = views.create(staff.candidates, "Готовые", spec, access=staff.access(), shared=True)
    ordered(owner, staff, "owner", f"?view={view.pk}")
    is_due()
    worked()
    rows = rows_of(mail.outbox[0])
    assert [row[0][-1] for row in rows[1:]] == ["1", "3"]
    assert "Телефон" not in rows[0]
    view.deleted_at = timezone.now()
    view.save()
    is_due()
    worked()
    assert Sending.objects.latest("pk").state == "failed"


def test_the_address_in_the_letter_unsubscribes_once_it_is_confirmed(staff: Staff, owner: Client, clerk: User) -> None:
    ordered(owner, staff, "clerk")
    is_due()
    worked()
    (message,) = mail.outbox
    address = re.search(r"https://integram\.example(/accounts/unsubscribe/\S+/)", message.body)[1]  # type: ignore[index]
    assert message.extra_headers["List-Unsubscribe"] == f"<https://integram.example{address}>"
    outsider = Client(enforce_csrf_checks=True)
    assert outsider.get(address).status_code == 200
    assert Recipient.objects.get().unsubscribed_at is None, "opening it is not enough"
    assert outsider.get(address.replace(":", "x:", 1)).status_code == 404
    assert outsider.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    is_due()
    worked()
    assert len(mail.outbox) == 1
    delivery = Delivery.objects.get()
    page = f"/w/{SLUG}/deliveries/{delivery.pk}/"
    owner.post(page, WHEN | {"people": "clerk\nowner", "is_active": "on"})
    is_due()
    worked()
    assert [m.to for m in mail.outbox[1:]] == [["owner@example.com"]], "nobody else subscribes him again"


class Refusing:
    """A server of e-mail that takes the second letter only."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.asked = 0

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        self.asked += 1
        if self.asked == 1:
            return "451 try again later"
        self.got.append(envelope)
        return "250 OK"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    handler = Refusing()
    with serving(handler, monkeypatch):
        yield handler


def test_a_letter_that_a_real_server_refuses_for_now_is_sent_later(
    staff: Staff, owner: Client, clerk: User, server: Refusing
) -> None:
    staff.add(2)
    ordered(owner, staff, "clerk")
    is_due()
    worked()
    found = Sending.objects.get()
    assert (found.state, found.attempts) == ("pending", 1)
    assert "451" in found.error
    assert found.retry_at > timezone.now() + timedelta(minutes=1)
    worked()
    assert server.asked == 1, "not before its time"
    Sending.objects.update(retry_at=timezone.now())
    worked()
    (envelope,) = server.got
    assert envelope.rcpt_tos == ["clerk@example.com"]
    assert Sending.objects.get().state == "sent"


def test_a_letter_whose_worker_died_is_another_workers_after_a_while(staff: Staff, owner: Client, clerk: User) -> None:
    ordered(owner, staff, "clerk")
    is_due()
    (pk,) = sending.plan()
    Sending.objects.update(attempts=1, retry_at=timezone.now() + sending.LEASE)  # as it stands while it is written
    worked()
    assert mail.outbox == []
    Sending.objects.update(retry_at=timezone.now())
    worked()
    assert len(mail.outbox) == 1
    sending.send(pk)
    assert len(mail.outbox) == 1


def test_only_people_who_may_export_the_table_are_recipients(staff: Staff, owner: Client, clerk: User) -> None:
    User.objects.create_user("stranger", email="stranger@example.com")
    User.objects.create_user("nomail")
    address = f"/w/{SLUG}/t/{staff.candidates}/deliver/"
    texts = [owner.post(address, WHEN | {"people": people}).content.decode() for people in ("stranger", "nobody")]
    said = [re.findall(r"“(?:stranger|nobody)”|«(?:stranger|nobody)»", text) for text in texts]
    assert all(said)
    assert not Delivery.objects.exists()
    assert owner.post(address, WHEN | {"people": "owner", "time_zone": "Mars/Olympus"}).status_code == 422
    assert owner.post(address, WHEN | {"people": ""}).status_code == 422


def test_a_delivery_is_its_owners_and_the_managers(staff: Staff, owner: Client, clerk: User) -> None:
    client = Client()
    client.force_login(clerk)
    mine = ordered(client, staff, "clerk")
    theirs = ordered(owner, staff, "owner")
    assert f"/deliveries/{theirs.pk}/" not in client.get(f"/w/{SLUG}/deliveries/").content.decode()
    for page in ("", "act/"):
        assert client.post(f"/w/{SLUG}/deliveries/{theirs.pk}/{page}").status_code == 404
    assert owner.get(f"/w/{SLUG}/deliveries/{mine.pk}/").status_code == 200
    client.post(f"/w/{SLUG}/deliveries/{mine.pk}/act/", {"act": "now"})
    worked()
    assert [message.to for message in mail.outbox] == [["clerk@example.com"]]
    client.post(f"/w/{SLUG}/deliveries/{mine.pk}/act/", {"act": "delete"})
    assert Delivery.objects.get() == theirs


@pytest.mark.parametrize(
    ("when", "after", "expected"),
    [
        ({"frequency": "daily"}, datetime(2026, 11, 24, 5, 59, tzinfo=UTC), datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ({"frequency": "daily"}, datetime(2026, 11, 24, 6, tzinfo=UTC), datetime(2026, 11, 25, 6, tzinfo=UTC)),
        ({"frequency": "weekly", "weekday": 4}, datetime(2026, 11, 24, tzinfo=UTC),
         datetime(2026, 11, 27, 6, tzinfo=UTC)),
        ({"frequency": "monthly", "monthday": 31}, datetime(2027, 2, 1, tzinfo=UTC),
         datetime(2027, 2, 28, 6, tzinfo=UTC)),
        # clocks in Berlin go on from 2 to 3 on 28 March 2027, and from 3 back to 2 on 31 October
        ({"frequency": "daily", "hour": 2, "time_zone": "Europe/Berlin"}, datetime(2027, 3, 27, 12, tzinfo=UTC),
         datetime(2027, 3, 28, 1, tzinfo=UTC)),
        ({"frequency": "daily", "hour": 2, "time_zone": "Europe/Berlin"}, datetime(2027, 10, 30, 12, tzinfo=UTC),
         datetime(2027, 10, 31, 0, tzinfo=UTC)),
        ({"frequency": "daily", "hour": 2, "time_zone": "Europe/Berlin"}, datetime(2027, 10, 31, 0, tzinfo=UTC),
         datetime(2027, 11, 1, 1, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_next_time_is_an_hour_of_the_time_zone(
    when: dict[str, object], after: datetime, expected: datetime
) -> None:
    delivery = Delivery(**({"hour": 9, "time_zone": "Europe/Moscow", "weekday": 0, "monthday": 1} | when))
    assert next_time(delivery, after) == expected
