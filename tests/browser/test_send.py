"""“Send…” from a saved view: ordered on the page, sent by the worker to a real server of e-mail, to each his own."""

import email
import io
from collections.abc import Iterator
from email.message import Message

import openpyxl
import pytest
from aiosmtpd.smtp import Envelope
from playwright.sync_api import Page, expect

from integram.deliveries import sending
from integram.deliveries.models import Delivery, Sending
from qdm.access import Action
from qdm.query.parser import parse
from qdm.services import views
from qdm.view_spec import Layout, ViewSpec
from rbac import grants
from rbac.models import User
from rbac.models.guard import Lock
from tests.browser.conftest import Site
from tests.smtp_server import serving


class Post:
    """A server of e-mail that keeps what it gets."""

    def __init__(self) -> None:
        self.got: dict[str, Message] = {}

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        assert envelope.content is not None
        content = envelope.content if isinstance(envelope.content, bytes) else envelope.content.encode()
        self.got[envelope.rcpt_tos[0]] = email.message_from_bytes(content)
        return "250 OK"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    handler = Post()
    with serving(handler, monkeypatch):
        yield handler


@pytest.fixture
def clerk(site: Site) -> Iterator[User]:
    """Exports the candidates, but for their pay."""
    staff = site.staff
    staff.add(4)
    User.objects.filter(pk=staff.owner.pk).update(email="owner@example.com")
    clerk = User.objects.create_user("clerk", email="clerk@example.com")
    access = staff.access()
    grants.grant(clerk, [Action.EXPORT], grants.on_table(staff.candidates, access=access), access=access)
    grants.lock(grants.on_field(staff.columns["Зарплата"], access=access), Lock.VIEW, access=access)
    yield clerk
    Delivery.objects.all().delete()
    clerk.delete()


def rows_of(message: Message) -> list[tuple[object, ...]]:
    (part,) = [part for part in message.walk() if part.get_filename()]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]


def test_a_saved_view_is_ordered_on_the_page_and_comes_to_each_as_he_may_see_it(
    site: Site, page: Page, post: Post, clerk: User
) -> None:
    staff = site.staff
    hidden = Layout(hidden=frozenset({staff.columns["Телефон"]}))
    spec = ViewSpec(filter=parse(f"#{staff.columns['Переезд']} = да"), layout=hidden)
    view = views.create(staff.candidates, "Готовые", spec, access=staff.access(), shared=True)
    page.goto(f"{site.sheet}?view={view.pk}")
    expect(page.locator("[data-refresh]")).to_be_visible()  # the sheet is alive
    page.locator("a[href*='/deliver/']").click()
    form = page.locator("form:has([name=people])")
    form.locator("[name=title]").fill("Готовые к переезду")
    form.locator("[name=people]").fill("owner\nclerk@example.com")
    form.locator("button.primary").click()
    now = page.locator("button[value=now]")
    expect(now).to_be_visible()
    with page.expect_navigation():
        now.click()
    assert Delivery.objects.get().title == "Готовые к переезду"
    for pk in sending.plan():  # a minute of the worker
        sending.send(pk)
    assert {sent.state for sent in Sending.objects.all()} == {"sent"}
    own, his = rows_of(post.got["owner@example.com"]), rows_of(post.got["clerk@example.com"])
    assert "Зарплата" in own[0]
    assert "Зарплата" not in his[0]
    for rows in (own, his):
        assert [str(row[0])[-1] for row in rows[1:]] == ["1", "3"]
        assert "Телефон" not in rows[0]
    page.reload()
    expect(page.locator(".badge.good")).to_have_count(2)
