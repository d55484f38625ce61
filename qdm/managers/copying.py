"""Whole tables as streams of COPY, in and out, for archives of workspaces."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.db import connection
from psycopg.sql import Composable

from qdm.managers.errors import domain_errors

#: Bytes gathered before they are handed on: the server sends row by row.
BLOCK = 2**18


def out(statement: Composable) -> Iterator[bytes]:
    """What ``COPY ... TO STDOUT`` yields, in blocks. Nothing else can be asked of the connection meanwhile."""
    with domain_errors(), connection.cursor() as cursor, cast(Any, cursor).copy(statement) as copy:
        block = bytearray()
        for row in copy:
            block += row
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
        yield bytes(block)


def into(statement: Composable, blocks: Iterable[bytes]) -> int:
    """Feed ``COPY ... FROM STDIN``; number of rows."""
    with domain_errors(), connection.cursor() as cursor:
        with cast(Any, cursor).copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        return int(cursor.rowcount)
