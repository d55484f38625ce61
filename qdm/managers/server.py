"""The database server as one finds it."""

from dataclasses import dataclass

from qdm.managers import statements
from qdm.sql import statement


@dataclass(frozen=True, slots=True)
class Server:
    """``version``: as 180004 for 18.4. ``cases``: whether it lowers Cyrillic."""

    version: int
    max_connections: int
    encoding: str
    cases: bool


def look() -> Server:
    """Raises Django's ``OperationalError`` where it does not answer."""
    row = statements.row(statement("server"))
    assert row is not None
    return Server(*row)
