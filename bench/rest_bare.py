"""The list of 20 as a bare ASGI view: uvicorn, one connection of psycopg, a prepared statement, orjson; no token, no
rights. What a call of ours takes beside it is ours; what it takes itself is the server's, the client's and HTTP's.

``BARE_LIST`` in the environment has what it needs, as JSON: conninfo, sql, term, keys, link.
"""

import json
import os
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import psycopg


def answer(term: int, keys: Sequence[str], link: str, found: Iterable[Sequence[Any]]) -> bytes:
    """Rows of the flat table (id, main value, cells, link, its label) as the interface writes them."""
    objects = []
    for record, val, *cells in found:
        reqs = {key: cell for key, cell in zip(keys, cells, strict=False) if cell is not None}
        reqs[link] = cells[-1]
        objects.append({"id": record, "val": val, "reqs": reqs})
    return orjson.dumps({"t": term, "objects": objects})


class View:
    def __init__(self, conninfo: str, sql: str, term: int, keys: list[str], link: str) -> None:
        self.conninfo, self.sql, self.shape = conninfo, sql, (term, keys, link)
        self.connection: psycopg.AsyncConnection[Any] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.connection is None:
            self.connection = await psycopg.AsyncConnection.connect(self.conninfo, autocommit=True)
        await receive()
        cursor = await self.connection.execute(self.sql, prepare=True)
        body = answer(*self.shape, await cursor.fetchall())
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def application() -> View:
    return View(**json.loads(os.environ["BARE_LIST"]))
