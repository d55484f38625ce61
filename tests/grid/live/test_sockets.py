"""Live sheets: what is committed is told within a second to whoever may see it, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import connection, connections
from django.test import Client

from integram.grid.live.seal import seal
from integram.grid.live.subscriber import WAITING
from integram.grid.routing import websocket_urlpatterns
from qdm.access import Action
from qdm.selectors import changes
from qdm.services import columns, records, requisites
from qdm.services.column_types import Spec
from qdm.services.records import Update
from qdm.types.base import BaseType
from rbac import grants, signed_in
from rbac.models import Lock, User
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db(transaction=True)


class Socket:
    """One open sheet."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator

    async def next(self, kind: str, patience: float = 5) -> dict[str, Any]:
        """The next message that has the key, others passed over."""
        async with asyncio.timeout(patience):
            while True:
                message = await self.communicator.receive_json_from(patience)
                if kind in message:
                    return dict(message)

    async def silent(self, seconds: float = 0.8) -> bool:
        """Whether nothing about rows comes for so long."""
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            if await self.communicator.receive_nothing(0.1):
                continue
            message = await self.communicator.receive_json_from(5)
            if {"rows", "gone", "refetch", "structure"} & message.keys():
                return False
        return True

    async def send(self, **message: Any) -> None:
        await self.communicator.send_json_to(message)


@asynccontextmanager
async def opened(
    user: User, term_id: int, *, slug: str = SLUG, session: Any = None, reads: asyncio.Event | None = None
) -> AsyncIterator[Socket]:
    """``reads``: until it is set, what the server sends waits, as for a client that does not read."""
    session = session or await sync_to_async(session_of)(user)
    communicator = _communicator(user, slug, term_id, session, reads)
    connected, _code = await communicator.connect(timeout=10)
    assert connected
    try:
        yield Socket(communicator)
    finally:
        await communicator.disconnect()
        await sync_to_async(connections.close_all)()


def session_of(user: User) -> Any:
    """A new session of the user, as his browser has it."""
    client = Client()
    client.force_login(user)
    return client.session


def _communicator(
    user: Any, slug: str, term_id: int, session: Any = None, reads: asyncio.Event | None = None
) -> WebsocketCommunicator:
    inner = URLRouter(websocket_urlpatterns)

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> Any:
        async def patient_send(message: dict[str, Any]) -> None:
            if reads is not None and message["type"] == "websocket.send":
                await reads.wait()
            await send(message)

        return await inner({**scope, "user": user, "session": session}, receive, patient_send)

    return WebsocketCommunicator(application, f"/w/{slug}/t/{term_id}/live")


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]


def test_an_edit_reaches_the_others_with_its_author(staff: Staff) -> None:
    (one,) = staff.add(1)
    salary = staff.columns["Зарплата"]

    async def go() -> None:
        async with opened(staff.owner, staff.candidates) as socket:
            await sync_to_async(records.update)(one, {salary: 777}, access=await sync_to_async(staff.access)())
            told = await socket.next("rows")
            assert told["rows"][0][0] == one
            assert "777" in told["rows"][0][2]
            assert told["by"] == "owner"

    run(go)


def test_plain_sql_is_told_too_and_a_flood_is_a_reason_to_fetch_anew(staff: Staff) -> None:
    (one,) = staff.add(1)

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("update ws_staff.node set val = 'Другое имя' where id = %s", [one])

    async def go() -> None:
        async with opened(staff.owner, staff.candidates) as socket:
            await sync_to_async(write)()
            assert (await socket.next("rows"))["rows"][0][2][0] == "Другое имя"
            await sync_to_async(staff.add)(600, 10)
            assert await socket.next("refetch")

    run(go)


def _viewer(staff: Staff, rows: str = "") -> User:
    viewer = User.objects.create_user("viewer")
    place = grants.on_table(staff.candidates, rows, access=staff.access())
    grants.grant(viewer, [Action.VIEW], place, access=staff.access())
    return viewer


def test_rows_out_of_ones_rule_are_not_told_of_and_leaving_ones_are_gone(staff: Staff) -> None:
    cheap, dear = staff.add(2)
    salary = staff.columns["Зарплата"]
    viewer = _viewer(staff, "Зарплата < 1500")

    def edit(record_id: int, value: int) -> None:
        records.update(record_id, {salary: value}, access=staff.access())

    async def go() -> None:
        async with opened(viewer, staff.candidates) as socket, opened(staff.owner, staff.candidates) as owner:
            await sync_to_async(edit)(dear, 3000)
            assert (await owner.next("rows"))["rows"][0][0] == dear
            assert await socket.silent()
            # A row that leaves is told of only where this server has shown it.
            await sync_to_async(edit)(cheap, 5000)
            assert await socket.silent()
            await sync_to_async(edit)(cheap, 100)
            assert (await socket.next("rows"))["rows"][0][0] == cheap
            await sync_to_async(edit)(cheap, 6000)
            told = await socket.next("gone")
            assert (told["gone"], told["rows"]) == ([cheap], [])

    run(go)


def test_a_claim_to_have_been_shown_a_row_needs_the_seal(staff: Staff) -> None:
    cheap, dear = staff.add(2)
    viewer = _viewer(staff, "Зарплата < 1500")
    salary = staff.columns["Зарплата"]
    good = seal(viewer.pk, SLUG, staff.candidates, [cheap])

    async def go() -> None:
        async with opened(viewer, staff.candidates) as socket:
            await socket.send(have=[dear], seal=good)
            await socket.send(have=[dear], seal=seal(staff.owner.pk, SLUG, staff.candidates, [dear]))
            await socket.send(have=[cheap], seal=good)
            await asyncio.sleep(0.3)
            access = await sync_to_async(staff.access)()
            writes = [Update(cheap, {salary: 9000}), Update(dear, {salary: 9001})]
            await sync_to_async(records.write)(staff.candidates, writes, access=access)
            told = await socket.next("gone")
            assert (told["gone"], told["rows"]) == ([cheap], [])

    run(go)


def test_a_revoked_grant_closes_the_socket_and_the_next_edit_is_not_told(staff: Staff) -> None:
    (one,) = staff.add(1)
    viewer = _viewer(staff)
    place = grants.on_table(staff.candidates, access=staff.access())

    async def go() -> None:
        async with opened(viewer, staff.candidates) as socket:
            await sync_to_async(grants.revoke)(viewer, [Action.VIEW], place, access=await sync_to_async(staff.access)())
            access = await sync_to_async(staff.access)()
            await sync_to_async(records.update)(one, {staff.columns["Зарплата"]: 5}, access=access)
            while True:
                message = await socket.communicator.receive_output(5)
                if message["type"] == "websocket.close":
                    break
                assert "rows" not in message.get("text", "")
            assert message["code"] == 4403

    run(go)


def test_a_fired_employee_is_closed_out(staff: Staff) -> None:
    viewer = _viewer(staff)

    async def go() -> None:
        async with opened(viewer, staff.candidates) as socket:
            await sync_to_async(User.objects.filter(pk=viewer.pk).update)(is_active=False)
            assert await _closed(socket) == 4401

    run(go)


def test_a_socket_ends_with_the_session_it_was_opened_in(staff: Staff) -> None:
    viewer = _viewer(staff)

    async def go() -> None:
        async with opened(viewer, staff.candidates) as socket:
            await sync_to_async(signed_in.end_others)(viewer, None)
            assert await _closed(socket) == 4401

    run(go)


def test_rights_are_renewed_of_each_socket_by_itself(staff: Staff) -> None:
    """Not as the one sees who opened the table first: he may be looking as somebody else."""
    access = staff.access()
    other = User.objects.create_user("other")
    grants.grant(other, [Action.MANAGE], grants.on_workspace(access), access=access)
    viewer = _viewer(staff, "Зарплата < 1500")
    (one,) = staff.add(1)
    looking = session_of(other)
    looking["view_as"] = {SLUG: viewer.pk}
    looking.save()

    async def go() -> None:
        async with opened(other, staff.candidates, session=looking), opened(staff.owner, staff.candidates) as owner:
            await sync_to_async(grants.lock)(
                await sync_to_async(grants.on_table)(staff.candidates, access=access), Lock.NONE, access=access
            )
            await sync_to_async(records.update)(one, {staff.columns["Зарплата"]: 9000}, access=access)
            assert (await owner.next("rows"))["rows"][0][0] == one

    run(go)


async def _closed(socket: Socket) -> int:
    """The code the socket is closed with."""
    while (message := await socket.communicator.receive_output(5))["type"] != "websocket.close":
        pass
    return int(message["code"])


def test_strangers_and_the_signed_out_are_refused_before_anything_is_said(staff: Staff) -> None:
    from django.contrib.auth.models import AnonymousUser

    stranger = User.objects.create_user("stranger")

    async def go() -> None:
        for user, slug, term in (
            (stranger, SLUG, staff.candidates),
            (AnonymousUser(), SLUG, staff.candidates),
            (staff.owner, "nosuch", staff.candidates),
            (staff.owner, SLUG, 999_999),
        ):
            session = await sync_to_async(session_of)(user) if user.is_authenticated else None
            connected, _code = await _communicator(user, slug, term, session).connect(timeout=10)
            assert not connected
        await sync_to_async(connections.close_all)()

    run(go)


def test_what_happened_while_away_is_caught_up_with(staff: Staff) -> None:
    (one,) = staff.add(1)
    access = staff.access()
    point = changes.point(access=access)
    records.update(one, {staff.columns["Зарплата"]: 31}, access=access)

    async def go() -> None:
        async with opened(staff.owner, staff.candidates) as socket:
            await socket.send(since=point)
            assert "31" in (await socket.next("rows"))["rows"][0][2]
            await socket.send(since="nonsense")
            assert await socket.next("refetch")

    run(go)


def test_a_transaction_that_began_before_the_point_and_ended_after_it_is_not_missed(staff: Staff) -> None:
    (one,) = staff.add(1)
    access = staff.access()
    import threading

    started, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        from django.db import transaction

        with transaction.atomic():
            records.update(one, {staff.columns["Зарплата"]: 41}, access=access)
            started.set()
            go_on.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait(20)
    point = changes.point(access=access)
    assert changes.since(staff.candidates, point, access=access) == []
    go_on.set()
    thread.join()
    assert changes.since(staff.candidates, point, access=access) == [one]


def test_a_new_column_is_told(staff: Staff) -> None:
    async def go() -> None:
        async with opened(staff.owner, staff.candidates) as socket:
            access = await sync_to_async(staff.access)()
            await sync_to_async(columns.create)(staff.candidates, Spec("Ещё", BaseType.CHARS), access=access)
            assert await socket.next("structure")
            access = await sync_to_async(staff.access)()
            await sync_to_async(requisites.delete)(staff.columns["Телефон"], access=access)
            assert await socket.next("structure")

    run(go)


def test_who_is_here_and_in_which_cell_as_far_as_it_may_be_seen(staff: Staff) -> None:
    cheap, dear = staff.add(2)
    viewer = _viewer(staff, "Зарплата < 1500")
    salary = staff.columns["Зарплата"]

    async def go() -> None:
        async with opened(viewer, staff.candidates) as socket, opened(staff.owner, staff.candidates) as owner:
            ids = [cheap]
            await socket.send(have=ids, seal=seal(viewer.pk, SLUG, staff.candidates, ids))
            await owner.send(cell=[cheap, salary])
            while True:
                people = {p["name"]: p for p in (await socket.next("people"))["people"]}
                if people.get("owner", {}).get("row") == cheap:
                    break
            await owner.send(cell=[dear, salary])
            while True:
                people = {p["name"]: p for p in (await socket.next("people"))["people"]}
                if "row" not in people["owner"]:
                    break

    run(go)


def test_a_socket_that_does_not_read_is_told_to_fetch_anew_and_holds_nobody_up(staff: Staff) -> None:
    (one,) = staff.add(1)
    salary = staff.columns["Зарплата"]
    edits = WAITING + 8

    async def go() -> None:
        access = await sync_to_async(staff.access)()
        reads = asyncio.Event()
        async with (
            opened(staff.owner, staff.candidates, reads=reads) as slow,
            opened(staff.owner, staff.candidates) as quick,
        ):
            for number in range(edits):
                await sync_to_async(records.update)(one, {salary: number}, access=access)
                told = await quick.next("rows")  # each by itself, while the other takes nothing
                assert str(number) in told["rows"][0][2]
            reads.set()
            await slow.next("refetch")
            # behind that it follows again
            while str(edits - 1) not in (await slow.next("rows"))["rows"][0][2]:
                pass

    run(go)
