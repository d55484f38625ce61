"""Who is in the table, and in which cell: told through the database to every web process, kept nowhere."""

import asyncio
import json
import time
from dataclasses import asdict, dataclass
from typing import Any

from channels.db import database_sync_to_async

from integram.grid.live.room import Room
from integram.grid.live.subscriber import Subscriber
from qdm.managers import listening

CHANNEL = "integram_presence"
#: Seconds after which somebody who has not been heard of is gone, and between signs of life.
FORGET, SIGN = 45, 20
#: Seconds in which moves gather before they are told, for one sheet and more for each further one: everybody hears of
#: everybody, so that the work grows with the square of their number.
GATHER, GATHER_EACH = 0.1, 0.002


@dataclass(frozen=True, slots=True)
class Seen:
    """One open sheet (``key``) of somebody, in a cell or in none; ``here`` false: it was closed."""

    workspace: str
    term_id: int
    key: str
    name: str
    row: int | None = None
    column: int | None = None
    here: bool = True

    @classmethod
    def of(cls, payload: str) -> "Seen":
        return cls(**json.loads(payload))

    async def tell(self) -> None:
        await database_sync_to_async(listening.tell)(CHANNEL, json.dumps(asdict(self), ensure_ascii=False))


class People:
    """Those in one table, as this process has heard."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, Seen]] = {}
        self._task: asyncio.Task[None] | None = None

    def take(self, seen: Seen, room: Room) -> None:
        """Remember it, and tell the room where it is news: a mere sign of life is none."""
        before = [other for _at, other in self._seen.values()]
        limit = time.monotonic() - FORGET
        self._seen = {key: entry for key, entry in self._seen.items() if entry[0] > limit}
        if seen.here:
            self._seen[seen.key] = (time.monotonic(), seen)
        else:
            self._seen.pop(seen.key, None)
        is_news = before != [other for _at, other in self._seen.values()]
        if is_news and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._tell(room))

    async def _tell(self, room: Room) -> None:
        """Everybody in the room hears who else is there; a cell only he who was shown its row and sees its column."""
        await asyncio.sleep(GATHER + GATHER_EACH * len(room.subscribers))
        for subscriber in room.subscribers:
            subscriber.put_people([self._shown(seen, subscriber) for _at, seen in self._seen.values()])

    def _shown(self, seen: Seen, to: Subscriber) -> dict[str, Any]:
        person: dict[str, Any] = {"key": seen.key, "name": seen.name}
        columns = to.access.schema.terms.get(seen.term_id)
        readable = columns is not None and (seen.column == seen.term_id or seen.column in columns.by_id)
        if seen.row is not None and readable and to.shown(seen.row):
            person |= {"row": seen.row, "column": seen.column}
        return person
