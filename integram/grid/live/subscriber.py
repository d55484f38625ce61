"""One open sheet: whose it is, which rows it was shown, and what waits to be sent to it."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from qdm.access import Access

Message = dict[str, Any]
#: Builds an Access anew. Raises QdmError when its user may not see the table any more.
Renew = Callable[[], Awaitable[Access]]

#: Messages that may wait for a socket; one that falls further behind is told to fetch anew.
WAITING = 32
#: Stands in the queue for the latest word on who is here.
_PEOPLE: Message = {}
#: Rows remembered as shown, the latest: as many as a browser keeps, and more.
SHOWN = 20_000


class Subscriber:
    """``access`` is what was built last; the room has it built anew, by ``renew``, when rights or structure change."""

    def __init__(self, user_id: int, name: str, access: Access, renew: Renew) -> None:
        self.user_id = user_id
        self.name = name
        self.renew = renew
        self._shown: OrderedDict[int, None] = OrderedDict()
        self._queue: asyncio.Queue[Message] = asyncio.Queue(WAITING)
        self._people: Message | None = None
        self.see(access)

    def see(self, access: Access) -> None:
        self.access = access
        self.sight = _sight(access)

    def show(self, ids: Iterable[int]) -> None:
        for record_id in ids:
            self._shown[record_id] = None
            self._shown.move_to_end(record_id)
        while len(self._shown) > SHOWN:
            self._shown.popitem(last=False)

    def shown(self, record_id: int) -> bool:
        return record_id in self._shown

    def forget(self, ids: Iterable[int]) -> None:
        for record_id in ids:
            self._shown.pop(record_id, None)

    def put(self, message: Message) -> None:
        """Never waits. What a slow socket has not taken is replaced by word to fetch everything anew."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait({"refetch": True})
            if self._people is not None:
                self._queue.put_nowait(_PEOPLE)

    def put_people(self, people: list[Message]) -> None:
        """Who is here: the latest word replaces one that still waits."""
        is_waiting = self._people is not None
        self._people = {"people": people}
        if not is_waiting:
            self.put(_PEOPLE)

    async def next(self) -> Message:
        message = await self._queue.get()
        if message is _PEOPLE:
            assert self._people is not None
            message, self._people = self._people, None
        return message


def _sight(access: Access) -> str:
    """Equal for two subscribers that see the same of every record: they are read for once."""
    schema = access.schema
    return repr(
        (
            schema.version,
            sorted(access.everywhere),
            sorted((table, sorted(actions)) for table, actions in access.tables.items()),
            access.rules,
            access.fields,
            sorted(schema.terms),
            sorted(schema.requisites),
        )
    )
