"""Bulk load of ``node``: ids in blocks, rows by COPY. Only the loader of sheets comes here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, cast

from django.db import connection

from qdm.managers import statements
from qdm.managers.errors import domain_errors
from qdm.sql import statement

#: Node row as COPY takes it: id, up, t, val.
NodeRow = tuple[int, int, int, str | None]


class Ids:
    """New node ids of one workspace, drawn ahead of need: while a COPY runs its connection answers nothing else."""

    def __init__(self, ws: str) -> None:
        self._ws = ws
        self._ranges: list[range] = []
        self._left = 0

    def ensure(self, count: int) -> None:
        """Have at least so many ids ready for ``take``."""
        if self._left < count:
            self._ranges += self.block(count - self._left)
            self._left = sum(map(len, self._ranges))

    def block(self, count: int) -> list[range]:
        """Ids beside those of ``take``, as ascending ranges."""
        drawn = statements.rows(statement("reserve_ranges", ws=self._ws), {"count": count}) if count else []
        return [range(first, first + number) for first, number in drawn]

    @contextmanager
    def take(self) -> Iterator[Callable[[], int]]:
        """``next_id()`` as long as ``ensure`` has provided for; what is left over stays."""
        used = 0
        ids = chain.from_iterable(self._ranges)

        def next_id() -> int:
            nonlocal used
            used += 1
            return next(ids)

        try:
            yield next_id
        finally:
            self._drop(used)

    def _drop(self, used: int) -> None:
        while used:
            first = self._ranges[0]
            taken = min(used, len(first))
            self._ranges[0] = first[taken:]
            if not self._ranges[0]:
                del self._ranges[0]
            used -= taken
        self._left = sum(map(len, self._ranges))


@contextmanager
def copy_nodes(ws: str) -> Iterator[Callable[[NodeRow], None]]:
    """A COPY into ``node``: the yielded function writes one row. The triggers run when the block ends."""
    with domain_errors(), connection.cursor() as cursor, cast(Any, cursor).copy(statement("copy_nodes", ws=ws)) as copy:
        yield copy.write_row


def analyze(ws: str, table: str) -> None:
    statements.run(statement("analyze", ws=ws, table=table))
