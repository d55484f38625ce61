"""SQL as it is put together a hundred times for a page: the pieces of ``psycopg.sql``, written out at once.

A tree of ``Composed`` costs more to build and to write out than the rest of a question costs Python. Nothing in it
depends on the connection: names are quoted in one way, values are bound.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, LiteralString

from psycopg.sql import Composable, Identifier, Literal, Placeholder


class SQL(Composable):
    """As ``psycopg.sql.SQL``: the text of a template, whose places take other pieces and nothing else."""

    _obj: str

    def __init__(self, text: LiteralString) -> None:
        self._obj = text

    def as_bytes(self, context: Any = None) -> bytes:
        return self._obj.encode()

    def format(self, *args: Composable, **named: Composable) -> "SQL":
        return SQL(self._obj.format(*map(written, args), **{name: written(one) for name, one in named.items()}))

    def join(self, pieces: Iterable[Composable]) -> "SQL":
        return SQL(self._obj.join(map(written, pieces)))


def written(piece: Composable) -> str:
    if type(piece) is SQL:
        return piece._obj
    if isinstance(piece, Identifier):
        return _quoted(*piece._obj)
    if isinstance(piece, Literal) and type(piece._obj) is int and piece._obj >= 0:
        return str(piece._obj)
    if type(piece) is Placeholder:
        return f"%({piece._obj})s"
    if not isinstance(piece, Composable):
        raise TypeError(f"not a piece of SQL: {piece!r}")
    return piece.as_string()


def quoted(*name: str) -> SQL:
    """An identifier."""
    return SQL(_quoted(*name))


@lru_cache(maxsize=65_536)
def _quoted(*name: str) -> str:
    return Identifier(*name).as_string()
