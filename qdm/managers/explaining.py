"""The plan of a statement that has run, asked for beside the work: on a connection of its own."""

from typing import Any, cast

import psycopg
from psycopg.sql import SQL

from qdm.managers.listening import parameters

#: Milliseconds for which a plan may be looked for.
PATIENCE = 5000


def plan(text: str, values: Any) -> str:
    """The plan PostgreSQL would take now for these values, which are in it. Raises psycopg.Error."""
    given = parameters()
    given["options"] = f"{given.get('options', '')} -c statement_timeout={PATIENCE} -c default_transaction_read_only=on"
    with psycopg.connect(**given) as connection:
        found = connection.execute(cast(Any, SQL("EXPLAIN {}").format(SQL(cast(Any, text)))), values)
        return "\n".join(line for (line,) in found)
