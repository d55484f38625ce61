"""A composed statement and the values bound to it."""

import re
from collections.abc import Iterable, Mapping
from typing import LiteralString, NamedTuple, cast

from psycopg.sql import Composable, Placeholder

from qdm.query.text import SQL

_PLACE = re.compile(r"%\((\w+)\)s")


class Params:
    """Values of one statement, bound by name, so that a part of it may stand in several places."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def bind(self, value: object, cast: Composable | None = None) -> Composable:
        """A placeholder for the value, cast where the driver could not know the type."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        placeholder = Placeholder(name)
        return SQL("{}::{}").format(placeholder, cast) if cast is not None else placeholder

    def ids(self, ids: Iterable[int]) -> Composable:
        """An array of ids. As one text: the driver would write a list element by element, 1 ms for a thousand."""
        return self.bind("{" + ",".join(map(str, ids)) + "}", SQL("bigint[]"))

    def embed(self, text: str, values: Mapping[str, object]) -> Composable:
        """A trusted static statement with its ``%(name)s`` places bound under names that cannot clash."""
        bound = {name: self.bind(value) for name, value in values.items()}
        parts = _PLACE.split(text)  # text, name, text, name, ..., text
        pieces = (bound[part] if at % 2 else SQL(cast(LiteralString, part)) for at, part in enumerate(parts))
        return SQL("").join(pieces)


class Statement(NamedTuple):
    """What a manager runs: ``statements.rows(*statement)``."""

    sql: Composable
    params: Mapping[str, object]
