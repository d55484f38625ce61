"""Places in a long order: the cursor of every so many-th record, so that no page is far from one.

PostgreSQL walks what an OFFSET skips entry by entry, and reads the record of each where the order is of an expression
or has conditions. A ladder is walked once; whoever holds it asks for a page by the nearest rung.
"""

import time
from dataclasses import dataclass, replace

from qdm.access import Access
from qdm.managers import ladders
from qdm.query import cursor as cursors
from qdm.query.ast import Query
from qdm.query.compiler import Compiler
from qdm.selectors import records
from qdm.types.base import Locale

#: Seconds one rung may take: where rows are as rare as that, an offset is no dearer.
TOO_DEAR = 1.0
#: Records between two rungs where an index alone is read, some 0.1 µs for each.
QUICK_STEP = 25_000


@dataclass(frozen=True, slots=True)
class Ladder:
    """``rungs``: cursors of the records number step, 2 * step … from the start, as ``Query.after`` takes them; number
    ``places`` where those are given.

    ``more``: whether there are others behind them. ``quick``: a walk between them reads an index alone.
    """

    rungs: tuple[str, ...]
    step: int
    more: bool
    quick: bool
    places: tuple[int, ...] = ()


def ladder(
    term_id: int, query: Query, *, step: int, seconds: float, access: Access, locale: Locale | None = None
) -> Ladder:
    """All rungs where they are kept (``qdm.managers.ladders``); else as many as are found in ``seconds``, at least one,
    behind ``query.after``.

    ``step``: what is asked for; the answer's may be larger. No rungs in an order that no index follows: each would be
    a sort. Raises as ``records.page``.
    """
    term, compiler = access.term(term_id), Compiler(access, locale)
    if not compiler.walks(term, query):
        return Ladder((), step, more=False, quick=False)
    if query.after is None and (kept := ladders.of_order(compiler, term, query)) is not None:
        sorts = compiler.sorts(term, query)
        cursors_of = tuple(cursors.encode(sorts, rung.cursor) for rung in kept)
        return Ladder(cursors_of, step, more=False, quick=True, places=tuple(rung.place for rung in kept))
    quick = compiler.index_alone(term, query)
    step = max(step, QUICK_STEP) if quick else step
    query = replace(query, fields=(), limit=1, offset=step - 1, before=None)
    rungs: list[str] = []
    begun = last = time.monotonic()
    more = True
    while more:
        found = records.page(term_id, query, access=access, locale=locale).next
        if found is None:
            more = False
            break
        rungs.append(found)
        query = replace(query, after=found)
        now = time.monotonic()
        more = now - last <= TOO_DEAR
        last = now
        if now - begun >= seconds:
            break
    return Ladder(tuple(rungs), step, more, quick)
