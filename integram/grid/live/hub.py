"""All rooms of this process, and the one connection on which PostgreSQL tells what happens."""

import asyncio
import json
import logging
from enum import StrEnum
from weakref import WeakKeyDictionary

from integram.grid.live import presence
from integram.grid.live.room import Room
from integram.grid.live.subscriber import Subscriber
from qdm.managers import listening
from qdm.managers.listening import Notice, notices

logger = logging.getLogger(__name__)


class Channel(StrEnum):
    """What is told: by qdm/sql/schema/04_triggers.sql and rbac/sql/access_log.sql."""

    RECORDS = "integram_records"
    STRUCTURE = "integram_structure"
    RIGHTS = "integram_rights"


class Hub:
    """Of one event loop. Listens while anybody subscribes."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[str, int], Room] = {}
        self._people: dict[tuple[str, int], presence.People] = {}
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def join(self, workspace: str, term_id: int, subscriber: Subscriber) -> Room:
        """The room, once everything that is committed from now on will be heard of."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        room = self._rooms.setdefault((workspace, term_id), Room(workspace, term_id))
        room.subscribers.add(subscriber)
        await self._listening.wait()
        return room

    def leave(self, room: Room, subscriber: Subscriber) -> None:
        room.subscribers.discard(subscriber)
        if not room.subscribers:
            self._rooms.pop((room.workspace, room.term_id), None)
            self._people.pop((room.workspace, room.term_id), None)
        if not self._rooms and self._task is not None:
            self._task.cancel()
            self._task = None
            self._listening.clear()

    def people(self, room: Room) -> presence.People:
        return self._people.setdefault((room.workspace, room.term_id), presence.People())

    async def _listen(self) -> None:
        async for notice in notices((*Channel, presence.CHANNEL)):
            try:
                self._take(notice)
            except (ValueError, KeyError, TypeError):
                logger.exception("a notice that is none of ours: %s", notice)

    def _take(self, notice: Notice) -> None:
        match notice.channel:
            case Channel.RECORDS:
                told = json.loads(notice.payload)
                room = self._rooms.get((told["ws"].removeprefix("ws_"), told["term"]))
                if room is not None:
                    room.changed(told["ids"], told["batch"])
                # A renamed record is another label in the tables that link to it: those are told by their own rows.
            case Channel.STRUCTURE:
                for (workspace, _term), room in self._rooms.items():
                    if f"ws_{workspace}" == notice.payload:
                        room.restructured()
            case Channel.RIGHTS:
                for room in self._rooms.values():
                    room.rights_changed()
            case presence.CHANNEL:
                seen = presence.Seen.of(notice.payload)
                room = self._rooms.get((seen.workspace, seen.term_id))
                if room is not None:
                    self.people(room).take(seen, room)
            case listening.LISTENING:
                self._listening.set()
            case listening.RESUMED:
                self._listening.set()
                for room in self._rooms.values():
                    room.missed()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
