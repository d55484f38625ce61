"""Who is in the table, and in which cell: told through the database to every web process, kept nowhere."""

import json
import time
from dataclasses import asdict, dataclass
from typing import Any

from integram.grid.live.room import Room
from integram.grid.live.subscriber import Subscriber
from qdm.managers import listening

CHANNEL = "integram_presence"
#: Seconds after which somebody who has not been heard of is gone, and between signs of life.
FORGET, SIGN = 45, 20


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
        await listening.tell(CHANNEL, json.dumps(asdict(self), ensure_ascii=False))


class People:
    """Those in one table, as this process has heard."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, Seen]] = {}

    def take(self, seen: Seen) -> None:
        if seen.here:
            self._seen[seen.key] = (time.monotonic(), seen)
        else:
            self._seen.pop(seen.key, None)

    def tell(self, room: Room) -> None:
        """Everybody in the room hears who else is there; a cell only he who was shown its row and sees its column."""
        limit = time.monotonic() - FORGET
        self._seen = {key: entry for key, entry in self._seen.items() if entry[0] > limit}
        for subscriber in room.subscribers:
            subscriber.put({"people": [self._shown(seen, subscriber) for _at, seen in self._seen.values()]})

    def _shown(self, seen: Seen, to: Subscriber) -> dict[str, Any]:
        person: dict[str, Any] = {"key": seen.key, "name": seen.name}
        columns = to.access.schema.terms.get(seen.term_id)
        readable = columns is not None and (seen.column == seen.term_id or seen.column in columns.by_id)
        if seen.row is not None and readable and to.shown(seen.row):
            person |= {"row": seen.row, "column": seen.column}
        return person
