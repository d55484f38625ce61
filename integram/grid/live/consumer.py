"""The WebSocket of an open sheet.

To the browser: ``{"rows", "gone", "at", "by"}`` changed rows as in ``wire`` and ids of rows that are gone;
``{"you"}`` its own key among the people;
``{"refetch"}`` too much to tell; ``{"structure"}`` the columns are others now; ``{"people"}`` who is in the table.
From it: ``{"since"}`` the point its rows are from, once; ``{"have", "seal"}`` rows it was given; ``{"cell"}`` where
its user is.
"""

import asyncio
import secrets
from types import SimpleNamespace
from typing import Any, cast

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.http import HttpRequest

from integram.grid.live import presence
from integram.grid.live.hub import hub
from integram.grid.live.room import Room, deliver, read
from integram.grid.live.seal import holds
from integram.grid.live.subscriber import Subscriber
from qdm.access import Access
from qdm.errors import InvalidRequest, QdmError
from qdm.selectors import changes
from rbac import sessions
from rbac.view_as import access_of

#: Close codes, after HTTP: not signed in, no right any more.
SIGNED_OUT, NO_RIGHT = 4401, 4403
#: Rows one message may name.
MOST_IDS = 1_000


class SheetConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """One open sheet of one user."""

    #: PostgreSQL tells it everything: with a layer it would fall whenever Redis does.
    channel_layer_alias = None
    subscriber: Subscriber | None = None
    room: Room
    #: The code it is closed with when the rights it was opened with are gone.
    over = NO_RIGHT

    async def connect(self) -> None:
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(SIGNED_OUT)
            return
        place = self.scope["url_route"]["kwargs"]
        self.workspace, self.term_id = place["slug"], place["term_id"]
        try:
            access = await self._access()
        except QdmError:
            await self.close(NO_RIGHT)
            return
        self.key = secrets.token_urlsafe(9)
        self.subscriber = Subscriber(user.pk, user.get_full_name() or user.get_username(), access, self._access)
        self.room = await hub().join(self.workspace, self.term_id, self.subscriber)
        await self.accept()
        await self.send_json({"you": self.key})
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._be_here())]

    async def _access(self) -> Access:
        access: Access = await database_sync_to_async(self._todays)()
        return access

    def _todays(self) -> Access:
        """Today's rights, as the page of the sheet has them. Raises QdmError, also when the session has ended."""
        user = sessions.user_of(self.scope["session"].session_key)
        if user is None or user.pk != self.scope["user"].pk:
            self.over = SIGNED_OUT
            raise InvalidRequest
        request = cast(HttpRequest, SimpleNamespace(user=user, session=self.scope["session"]))
        access = access_of(request, self.workspace, via="grid")
        access.term(self.term_id)
        return access

    async def disconnect(self, code: int) -> None:
        if self.subscriber is None:
            return
        for task in self._tasks:
            task.cancel()
        hub().leave(self.room, self.subscriber)
        await self._seen(here=False).tell()

    async def _send(self) -> None:
        assert self.subscriber is not None
        while True:
            message = await self.subscriber.next()
            if "close" in message:
                await self.close(self.over)
                return
            await self.send_json(message)

    async def _be_here(self) -> None:
        self.cell: tuple[int | None, int | None] = (None, None)
        while True:
            await self._seen().tell()
            await asyncio.sleep(presence.SIGN)

    def _seen(self, *, here: bool = True) -> presence.Seen:
        assert self.subscriber is not None
        row, column = getattr(self, "cell", (None, None))
        return presence.Seen(self.workspace, self.term_id, self.key, self.subscriber.name, row, column, here)

    async def receive_json(self, content: Any, **_kwargs: Any) -> None:
        match content:
            case {"since": str() as point}:
                await self._catch_up(point)
            case {"have": list() as ids, "seal": str() as sealed}:
                await self._remember(ids, sealed)
            case {"cell": [row, column]}:
                self.cell = (_id(row), _id(column))
                await self._seen().tell()

    async def _catch_up(self, point: str) -> None:
        """What changed between the moment the page was made and the moment this socket began to listen."""
        assert self.subscriber is not None
        access = self.subscriber.access
        try:
            missed = await database_sync_to_async(changes.since)(self.term_id, point, access=access)
        except QdmError:
            missed = None
        if missed is None:
            self.subscriber.put({"refetch": True})
        elif missed:
            rows, now, _author = await read(access, self.term_id, missed)
            deliver(self.subscriber, missed, rows, {"at": now})

    async def _remember(self, ids: list[Any], sealed: str) -> None:
        assert self.subscriber is not None
        whole = [i for i in ids if isinstance(i, int)]
        if len(whole) == len(ids) <= MOST_IDS and await sync_to_async(holds)(
            sealed, self.subscriber.user_id, self.workspace, self.term_id, whole
        ):
            self.subscriber.show(whole)


def _id(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else None
