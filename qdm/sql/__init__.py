"""Static SQL: one trusted loader of the files beside it.

``queries/*.sql`` are statements, their purpose in the first line; ``{ws}`` and other braces stand for identifiers.
``schema/*.sql`` are the functions of the schema ``qdm``, installed by migrations in the order of their names.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from psycopg import sql

HERE = Path(__file__).parent


@cache
def _template(name: str) -> sql.SQL:
    text = (HERE / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    return sql.SQL(text)


@lru_cache(maxsize=1024)
def statement(name: str, **identifiers: str) -> sql.SQL:
    """The statement in ``queries/<name>.sql`` with its ``{identifier}`` places filled, quoted as identifiers.

    In one piece: the driver would put together the parts of it at every use.
    """
    filled = _template(name).format(**{key: sql.Identifier(value) for key, value in identifiers.items()})
    return sql.SQL(filled.as_string())


def schema_files() -> list[tuple[str, str]]:
    """Name and text of each file of ``schema/``, in the order they are to be run."""
    return [(path.name, path.read_text(encoding="utf-8")) for path in sorted((HERE / "schema").glob("*.sql"))]


def install(_apps: object, schema_editor: Any) -> None:
    """All files of ``schema/``, as they are now: for RunPython of a migration that changes any of them."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")
        for _name, text in schema_files():
            cursor.execute(text)
