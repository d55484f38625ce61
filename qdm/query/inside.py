"""What is looked for inside texts: the index of trigrams a table may have, and what may be asked of it.

One index by use holds the runs of three characters of all texts of a record (``qdm.trigrams``), so it answers for any
column and for all of them at once. It says where a text may be; whether it is, and may be seen, is still tested.
"""

import hashlib
from collections.abc import Callable

from psycopg.sql import Composable

from qdm.query import lookups
from qdm.query.lookups import Kind
from qdm.query.text import SQL
from qdm.schema import Requisite, Term
from qdm.types.base import BaseType

#: A shorter text has no trigram: it is found in most records or looked for in all.
SHORTEST = 3
#: What separates trigrams where they are cut.
_MARK = "\x01"


def columns(term: Term) -> list[Requisite]:
    """The columns in the index, beside the main value; ``qdm.indexes_by_use`` says the same."""
    return sorted((r for r in term.cells if is_covered(r)), key=lambda r: r.id)


def is_covered(requisite: Requisite) -> bool:
    is_text = not requisite.is_reference and lookups.kind_of(requisite.base) is Kind.TEXT
    return is_text and requisite.base is not BaseType.PWD


def index_name(term: Term) -> str:
    """Of an index over the columns the table has now: with others it is another one. ``term``: unpruned."""
    ids = ",".join(str(r.id) for r in columns(term))
    return f"t_{term.id}_g{hashlib.md5(ids.encode(), usedforsecurity=False).hexdigest()[:8]}"


def is_long_enough(text: str) -> bool:
    return len(text) >= SHORTEST and _MARK not in text


def may_hold(term: Term, column: Callable[[str], Composable], text: Composable) -> Composable:
    """The condition the index answers, of every record that has the text in one of its columns and of few others."""
    texts = [column("val")]
    texts += [SQL("qdm.lines({})" if r.multiple else "{}").format(column(r.column)) for r in columns(term)]
    return SQL('(qdm.trigrams(ARRAY[{}]) COLLATE "C") @> qdm.trigrams_in({})').format(SQL(", ").join(texts), text)
