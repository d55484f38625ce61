"""Searches in the labels of references, looked up before the question is asked.

A search in all columns is met by a record's own texts or by the labels it refers to. As one condition no index answers
it; with the few records meant by the text known, the index of the reference does.
"""

from collections.abc import Iterator, Set

from psycopg.sql import Literal

from qdm.query import inside
from qdm.query.ast import Op, Query
from qdm.query.bound import All, Any, Bound, Field, Special, Test
from qdm.query.compiler import Compiler
from qdm.query.lookups import all_sql
from qdm.query.scope import Scope, label_search
from qdm.query.statement import Statement
from qdm.query.text import SQL
from qdm.schema import Term

#: More records than that are no use to an index; what they are in is found soon by walking.
MOST = 5_000


def searches(compiler: Compiler, term: Term, query: Query) -> set[tuple[int, str]]:
    """Term and text of the searches of a question to a table whose own texts have an index."""
    found = set(_of(compiler.binder.filter(query.filter, term)))
    whole = (compiler.access.whole or compiler.access.schema).terms[term.id]
    return found if found and inside.index_name(whole) in compiler.access.schema.indexes else set()


def _of(item: Bound) -> Iterator[tuple[int, str]]:
    match item:
        case Any(items):
            for one in items:
                found = label_search(one)
                yield from _of(one) if found is None else (found,)
        case All(items):
            for one in items:
                yield from _of(one)


def look_up(compiler: Compiler, asked: Set[tuple[int, str]]) -> Statement:
    """Number of the search in their order, and id: of each at most MOST + 1 records that are seen."""
    build = compiler.build()
    parts = []
    for at, (term_id, text) in enumerate(sorted(asked)):
        scope = Scope(build, compiler.access.schema.terms[term_id])
        test = Test(Field(scope.term, Special.MAIN), Op.CONTAINS, (text,))
        where = all_sql(compiler.conditions(scope, test))
        parts.append(
            SQL("(SELECT {}::int, {} FROM {} WHERE {} LIMIT {})").format(
                Literal(at), scope.column("id"), scope.source, where, Literal(MOST + 1)
            )
        )
    return Statement(SQL(" UNION ALL ").join(parts), build.params.values)
