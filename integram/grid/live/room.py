"""The subscribers of one table in this process, and what has changed in it since they were last told."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable

from channels.db import database_sync_to_async

from integram.grid import wire
from integram.grid.live.subscriber import Message, Subscriber
from qdm.access import Access
from qdm.errors import QdmError
from qdm.selectors import changes, records

logger = logging.getLogger(__name__)

#: Seconds in which changes gather before they are told.
GATHER = 0.08
#: Records that are sent one by one; more are a reason to fetch anew.
MOST = 500

#: Rows by id, point, author.
Read = tuple[dict[int, object], str, str]


class Room:
    """Changes come in by ``changed``, ``rights_changed``, ``restructured``, ``missed``; messages go out by queues."""

    def __init__(self, workspace: str, term_id: int) -> None:
        self.workspace = workspace
        self.term_id = term_id
        self.subscribers: set[Subscriber] = set()
        self._ids: set[int] = set()
        self._batches: set[int] = set()
        self._too_many = False
        self._stale = False
        self._task: asyncio.Task[None] | None = None

    def changed(self, ids: Iterable[int] | None, batch_id: int) -> None:
        self._batches.add(batch_id)
        if ids is None:
            self._too_many = True
        else:
            self._ids.update(ids)
            self._too_many = self._too_many or len(self._ids) > MOST
        self._soon()

    def rights_changed(self) -> None:
        self._stale = True
        self._soon()

    def restructured(self) -> None:
        self._stale = True
        for subscriber in self.subscribers:
            subscriber.put({"structure": True})
        self._soon()

    def missed(self) -> None:
        """Nobody knows what was not told: everything anew."""
        self._stale = self._too_many = True
        self._soon()

    def _soon(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self._ids or self._too_many or self._stale:
            await asyncio.sleep(GATHER)
            ids, self._ids = self._ids, set()
            batches, self._batches = self._batches, set()
            too_many, self._too_many = self._too_many, False
            stale, self._stale = self._stale, False
            try:
                if stale:
                    await self._renew_all()
                if too_many:
                    for subscriber in self.subscribers:
                        subscriber.put({"refetch": True})
                elif ids:
                    await self._send(sorted(ids), max(batches, default=0))
            except Exception:
                logger.exception("telling %s of table %s", self.workspace, self.term_id)
                for subscriber in self.subscribers:
                    subscriber.put({"refetch": True})

    async def _renew_all(self) -> None:
        for subscriber in list(self.subscribers):
            try:
                subscriber.see(await subscriber.renew())
            except QdmError:
                self.subscribers.discard(subscriber)
                subscriber.put({"close": True})

    async def _send(self, ids: list[int], batch_id: int) -> None:
        groups: dict[str, list[Subscriber]] = defaultdict(list)
        for subscriber in self.subscribers:
            groups[subscriber.sight].append(subscriber)
        for alike in groups.values():
            rows, point, author = await read(alike[0].access, self.term_id, ids, batch_id)
            for subscriber in alike:
                deliver(subscriber, ids, rows, {"at": point, "by": author} if rows else {"at": point})


async def read(access: Access, term_id: int, ids: list[int], batch_id: int = 0) -> Read:
    """Rows as they may be seen now, the point they are from, and who made the batch."""
    found: Read = await database_sync_to_async(_read)(access, term_id, ids, batch_id)
    return found


def _read(access: Access, term_id: int, ids: list[int], batch_id: int) -> Read:
    point = changes.point(access=access)
    term = access.term(term_id)
    rows: dict[int, object] = {r.id: wire.row(r, term) for r in records.by_ids(term_id, ids, access=access)}
    return rows, point, changes.author(batch_id, access=access) if rows and batch_id else ""


def deliver(subscriber: Subscriber, ids: Iterable[int], rows: dict[int, object], about: Message) -> None:
    """Rows he may see; of those he may not, word only where he was shown them before. Else nothing at all."""
    gone = [i for i in ids if i not in rows and subscriber.shown(i)]
    if not rows and not gone:
        return
    subscriber.show(rows)
    subscriber.forget(gone)
    subscriber.put({**about, "rows": list(rows.values()), "gone": gone})
