"""LISTEN: what PostgreSQL tells at commit, as an endless stream that survives the server going away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from qdm.managers import statements
from qdm.sql import statement

LISTENING, RESUMED = "listening", "resumed"
#: Seconds between attempts to reach the server again.
RETRY = 1.0


@dataclass(frozen=True, slots=True)
class Notice:
    """One NOTIFY; or ``LISTENING`` where listening begins, ``RESUMED`` where it does again after the connection was
    lost, so that anything may have been missed."""

    channel: str
    payload: str


async def notices(channels: tuple[str, ...]) -> AsyncIterator[Notice]:
    """Notices of these channels, for ever; the connection is made anew whenever it breaks."""
    first = True
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**parameters(), autocommit=True) as connection:
                for channel in channels:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                yield Notice(LISTENING if first else RESUMED, "")
                first = False
                async for notice in connection.notifies():
                    yield Notice(notice.channel, notice.payload)
        except psycopg.Error:
            first = False
            await asyncio.sleep(RETRY)


def tell(channel: str, payload: str) -> None:
    """Send a notice of one's own, at once outside of a transaction, else at its commit."""
    statements.row(statement("notify"), {"channel": channel, "payload": payload})


def parameters() -> dict[str, Any]:
    """Of the database Django uses, without what only its own connections take."""
    given = connections["default"].get_connection_params()
    return {key: value for key, value in given.items() if isinstance(value, str | int) and key != "pool"}
