"""What an event costs a process: one reading for each distinct sight, however many sockets."""

import asyncio
from typing import Any

import pytest

from integram.grid.live import room as rooms
from integram.grid.live.subscriber import Subscriber
from qdm.access import Access, Action
from qdm.services import records
from rbac import grants
from rbac.models import Lock, User
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db(transaction=True)


def _reader(staff: Staff, name: str, *, salary: bool) -> Access:
    """Of the whole table, or of all columns but the salary."""
    user = User.objects.create_user(name)
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(user, [Action.VIEW], place, access=staff.access())
    if salary:
        column = grants.on_field(staff.columns["Зарплата"], access=staff.access())
        grants.grant(user, [Action.VIEW], column, access=staff.access())
    return staff.access(user)


@pytest.mark.parametrize("sockets", [2, 60])
def test_an_event_is_read_once_for_each_distinct_access_whatever_the_number_of_sockets(
    staff: Staff, sockets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = staff.add(1)
    salary = staff.columns["Зарплата"]
    grants.lock(grants.on_field(salary, access=staff.access()), Lock.VIEW, access=staff.access())
    sights = [_reader(staff, "sees", salary=True), _reader(staff, "does-not", salary=False)]
    records.update(one, {salary: 777}, access=staff.access())
    readings = 0
    read = rooms.read

    async def counted(*args: Any) -> rooms.Read:
        nonlocal readings
        readings += 1
        return await read(*args)

    monkeypatch.setattr(rooms, "read", counted)

    async def never() -> Access:
        raise AssertionError("rights did not change")

    async def go() -> list[Any]:
        room = rooms.Room(SLUG, staff.candidates)
        subscribers = [Subscriber(n, f"{n}", sights[n % 2], never) for n in range(sockets)]
        room.subscribers.update(subscribers)
        room.changed([one], 0)
        return [await asyncio.wait_for(subscriber.next(), 10) for subscriber in subscribers]

    told = asyncio.run(go())
    assert readings == len(sights)
    assert ["777" in message["rows"][0][2] for message in told] == [n % 2 == 0 for n in range(sockets)]
